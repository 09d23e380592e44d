/** What the page shows. One value, replaced at each change; components follow it with `useStore`. */
import { useEffect, useState } from 'preact/hooks';
import type { Key } from '#hal/types.ts';
import type { Front, Status, TraceEntry } from '#phone/types.ts';
import type { LinkState } from './link.ts';
import type { SoundState } from './sound/sound.ts';
import { type Heading, headingOf, readable } from './text.ts';

const MOST_TRACED = 500;

export interface Traced {
  readonly id: number;
  readonly entry: TraceEntry;
  readonly text: string;
  readonly heading: Heading;
}

export interface PageState {
  readonly link: LinkState;
  readonly front: Front;
  readonly status: Status | null;
  readonly trace: readonly Traced[];
  readonly sound: SoundState;
  /** Keys that are held down here. */
  readonly held: readonly Key[];
  /** Why the last wish was not granted. */
  readonly refusal: string | null;
}

const START: PageState = {
  link: 'connecting',
  front: { lines: [], lamps: {}, hook: 'on', bell: null, volume: 0 },
  status: null,
  trace: [],
  sound: { handset: 'off', microphone: { state: 'off' }, unlocked: false },
  held: [],
  refusal: null,
};

let state = START;
let traced = 0;
const listeners = new Set<() => void>();

export function current(): PageState {
  return state;
}

export function change(part: Partial<PageState>): void {
  state = { ...state, ...part };
  for (const listener of listeners) listener();
}

export function addTrace(entry: TraceEntry): void {
  const text = readable(entry.text);
  const line: Traced = { id: ++traced, entry, text, heading: headingOf(text) };
  change({ trace: [...state.trace, line].slice(-MOST_TRACED) });
}

export function useStore<T>(select: (state: PageState) => T): T {
  const [, redraw] = useState({});
  useEffect(() => {
    let before = select(state);
    const listener = () => {
      const now = select(state);
      if (now !== before) redraw({});
      before = now;
    };
    listeners.add(listener);
    // Something may have changed between drawing and listening.
    redraw({});
    return () => listeners.delete(listener);
  }, []);
  return select(state);
}
