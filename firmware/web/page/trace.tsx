/** SIP messages as they pass. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { change, type Traced, useStore } from './store.ts';

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

/** The newest is at the bottom and stays in view, unless somebody reads further up. */
function Messages({ list }: { readonly list: readonly Traced[] }) {
  const box = useRef<HTMLOListElement>(null);
  const following = useRef(true);
  useEffect(() => {
    if (following.current) box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [list]);
  const scrolled = () => {
    const { scrollTop = 0, scrollHeight = 0, clientHeight = 0 } = box.current ?? {};
    following.current = scrollHeight - scrollTop - clientHeight < 24;
  };
  return (
    <ol class="messages" ref={box} onScroll={scrolled}>
      {list.map((line) => (
        <Message key={line.id} line={line} />
      ))}
    </ol>
  );
}

function Message({ line: { entry, heading, text } }: { readonly line: Traced }) {
  const [open, setOpen] = useState(false);
  return (
    <li>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <time>{clock(entry.time)}</time>
          <span class="way" data-way={entry.direction} title={entry.direction === 'in' ? 'received' : 'sent'}>
            {entry.direction === 'in' ? '←' : '→'}
          </span>
          <b class="label" data-kind={heading.kind}>
            {heading.label}
          </b>
          <bdi class="rest">{heading.rest}</bdi>
          <small>
            {entry.transport.toUpperCase()} {entry.remote}
          </small>
        </summary>
        {open && <pre>{text.trimEnd()}</pre>}
      </details>
    </li>
  );
}

/** Local time of day with milliseconds. */
function clock(time: number): string {
  const at = new Date(time);
  const two = (value: number) => String(value).padStart(2, '0');
  const seconds = `${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`;
  return `${two(at.getHours())}:${two(at.getMinutes())}:${seconds}`;
}
