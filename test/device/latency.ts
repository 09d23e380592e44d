/** What a person waits for at a telephone in a guest, ms: each from the edge on the line to what comes of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../bench/rate.ts';
import { pitchNear } from '../support/goertzel.ts';
import { RATE } from './inside/sound.ts';
import type { Change } from './inside/watcher.ts';
import type { Telephone } from './telephone.ts';

/** ms after which the next measurement finds the telephone at rest. */
const REST = 700;

export interface Waits {
  readonly median: number;
  readonly most: number;
}

/** Of measurements one after the other. */
export function waitsOf(values: readonly number[]): Waits {
  return { median: median(values), most: Math.max(...values) };
}

/** From the lifted hook to the dial tone; the telephone is put down again. It has to be listened to already. */
export async function hookToDialTone(phone: Telephone): Promise<number> {
  const { ms } = await dialTone(phone, 0);
  return ms;
}

/** The same, and by how much, %, the tone's only frequency is off, at worst, in each tenth of its first half second. */
export async function dialTonePitch(phone: Telephone, hz: number): Promise<{ ms: number; off: number }> {
  const { ms, heard } = await dialTone(phone, 600);
  const recording = await phone.heard();
  const tenths = [0, 100, 200, 300, 400].map((from) =>
    pitchNear(recording.between(heard + from, heard + from + 100), hz, RATE),
  );
  return { ms, off: Math.max(...tenths.map((each) => (100 * Math.abs(each - hz)) / hz)) };
}

/** It sounds for `long` ms after it was heard. */
async function dialTone(phone: Telephone, long: number): Promise<{ ms: number; heard: number }> {
  const lifted = await phone.hook('off');
  const heard = await phone.soundSince(lifted);
  await sleep(long);
  await phone.hook('on');
  await sleep(REST);
  return { ms: heard - lifted, heard };
}

/** From a key that goes down to a change of the display, which then shows its digit; the telephone dials. */
export async function keyToScreen(phone: Telephone, key: string): Promise<number> {
  const { puppet } = phone;
  await puppet.does('watch', 'screen', { rows: phone.screenFile });
  await sleep(100);
  const pressed = await phone.press(key);
  const seen = await phone.until('the key on the display', 3000, async () =>
    (await puppet.does('watched', 'screen')).find(({ at }) => at > pressed),
  );
  await puppet.does('unwatch', 'screen');
  return seen.at - pressed;
}

/** From the lifted telephone until ring voltage and alternation have ended; `changes` as an adapter watches them. */
export function ringTrip(changes: readonly Change[], lifted: number): number {
  const ends = changes.filter(
    ({ name, text, at }) => at > lifted && text !== '1' && (name === 'rm' || name === 'enable'),
  );
  return Math.max(...ends.map(({ at }) => at)) - lifted;
}
