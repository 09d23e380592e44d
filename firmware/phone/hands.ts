/** What hands do to the telephone: each event of the hardware as an event of the handset's table, or an effect. */
import type { FunctionKey, HalEvent, Key } from '#hal/types.ts';
import type { Handset } from './handset.ts';
import type { HandsetEvent } from './handset_states.ts';
import type { Panel } from './panel.ts';
import type { PhoneEffect } from './types.ts';

export type Deed =
  | { readonly kind: 'raise'; readonly event: HandsetEvent; readonly key?: Key }
  | { readonly kind: 'redial' }
  | { readonly kind: 'effect'; readonly effect: PhoneEffect };

type Raised = HandsetEvent | undefined;

/** What a key does when it goes down. Keys that are missing do nothing yet. */
const FUNCTIONS: Partial<Record<FunctionKey, (handset: Handset, panel: Panel) => Raised | 'redial'>> = {
  redial: () => 'redial',
  hold: () => 'flash',
  speaker: (handset) => handset.speakerKey(),
  headset: (handset) => handset.headsetKey(),
  mute: (_handset, panel) => {
    panel.turnMute();
    return undefined;
  },
};

/** undefined: nothing is to be done. */
export function deedOf(event: HalEvent, handset: Handset, panel: Panel): Deed | undefined {
  switch (event.kind) {
    case 'hook':
      return raise(handset.hook(event.state));
    case 'flash':
      return raise('flash');
    case 'key':
      return event.down ? { kind: 'raise', event: 'digit', key: event.key } : undefined;
    case 'function': {
      const done = event.down ? FUNCTIONS[event.key]?.(handset, panel) : undefined;
      return done === 'redial' ? { kind: 'redial' } : raise(done);
    }
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
