/** When nobody uses the telephone: what waits for that, a new configuration or a resync, waits for the same. */
import type { Phone } from '#phone/phone.ts';

/** No call goes on, nothing rings or is heard, and neither receiver nor line is taken. */
export function isIdle(phone: Pick<Phone, 'state' | 'calls' | 'front'>): boolean {
  const isQuiet = phone.state === 'idle' && phone.calls().every(({ state }) => state === 'ended');
  return isQuiet && phone.front().hook === 'on';
}
