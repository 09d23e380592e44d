/** What the handset's actions mean to the call that it deals with. */
import type { Key } from '#hal/types.ts';
import type { HandsetAction } from './handset_states.ts';
import type { PhoneCall } from './phone_call.ts';
import { en } from './texts/en.ts';
import type { PhoneTimings } from './timings.ts';
import type { PhoneEffect } from './types.ts';

/** `key`: of `send-dtmf`. Actions that are no call's cause nothing. */
export function onCall(
  action: HandsetAction,
  call: PhoneCall,
  { now, key, timings }: { now: number; key: Key | undefined; timings: PhoneTimings },
): readonly PhoneEffect[] {
  switch (action) {
    case 'accept':
      return call.pickUp(now);
    case 'reject':
      return call.reject(486, en.rejected);
    case 'give-up':
      return call.reject(480, en.noAnswer);
    case 'hang-up':
      return call.hangUp(en.weHungUp);
    case 'send-dtmf':
      return key === undefined ? [] : call.dtmf(key, timings.dtmf);
    case 'hold':
    case 'resume':
      return call.hold(action === 'hold');
    default:
      return [];
  }
}
