/** What the keys of a board profile are called, and what a press of each means to the telephone. */
import type { FunctionKey, HalEvent, Key } from '../types.ts';

export const DIGIT_KEYS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#'] as const;

export const FUNCTION_KEYS = [
  'redial',
  'mute',
  'speaker',
  'headset',
  'hold',
  'phone-book',
  'messages',
] as const;

/** `flash` is the recall key (R). */
export const KEY_NAMES = [...DIGIT_KEYS, ...FUNCTION_KEYS, 'flash', 'volume+', 'volume-'] as const;

export type KeyName = (typeof KEY_NAMES)[number];

/** Events of a key that goes down or up. */
export function keyEvents(name: KeyName, down: boolean): readonly HalEvent[] {
  if (isDigit(name)) return [{ kind: 'key', key: name, down }];
  if (name === 'flash') return down ? [{ kind: 'flash' }] : [];
  if (name === 'volume+' || name === 'volume-')
    return down ? [{ kind: 'volume', step: name === 'volume+' ? 1 : -1 }] : [];
  return [{ kind: 'function', key: name satisfies FunctionKey, down }];
}

function isDigit(name: KeyName): name is Key {
  return DIGIT_KEYS.some((key) => key === name);
}
