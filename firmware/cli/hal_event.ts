/** Checks an event of the handset that came in as JSON. */
import type { Control } from '#phone/types.ts';

type HalEvent = Parameters<Control['operate']>[0];
type Key = Extract<HalEvent, { kind: 'key' }>['key'];

const KEYS: readonly string[] = [...'0123456789*#'];

export function isKey(text: unknown): text is Key {
  return typeof text === 'string' && KEYS.includes(text);
}

/** Throws when it is none of hook, flash, key and volume. */
export function halEvent(value: unknown): HalEvent {
  const event = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  const { kind, state, key, down, step } = event;
  if (kind === 'hook' && (state === 'on' || state === 'off')) return { kind, state };
  if (kind === 'flash') return { kind };
  if (kind === 'key' && isKey(key) && typeof down === 'boolean') return { kind, key, down };
  if (kind === 'volume' && (step === 1 || step === -1)) return { kind, step };
  throw new Error('no such event of the handset');
}
