/** What the telephone said of itself, the newest last. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { LogLevel } from '../../admin/types.ts';
import { visible } from '../text.ts';
import { Choice } from './field.tsx';
import { useAdmin } from './state.ts';

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];
const NAMES: readonly (readonly [LogLevel, string])[] = [
  ['debug', 'everything'],
  ['info', 'information and worse'],
  ['warn', 'warnings and worse'],
  ['error', 'errors'],
];

export function LogSection() {
  const log = useAdmin((state) => state.log);
  const [least, setLeast] = useState<LogLevel>('debug');
  const list = log.filter(({ level }) => LEVELS.indexOf(level) >= LEVELS.indexOf(least));
  const box = useRef<HTMLOListElement>(null);
  useEffect(() => {
    box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [list.length]);
  return (
    <section class="panel">
      <Choice label="Show" value={least} options={NAMES} onChange={(value) => setLeast(value as LogLevel)} />
      {list.length === 0 ? (
        <p class="none">Nothing to tell.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys
        <ol class="log" ref={box} tabIndex={0} aria-label="Log lines">
          {list.map(({ id, time, level, text }) => (
            <li key={id} data-level={level}>
              <time>{new Date(time).toLocaleTimeString()}</time> <b>{level}</b> {visible(text)}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
