/** SIP messages as they pass, and as a file for those who know how to read more of them. */
import { useState } from 'preact/hooks';
import { Messages } from '../trace_list.tsx';
import type { Traced } from '../traced.ts';
import { api } from './interface.ts';
import { change, useAdmin } from './state.ts';

export function TraceSection() {
  const trace = useAdmin((state) => state.trace);
  const [paused, pause] = useState<readonly Traced[] | null>(null);
  const list = paused ?? trace;
  return (
    <section class="panel trace">
      <div class="bar">
        <a class="small" href={api('trace.pcapng')} download="dualtone.pcapng">
          Save as pcapng
        </a>
        <button
          type="button"
          class="small"
          aria-pressed={paused !== null}
          onClick={() => pause(paused ? null : trace)}
        >
          Pause
        </button>
        <button
          type="button"
          class="small"
          onClick={() => {
            change({ trace: [] });
            pause(null);
          }}
        >
          Clear
        </button>
      </div>
      {list.length === 0 ? <p class="none">Nothing has passed yet.</p> : <Messages list={list} />}
      <p class="hint">Digest responses, passwords and keys are masked, here and in the file.</p>
    </section>
  );
}
