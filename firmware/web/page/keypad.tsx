/** The twelve keys (ITU-T E.161). A key is down as long as it is held, so that its tone lasts as long. */
import type { Key } from '#hal/types.ts';
import { press } from './actions.ts';
import { useStore } from './store.ts';

const KEYS: readonly (readonly [Key, letters: string, name?: string])[] = [
  ['1', ''],
  ['2', 'ABC'],
  ['3', 'DEF'],
  ['4', 'GHI'],
  ['5', 'JKL'],
  ['6', 'MNO'],
  ['7', 'PQRS'],
  ['8', 'TUV'],
  ['9', 'WXYZ'],
  ['*', '', 'star'],
  ['0', '+'],
  ['#', '', 'hash'],
];

export function Keypad() {
  return (
    <fieldset class="keypad" aria-label="Keypad">
      {KEYS.map(([key, letters, name]) => (
        <KeyCap key={key} digit={key} letters={letters} name={name ?? key} />
      ))}
    </fieldset>
  );
}

interface KeyCapProps {
  readonly digit: Key;
  readonly letters: string;
  readonly name: string;
}

function KeyCap({ digit, letters, name }: KeyCapProps) {
  const down = useStore((state) => state.held.includes(digit));
  const hold = (event: PointerEvent) => {
    if (event.button !== 0) return;
    const cap = event.currentTarget as HTMLElement;
    cap.setPointerCapture(event.pointerId);
    press(digit, true);
    cap.addEventListener('lostpointercapture', () => press(digit, false), { once: true });
  };
  // Enter, Space and assistive technology make a click without a pointer.
  const tap = (event: MouseEvent) => {
    if (event.detail > 0) return;
    press(digit, true);
    setTimeout(() => press(digit, false), 120);
  };
  return (
    <button
      type="button"
      class="key"
      aria-label={name}
      data-key={digit}
      data-down={down}
      onPointerDown={hold}
      onClick={tap}
    >
      <span class="digit">{digit === '*' ? '✱' : digit}</span>
      <span class="letters">{letters}</span>
    </button>
  );
}
