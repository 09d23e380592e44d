/** The analog telephone at the engine, frame by frame; its line's ear may be its mouth as well. */
import test from 'ava';
import { AnalogLine } from '#engine/analog_line.ts';
import { callerIdSound, callWaitingSound } from '#media/caller_id.ts';
import { PAD, toneOfKey } from '#media/dtmf.ts';
import { DtmfDetector } from '#media/dtmf_detector.ts';
import { tonesOf } from '#media/tones_by_country.ts';
import type { DtmfKey, EngineEvent } from '#media/types.ts';
import { amplitudeAt } from '../support/goertzel.ts';
import { added, frames, soundOf } from '../support/keys.ts';
import { seededRandom } from '../support/mutate.ts';
import { speech } from '../support/speech.ts';

const FRAME = 160;
const FRAME_MS = 20;
const TIME = { month: 11, day: 20, hour: 4, minute: 34 };
const CALLER = { number: '2025550123', name: 'ALICE' };

class Stand {
  readonly events: EngineEvent[] = [];
  readonly line = new AnalogLine((event) => this.events.push(event));
  now = 0;

  constructor() {
    this.line.on = true;
  }

  /** What leaves of this sound, in frames. */
  said(samples: Int16Array): Int16Array {
    const left = new Int16Array(samples.length);
    let at = 0;
    for (const frame of frames(samples)) {
      const copy = frame.slice();
      this.now += FRAME_MS;
      this.line.fromMouth(copy, this.now);
      left.set(copy, at);
      at += FRAME;
    }
    return left;
  }

  get keys(): string {
    return this.events
      .flatMap((event) => (event.kind === 'line-key' && event.down ? [event.key] : []))
      .join('');
  }
}

/** ms of the longest piece that is not silent. */
function longestSound(samples: Int16Array): number {
  let longest = 0;
  let length = 0;
  for (const value of samples) {
    length = value === 0 ? 0 : length + 1;
    longest = Math.max(longest, length);
  }
  return longest / 8;
}

test('keys are told once each, down and up, and of none more than 23 ms get through', (t) => {
  const random = seededRandom(40);
  let longest = 0;
  let sum = 0;
  let count = 0;
  for (let time = 0; time < 100; time++) {
    for (const key of PAD) {
      const stand = new Stand();
      const on = 50 + 150 * random();
      const left = stand.said(soundOf([key], random, { on }));
      t.deepEqual(stand.events, [
        { kind: 'line-key', key, down: true },
        { kind: 'line-key', key, down: false },
      ]);
      const leak = longestSound(left);
      longest = Math.max(longest, leak);
      sum += leak;
      count++;
    }
  }
  t.true(longest <= 24, `${longest} ms`);
  t.log(`of a key ${(sum / count).toFixed(1)} ms get through on average, ${longest.toFixed(1)} at most`);
});

test('what gets through is no key to whoever hears it', (t) => {
  const random = seededRandom(41);
  for (let time = 0; time < 100; time++) {
    const stand = new Stand();
    const left = stand.said(soundOf(PAD, random, { on: 80, off: 80 }));
    const far = new DtmfDetector();
    t.deepEqual(
      [...frames(left)].flatMap((frame) => [...far.read(frame)]),
      [],
    );
    t.is(stand.keys, PAD.join(''));
  }
});

test('speech goes on undisturbed', (t) => {
  const stand = new Stand();
  const words = speech(seededRandom(42), 60);
  const left = stand.said(words);
  const changed = left.reduce((sum, value, i) => sum + (value === words[i] ? 0 : 1), 0);
  t.true(changed < words.length / 200, `${changed} samples`);
  t.deepEqual(stand.events, []);
});

test('a mouth that is no analog telephone is left alone', (t) => {
  const stand = new Stand();
  stand.line.on = false;
  const sound = soundOf(PAD, seededRandom(43));
  t.deepEqual(stand.said(sound), sound);
  t.deepEqual(stand.events, []);
  const tone = toneOfKey('5', 100);
  t.is(stand.line.tone(tone), tone);
});

/** Frames to the ear come back from the line into the mouth, so many frames later and weaker. */
function withEcho(stand: Stand, ear: Int16Array, mouth: Int16Array, later = 2): void {
  const back: Int16Array[] = Array.from({ length: later }, () => new Int16Array(FRAME));
  for (let at = 0; at + FRAME <= ear.length; at += FRAME) {
    stand.now += FRAME_MS;
    const echo = back.shift() ?? new Int16Array(FRAME);
    stand.line.fromMouth(added(mouth.slice(at, at + FRAME), echo), stand.now);
    const frame = ear.slice(at, at + FRAME);
    stand.line.toEar(frame, stand.now);
    back.push(frame.map((value) => value / 3));
  }
}

test('keys of the far end that the line gives back are not those of the telephone', (t) => {
  const random = seededRandom(44);
  for (const later of [1, 2, 5]) {
    const stand = new Stand();
    const far = soundOf(PAD, random, { on: 80, off: 80 });
    withEcho(stand, far, new Int16Array(far.length), later);
    t.is(stand.keys, '', `${later} frames`);
    const own = soundOf(PAD, random, { on: 80, off: 80 });
    withEcho(stand, new Int16Array(own.length), own, later);
    t.is(stand.keys, PAD.join(''));
  }
});

test('the first key is heard through the dial tone, and its own sound is not played to the telephone', (t) => {
  const stand = new Stand();
  const { dial } = tonesOf('US');
  t.is(stand.line.tone(dial), dial);
  const keys = soundOf(['5', '0'], seededRandom(45), { on: 60, off: 60, level: -24 });
  const ear = new Int16Array(keys.length).map((_, i) =>
    Math.round(4000 * (Math.sin((2 * Math.PI * 350 * i) / 8000) + Math.sin((2 * Math.PI * 440 * i) / 8000))),
  );
  withEcho(stand, ear, keys);
  t.is(stand.keys, '50');
  for (const key of PAD) t.is(stand.line.tone(toneOfKey(key, 100)), undefined);
});

/** What the ear hears from now on, until nothing is played. */
function heard(stand: Stand, most = 500): Int16Array {
  const samples: number[] = [];
  for (let count = 0; stand.line.playing && count < most; count++) {
    const frame = new Int16Array(FRAME).fill(1000);
    stand.now += FRAME_MS;
    stand.line.toEar(frame, stand.now);
    samples.push(...frame);
  }
  return Int16Array.from(samples);
}

test('a telephone on the hook is told alone, with silence before and after', (t) => {
  for (const scheme of ['bellcore', 'sin227', 'dtmf'] as const) {
    const stand = new Stand();
    t.false(stand.line.playing);
    stand.line.tellCaller({
      kind: 'caller-id',
      scheme,
      country: 'SE',
      caller: CALLER,
      time: TIME,
      hook: 'on',
    });
    const sound = heard(stand);
    const told = callerIdSound(scheme, 'SE', CALLER, TIME);
    t.deepEqual(sound.subarray(320, 320 + told.length), told);
    t.true(sound.subarray(0, 320).every((value) => value === 0));
    t.true(sound.subarray(320 + told.length).every((value) => value === 0));
    t.true(sound.length >= told.length + 320 + 1600);
  }
});

test('who lifts the handset meanwhile hears no more of it', (t) => {
  const stand = new Stand();
  const command = {
    kind: 'caller-id',
    scheme: 'bellcore',
    country: 'US',
    caller: CALLER,
    time: TIME,
  } as const;
  stand.line.tellCaller({ ...command, hook: 'on' });
  stand.line.toEar(new Int16Array(FRAME), 20);
  stand.line.hookMoved();
  t.false(stand.line.playing);
});

interface InCall {
  /** The key by which the telephone answers CAS; absent: it does not. */
  readonly key?: DtmfKey;
  readonly scheme?: 'bellcore' | 'dtmf';
}

/** A call with a second caller: what the ear hears and the far end, by frames, from the alert on. */
function secondCall({ key, scheme = 'bellcore' }: InCall) {
  const stand = new Stand();
  stand.line.tellCaller({
    kind: 'caller-id',
    scheme,
    country: 'US',
    caller: CALLER,
    time: TIME,
    hook: 'off',
  });
  const ear: Int16Array[] = [];
  const far: Int16Array[] = [];
  let mouth: Int16Array[] = [];
  let alerted = false;
  for (let count = 0; count < 150; count++) {
    stand.now += FRAME_MS;
    const said = mouth.shift() ?? new Int16Array(FRAME).fill(500);
    stand.line.fromMouth(said, stand.now);
    far.push(said);
    const frame = new Int16Array(FRAME).fill(1000);
    stand.line.toEar(frame, stand.now);
    ear.push(frame);
    const cas = Math.min(amplitudeAt(frame, 2130), amplitudeAt(frame, 2750)) > 1000;
    if (alerted && !cas && key !== undefined && mouth.length === 0 && ear.length < 60) {
      // The telephone mutes itself, waits a little and presses its key.
      const answer = soundOf([key], seededRandom(46), { on: 60, off: 40 });
      mouth = [...frames(answer)].map((each) => each.slice());
    }
    alerted = cas;
  }
  return { stand, ear, far };
}

const isCall = (frame: Int16Array) => frame.every((value) => value === 1000);
const isSilent = (frame: Int16Array) => frame.every((value) => value === 0);

test('a telephone that answers CAS by D or A is told of the second caller, and the call goes on', (t) => {
  for (const key of ['D', 'A'] as const) {
    const { stand, ear, far } = secondCall({ key });
    const data = callWaitingSound('bellcore', CALLER, TIME) ?? new Int16Array(1);
    const all = Int16Array.from(ear.flatMap((frame) => [...frame]));
    const first = data.subarray(0, 400).join();
    const begins = ear.findIndex(
      (_, index) => all.subarray(index * FRAME, index * FRAME + 400).join() === first,
    );
    t.true(begins > 0, 'the data is heard');
    t.deepEqual(all.subarray(begins * FRAME, begins * FRAME + data.length), data);
    t.true(isCall(ear.at(-1) ?? all));
    const back = ear.findIndex(isCall);
    t.true(back * FRAME_MS < 2000, `the call is back after ${back * FRAME_MS} ms`);
    t.true(far.slice(1, back).every(isSilent), 'the far end hears nothing of it');
    t.true(far.at(-1)?.every((value) => value === 500));
    t.false(stand.line.playing);
  }
});

test('without an answer, or by another key, the call goes on within a second', (t) => {
  for (const key of [undefined, '5'] as const) {
    const { ear } = secondCall(key === undefined ? {} : { key });
    const back = ear.findIndex(isCall);
    t.true(back > 15 && back * FRAME_MS < 1000, `${back * FRAME_MS} ms`);
    t.true(ear.slice(back).every(isCall));
  }
});

test('where keys are the custom, the call waiting tone is all', (t) => {
  const { ear } = secondCall({ scheme: 'dtmf' });
  const back = ear.findIndex(isCall);
  t.true(back > 5 && back < 20);
  t.true(amplitudeAt(ear[3] ?? new Int16Array(FRAME), 440) > 100);
});
