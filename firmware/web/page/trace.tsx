/** SIP messages as they pass. */
import { useState } from 'preact/hooks';
import { change, useStore } from './store.ts';
import { Messages } from './trace_list.tsx';
import type { Traced } from './traced.ts';

/** The list as it stood when it was stopped, and the newest message there was. */
interface Pause {
  readonly list: readonly Traced[];
  readonly last: number;
}

export function TracePanel() {
  const trace = useStore((state) => state.trace);
  const [paused, pause] = useState<Pause | null>(null);
  const last = trace.at(-1)?.id ?? 0;
  const missed = paused === null ? 0 : Math.max(0, last - paused.last);
  const list = paused?.list ?? trace;
  const clear = () => {
    change({ trace: [] });
    if (paused !== null) pause({ list: [], last });
  };
  return (
    <section class="panel trace" aria-label="SIP trace">
      <div class="bar">
        <h2>SIP trace</h2>
        <button
          type="button"
          class="small"
          aria-pressed={paused !== null}
          onClick={() => pause(paused ? null : { list: trace, last })}
        >
          {paused === null ? 'Pause' : missed > 0 ? `Resume (${missed} new)` : 'Resume'}
        </button>
        <button type="button" class="small" onClick={clear}>
          Clear
        </button>
      </div>
      {list.length === 0 ? <p class="none">Nothing has passed yet.</p> : <Messages list={list} />}
    </section>
  );
}
