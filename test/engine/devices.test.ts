import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { MessageChannel } from 'node:worker_threads';
import test from 'ava';
import { Handset } from '#engine/handset.ts';
import { openSink } from '#engine/sinks.ts';
import { openSource } from '#engine/sources.ts';
import { WebSound } from '#engine/web_sound.ts';
import type { EngineEvent } from '#media/types.ts';
import { readWav, wavHeader } from '#media/wav.ts';
import { dbm0At, frequencyOf, readWavSamples, sine } from '../support/goertzel.ts';
import { undisturbed } from '../support/undisturbed.ts';
import { pause, scratch } from './support.ts';

function webSound(t: { teardown(action: () => void): void }) {
  const { port1, port2 } = new MessageChannel();
  const web = new WebSound(port2);
  t.teardown(() => web.close());
  return { web, page: port1 };
}

function frames(read: (frame: Int16Array) => void, count: number): Int16Array {
  const samples = new Int16Array(count * 160);
  for (let n = 0; n < count; n++) read(samples.subarray(n * 160, n * 160 + 160));
  return samples;
}

test('tone: gives its frequency, level and phase over frames', (t) => {
  const { web } = webSound(t);
  const source = openSource('tone:697', web);
  const samples = frames((frame) => source.read(frame), 50);
  t.is(frequencyOf(samples), 697);
  t.true(Math.abs(dbm0At(samples, 697) + 10) < 0.1);
});

for (const rate of [8000, 16_000, 48_000]) {
  test(`file: plays ${rate} Hz at 8 kHz, for ever`, (t) => {
    const { web } = webSound(t);
    const path = `${scratch(t)}/in.wav`;
    const samples = sine(940, 200, 8000, rate);
    writeFileSync(path, Buffer.concat([wavHeader(samples.length, rate), Buffer.from(samples.buffer)]));
    const source = openSource(`file:${path}`, web);
    const played = frames((frame) => source.read(frame), 50);
    t.true(Math.abs(frequencyOf(played) - 940) <= 1);
    t.true(Math.abs(dbm0At(played, 940) - dbm0At(sine(940, 1000), 940)) < 0.5);
  });
}

test('what cannot be opened says what to do, and the handset goes on with silence', (t) => {
  const { web } = webSound(t);
  const folder = scratch(t);
  writeFileSync(`${folder}/text.wav`, 'no sound at all');
  writeFileSync(`${folder}/odd.wav`, wavHeader(0, 44_100));
  for (const [input, reason] of [
    ['tone:zero', /frequency/],
    ['tone:5000', /frequency/],
    [`file:${folder}/none.wav`, /ENOENT/],
    [`file:${folder}/text.wav`, /not a WAV file/],
    [`file:${folder}/odd.wav`, /44100 Hz/],
  ] as const) {
    const events: EngineEvent[] = [];
    const handset = new Handset(web, (event) => events.push(event));
    handset.setDevices({ input, output: 'null' });
    handset.setInUse(true);
    handset.mouth.fill(5);
    handset.readMouth();
    t.true(handset.mouth.every((sample) => sample === 0));
    t.like(events[0], { kind: 'device', part: 'input', state: 'failed' });
    t.regex(String(events[0]?.kind === 'device' && events[0].note), reason);
    t.deepEqual(events[1], { kind: 'device', part: 'output', state: 'ok', note: 'null' });
    handset.close();
  }
  t.throws(() => openSink('hw:0', web, () => {}), { message: /use web, null or file:NAME.wav/ });
});

test('a recording is a whole WAV file after every frame', (t) => {
  const { web } = webSound(t);
  const path = `${scratch(t)}/out.wav`;
  const sink = openSink(`file:${path}`, web, (note) => t.fail(note));
  t.false(existsSync(path), 'no call yet, no file');
  sink.beginCall();
  const frame = sine(440, 20);
  for (let n = 0; n < 60; n++) {
    const file = readFileSync(path);
    const { dataStart, dataLength } = readWav(file);
    t.is(file.readUInt32LE(40), dataLength);
    t.is(file.readUInt32LE(4), 36 + dataLength);
    t.true(file.length >= dataStart + dataLength);
    t.true(n * 320 - dataLength < 2 * 2160, 'no more than 270 ms behind');
    sink.write(frame);
  }
  sink.close();
  t.is(readWavSamples(path).samples.length, 60 * 160);
});

test('a recording begins anew with each call and holds nothing of what is heard between', (t) => {
  const { web } = webSound(t);
  const path = `${scratch(t)}/out.wav`;
  const handset = new Handset(web, () => {});
  handset.setDevices({ input: 'silence', output: `file:${path}` });
  handset.setInUse(true);
  const hear = (sample: number, count: number): void => {
    for (let n = 0; n < count; n++) {
      handset.ear.fill(sample);
      handset.writeEar();
    }
  };
  const recorded = (): number[] => [...new Set(readWavSamples(path).samples)];
  hear(1, 10);
  handset.beginCall('one');
  hear(2, 30);
  handset.beginCall('one');
  hear(3, 30);
  handset.endCall('other');
  handset.endCall('one');
  hear(4, 30);
  t.deepEqual(recorded(), [2, 3]);
  handset.beginCall('two');
  t.deepEqual(recorded(), []);
  hear(5, 3);
  handset.setInUse(false);
  t.deepEqual(recorded(), [5]);
});

test('a disk that fails ends the recording with a note, not the call', (t) => {
  const { web } = webSound(t);
  const notes: string[] = [];
  const sink = openSink(`file:${scratch(t)}/absent/out.wav`, web, (note) => notes.push(note));
  sink.beginCall();
  sink.write(sine(440, 20));
  sink.close();
  t.is(notes.length, 1);
  t.regex(notes[0] ?? '', /ENOENT/);
});

test(
  'a page is heard after a cushion of two frames, and what is too much is dropped',
  undisturbed(async (t) => {
    const { web, page } = webSound(t);
    const frame = new Int16Array(160);
    const send = async (...values: number[]): Promise<void> => {
      for (const value of values) page.postMessage(new Int16Array(160).fill(value));
      await pause(20);
    };
    const read = (): number => {
      web.read(frame);
      return frame[0] ?? 0;
    };
    await send(1);
    t.is(read(), 0);
    await send(2);
    t.deepEqual([read(), read(), read()], [1, 2, 0]);
    await send(3);
    t.is(read(), 0, 'the cushion is filled again');
    await send(...Array.from({ length: 20 }, (_, i) => 10 + i));
    t.deepEqual([read(), read()], [22, 23], 'the newest eight are kept');
    page.postMessage(new Int16Array(3));
    page.postMessage('nonsense');
    await pause(20);
    t.is(read(), 24);
  }),
);

test(
  'a page gets frames only while it is attached',
  undisturbed(async (t) => {
    const { web, page } = webSound(t);
    const got: number[] = [];
    page.on('message', (frame: Int16Array) => got.push(frame[0] ?? 0));
    const write = (value: number) => web.write(new Int16Array(160).fill(value));
    write(1);
    page.postMessage(true);
    await pause(20);
    write(2);
    page.postMessage(false);
    await pause(20);
    write(3);
    await pause(20);
    t.deepEqual(got, [2]);
  }),
);
