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
  return (
    <div class="brow">
      <span class="brand">dualtone</span>
      <ul class="lamps" aria-label="Lamps">
        {Object.entries(lamps).map(([name, pattern]) => (
          <li key={name} title={`${visible(name)}: ${WORDS[pattern]}`}>
            {visible(name)}
            <span class="aloud">: {WORDS[pattern]}</span>
            <span class="lamp" data-lamp={name} data-pattern={pattern} />
          </li>
        ))}
      </ul>
    </div>
  );
}
