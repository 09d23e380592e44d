/** SIP messages in a list: a line each, the whole text where it is opened. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Traced } from './traced.ts';

/** The newest is at the bottom and stays in view, unless somebody reads further up. */
export function Messages({ list }: { readonly list: readonly Traced[] }) {
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
    <ol class="messages" ref={box} onScroll={scrolled} aria-label="SIP messages">
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
        {open && (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, which keys have to be able to
          <pre tabIndex={0}>{text.trimEnd()}</pre>
        )}
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
