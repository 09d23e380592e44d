/** What the page shows. One value, replaced at each change; components follow it with `useStore`. */
import type { Key } from '#hal/types.ts';
import type { Front, Status, TraceEntry } from '#phone/types.ts';
import type { LinkState } from './link.ts';
import { observable } from './observable.ts';
import type { SoundState } from './sound/sound.ts';
import { type Traced, tracedOf } from './traced.ts';

const MOST_TRACED = 500;

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

export const { current, change, use: useStore } = observable(START);

export function addTrace(entry: TraceEntry): void {
  change({ trace: [...current().trace, tracedOf(entry)].slice(-MOST_TRACED) });
}
