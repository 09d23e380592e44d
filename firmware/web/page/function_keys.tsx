/** Keys that are no digits. Those that have a lamp on the phone say whether it is lit. */
import type { FunctionKey } from '#hal/types.ts';
import { pressFunction } from './actions.ts';
import { useStore } from './store.ts';

interface FunctionCap {
  readonly key: FunctionKey;
  readonly label: string;
  /** On the computer's keyboard. */
  readonly shortcut: string;
  readonly title: string;
  readonly lamp?: string;
}

const CAPS: readonly FunctionCap[] = [
  { key: 'redial', label: 'Redial', shortcut: 'R', title: 'The last number again' },
  { key: 'hold', label: 'Hold', shortcut: 'H', title: 'Hold the call, and go on' },
  { key: 'mute', label: 'Mute', shortcut: 'M', title: 'They hear nothing of you', lamp: 'mute' },
  { key: 'speaker', label: 'Speaker', shortcut: 'S', title: 'Talk without the handset', lamp: 'speaker' },
  { key: 'phone-book', label: 'Book', shortcut: 'B', title: 'Phone book: again for the next name' },
  { key: 'messages', label: 'Mailbox', shortcut: 'V', title: 'Call the mailbox' },
];

/** By the letter that presses them. */
export const FUNCTION_SHORTCUTS: ReadonlyMap<string, FunctionKey> = new Map(
  CAPS.map(({ key, shortcut }) => [shortcut.toLowerCase(), key]),
);

export function FunctionKeys() {
  const lamps = useStore((state) => state.front.lamps);
  return (
    <fieldset class="functions" aria-label="Function keys">
      {CAPS.map(({ key, label, shortcut, title, lamp }) => (
        <button
          key={key}
          type="button"
          class="small"
          data-function={key}
          aria-keyshortcuts={shortcut}
          aria-pressed={lamp === undefined ? undefined : isLit(lamps[lamp])}
          title={`${title} (${shortcut})`}
          onClick={() => pressFunction(key)}
        >
          {label}
        </button>
      ))}
    </fieldset>
  );
}

const isLit = (pattern: string | undefined): boolean => pattern !== undefined && pattern !== 'off';
