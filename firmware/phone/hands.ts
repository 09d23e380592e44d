/** What hands do to the telephone: each event of the hardware as an event of the handset's table, or an effect. */
import type { FunctionKey, HalEvent, Key } from '#hal/types.ts';
import type { Handset } from './handset.ts';
import type { HandsetEvent } from './handset_states.ts';
import type { Panel } from './panel.ts';
import type { Shortcuts } from './shortcuts.ts';
import type { PhoneEffect } from './types.ts';

export type Deed =
  | { readonly kind: 'raise'; readonly event: HandsetEvent; readonly key?: Key }
  /** Calls; `event`: after this one, by which the line is seized. */
  | { readonly kind: 'call'; readonly number: string; readonly event?: HandsetEvent }
  /** A line for people. */
  | { readonly kind: 'tell'; readonly text: string }
  | { readonly kind: 'effect'; readonly effect: PhoneEffect };

/** What hands find. */
export interface Hands {
  readonly handset: Handset;
  readonly panel: Panel;
  readonly shortcuts: Shortcuts;
}

type Raised = HandsetEvent | undefined;

/** What a key does when it goes down; those that are missing are shortcuts. */
const FUNCTIONS: Partial<Record<FunctionKey, (handset: Handset, panel: Panel) => Raised>> = {
  hold: () => 'flash',
  speaker: (handset) => handset.speakerKey(),
  headset: (handset) => handset.headsetKey(),
  mute: (_handset, panel) => {
    panel.turnMute();
    return undefined;
  },
};

/** undefined: nothing is to be done. */
export function deedOf(event: HalEvent, { handset, panel, shortcuts }: Hands, now: number): Deed | undefined {
  const wish = shortcuts.handle(event, handset.state, now);
  if (wish === undefined) return plainDeed(event, handset, panel);
  if (wish.kind === 'taken') return undefined;
  if (wish.kind === 'tell') return wish;
  // Lifting to call somebody of the book is lifting all the same.
  const raised = event.kind === 'hook' ? handset.hook(event.state) : undefined;
  return raised === undefined ? wish : { ...wish, event: raised };
}

function plainDeed(event: HalEvent, handset: Handset, panel: Panel): Deed | undefined {
  switch (event.kind) {
    case 'hook':
      return raise(handset.hook(event.state));
    case 'flash':
      return raise('flash');
    case 'key':
      return event.down ? { kind: 'raise', event: 'digit', key: event.key } : undefined;
    case 'function':
      return raise(event.down ? FUNCTIONS[event.key]?.(handset, panel) : undefined);
    case 'volume':
      return { kind: 'effect', effect: panel.turnVolume(event.step) };
    case 'headset':
      handset.plug(event.plugged);
      return undefined;
    case 'ringer': {
      const { cadence, wav } = event;
      const sound = wav === undefined ? {} : { sound: wav };
      const ring = cadence === undefined ? {} : { ring: { cadence, ...sound } };
      return { kind: 'effect', effect: { kind: 'media', command: { kind: 'ring', ...ring } } };
    }
    case 'part': {
      const effect = panel.partIs(event.status);
      return effect && { kind: 'effect', effect };
    }
    default:
      return undefined;
  }
}

function raise(event: Raised): Deed | undefined {
  return event === undefined ? undefined : { kind: 'raise', event };
}
