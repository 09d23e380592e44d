/** Checks an event of the handset that came in as JSON. */
import type { Control } from '#phone/types.ts';

type HalEvent = Parameters<Control['operate']>[0];
type Key = Extract<HalEvent, { kind: 'key' }>['key'];

type FunctionKey = Extract<HalEvent, { kind: 'function' }>['key'];

const KEYS: readonly string[] = [...'0123456789*#'];
export const FUNCTION_KEYS: readonly FunctionKey[] = [
  'redial',
  'mute',
  'speaker',
  'headset',
  'hold',
  'phone-book',
  'messages',
];

export function isKey(text: unknown): text is Key {
  return typeof text === 'string' && KEYS.includes(text);
}

export function isFunctionKey(text: unknown): text is FunctionKey {
  return FUNCTION_KEYS.some((key) => key === text);
}

/** Throws when it is nothing that a hand does to a handset. */
export function halEvent(value: unknown): HalEvent {
  const event = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  const { kind, state, key, down, step, plugged } = event;
  if (kind === 'hook' && (state === 'on' || state === 'off')) return { kind, state };
  if (kind === 'flash') return { kind };
  if (kind === 'key' && isKey(key) && typeof down === 'boolean') return { kind, key, down };
  if (kind === 'function' && isFunctionKey(key) && typeof down === 'boolean') return { kind, key, down };
  if (kind === 'headset' && typeof plugged === 'boolean') return { kind, plugged };
  if (kind === 'volume' && (step === 1 || step === -1)) return { kind, step };
  throw new Error('no such event of the handset');
}
