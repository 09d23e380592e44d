/** Whole engines over loopback: the mouth of one is a file with keys in it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { callerIdSound } from '#media/caller_id.ts';
import { DtmfDetector } from '#media/dtmf_detector.ts';
import { wavHeader } from '#media/wav.ts';
import { readWavSamples } from '../support/goertzel.ts';
import { frames, soundOf } from '../support/keys.ts';
import { seededRandom } from '../support/mutate.ts';
import { undisturbed } from '../support/undisturbed.ts';
import { joined, pause, scratch, stand } from './support.ts';

function keysIn(samples: Int16Array): string {
  const detector = new DtmfDetector();
  return [...frames(samples)]
    .flatMap((frame) => [...detector.read(frame)])
    .flatMap((event) => (event.kind === 'down' ? [event.key] : []))
    .join('');
}

test.serial(
  'keys of an analog telephone leave as events and never as sound',
  undisturbed(async (t) => {
    const folder = scratch(t);
    const sound = soundOf(['4', '2', '#'], seededRandom(50), { on: 100, off: 100 });
    const octets = Buffer.from(sound.buffer, sound.byteOffset, sound.byteLength);
    writeFileSync(join(folder, 'in.wav'), Buffer.concat([wavHeader(sound.length), octets]));
    const a = stand(t, `file:${folder}/in.wav`, 'null');
    const b = stand(t, 'silence', `file:${folder}/out.wav`);
    await joined(a, b);
    // The file begins anew with the call; what was read of it before is no part of it.
    a.engine.command({ kind: 'line-keys', on: true });
    await a.until('line-key', ({ key, down }) => key === '#' && !down);
    await pause(300);
    await Promise.all([a.engine.stop(), b.engine.stop()]);
    const told = a.events.flatMap((event) => (event.kind === 'line-key' && event.down ? [event.key] : []));
    t.is(told.slice(0, 3).join(''), '42#');
    const { samples } = readWavSamples(join(folder, 'out.wav'));
    t.true(samples.length > 4000);
    t.is(keysIn(samples), '');
  }),
);

test.serial(
  'a telephone on the hook is told who calls, and the engine is at rest again',
  undisturbed(async (t) => {
    const { engine, until } = stand(t, 'silence', 'web');
    const heard: number[] = [];
    engine.attachWebSound((frame) => heard.push(...frame));
    const time = { month: 1, day: 2, hour: 3, minute: 4 };
    const caller = { number: '2025550123' };
    engine.command({
      kind: 'caller-id',
      scheme: 'bellcore',
      country: 'US',
      caller,
      time,
      hook: 'on',
    });
    await until('device', ({ part }) => part === 'output');
    await pause(1600);
    const frames = heard.length;
    const told = callerIdSound('bellcore', 'US', caller, time);
    const loud = heard.findIndex((value) => value !== 0);
    t.deepEqual(heard.slice(loud, loud + told.length - 1), [...told.subarray(1)].slice(0, told.length - 1));
    await pause(200);
    t.is(heard.length, frames, 'no further frame is made');
  }),
);
