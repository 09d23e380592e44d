/** The phone's lamps, and its brand above the display. */
import type { LampPattern } from '#hal/types.ts';
import { useStore } from './store.ts';
import { visible } from './text.ts';

const WORDS: Readonly<Record<LampPattern, string>> = {
  off: 'off',
  on: 'on',
  slow: 'blinking slowly',
  double: 'blinking twice',
  fast: 'blinking fast',
  breathing: 'glowing up and down',
};

export function Lamps() {
  const lamps = useStore((state) => state.front.lamps);
  const named = Object.entries({ message: 'off' as LampPattern, ...lamps });
  return (
    <div class="brow">
      <span class="brand">dualtone</span>
      <ul class="lamps" aria-label="Lamps">
        {named.map(([name, pattern]) => (
          <li key={name} class="lamp" data-pattern={pattern} title={`${visible(name)}: ${WORDS[pattern]}`}>
            <span class="aloud">
              {visible(name)}: {WORDS[pattern]}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
