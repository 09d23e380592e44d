import test from 'ava';
import fc from 'fast-check';
import { COLUMNS_HZ, PAD, ROWS_HZ, toneOfKey } from '#media/dtmf.ts';
import { DtmfDetector, type DtmfEvent } from '#media/dtmf_detector.ts';
import { ToneGenerator } from '#media/tone.ts';
import { COUNTRIES, HOWLER, tonesOf } from '#media/tones_by_country.ts';
import type { DtmfKey, Tone } from '#media/types.ts';
import { added, frames, type KeySound, soundOf } from '../support/keys.ts';
import { seededRandom } from '../support/mutate.ts';
import { noise, speech } from '../support/speech.ts';

const ALL = PAD.join('');

function eventsIn(samples: Int16Array, detector = new DtmfDetector()): DtmfEvent[] {
  return [...frames(samples)].flatMap((frame) => [...detector.read(frame)]);
}

function keysIn(samples: Int16Array, detector = new DtmfDetector()): string {
  return eventsIn(samples, detector)
    .flatMap((event) => (event.kind === 'down' ? [event.key] : []))
    .join('');
}

function played(tone: Tone, ms: number): Int16Array {
  const samples = new Int16Array(ms * 8);
  new ToneGenerator(tone).addTo(samples);
  return samples;
}

/** Of all keys, 40 ms on and off, in `times` positions to the blocks: how many were heard as they are. */
function heard(change: Partial<KeySound>, times: number, seed = 3): { right: number; of: number } {
  const random = seededRandom(seed);
  let right = 0;
  for (let time = 0; time < times; time++) {
    const sound = soundOf(PAD, random, { on: 40, off: 40, ...change });
    const keys = keysIn(sound);
    right += keys === ALL ? PAD.length : [...ALL].filter((key) => keys.includes(key)).length;
    if (keys.length > PAD.length) right -= keys.length - PAD.length;
  }
  return { right, of: times * PAD.length };
}

const CORNERS = [
  [0, 0],
  [1, 1],
  [1, -1],
  [-1, 1],
  [-1, -1],
] as const;

for (const level of [0, -10, -25, -35])
  test(`at ${level} dBm0 every key of 40 ms is heard, once, at any twist and frequency of Q.24`, (t) => {
    let right = 0;
    let of = 0;
    for (const twist of [-3, 0, 3, 6, 7])
      for (const [low, high] of CORNERS) {
        const result = heard({ level, twist, off1: 0.015 * low, off2: 0.015 * high }, 12);
        right += result.right;
        of += result.of;
      }
    // Where all tolerances meet, one in some thousand keys may be lost.
    t.true(right >= of * 0.9995, `${right} of ${of}`);
  });

test('keys of 45 ms are all heard, in noise 15 dB below them too', (t) => {
  for (const twist of [-3, 0, 6])
    for (const [low, high] of CORNERS) {
      const { right, of } = heard(
        { on: 45, off: 45, twist, off1: 0.015 * low, off2: 0.015 * high, overNoise: 15 },
        12,
      );
      t.true(right >= of - 1, `twist ${twist}, ${low} ${high}: ${right} of ${of}`);
    }
});

test('keys of 40 ms are heard in noise 18 dB below them', (t) => {
  const { right, of } = heard({ overNoise: 18 }, 60);
  t.is(right, of);
});

test('a tone that is 3.5 % off is no key, in any direction, however long', (t) => {
  const random = seededRandom(5);
  for (const off of [0.03, 0.035, 0.04, 0.05])
    for (const [low, high] of [...CORNERS.slice(1), [1, 0], [-1, 0], [0, 1], [0, -1]] as const)
      for (const twist of [-3, 0, 6])
        for (let time = 0; time < 4; time++) {
          const sound = soundOf(PAD, random, { on: 200, twist, off1: off * low, off2: off * high });
          t.is(keysIn(sound), '', `${off} ${low} ${high}, twist ${twist}`);
        }
});

test('tones too far apart in level are no key', (t) => {
  const random = seededRandom(6);
  for (const twist of [-9, -6, 9.5, 12]) t.is(keysIn(soundOf(PAD, random, { twist })), '', `${twist} dB`);
  t.is(keysIn(soundOf(PAD, random, { level: -55 })), '');
});

test('what is shorter than 23 ms is no key', (t) => {
  const random = seededRandom(7);
  for (let time = 0; time < 100; time++)
    for (const on of [10, 15, 20, 22])
      t.is(keysIn(soundOf(PAD, random, { on, off: 50, level: -5 })), '', `${on} ms`);
});

test('the same key again after 40 ms is another press; a key that lasts is one', (t) => {
  const random = seededRandom(8);
  for (let time = 0; time < 100; time++) {
    t.is(keysIn(soundOf(['7', '7', '7', '0', '0'], random, { on: 40, off: 40 })), '77700');
    t.is(keysIn(soundOf(['5'], random, { on: 5000 })), '5');
  }
});

test('a key that fades for a moment is one press', (t) => {
  const random = seededRandom(9);
  for (let time = 0; time < 100; time++) {
    const sound = soundOf(['5'], random, { on: 500 });
    sound.fill(0, 2000, 2000 + 8 * 10);
    t.is(keysIn(sound), '5');
  }
});

test('a frame that is lost, left out or given twice in the middle of a key doubles nothing', (t) => {
  const random = seededRandom(19);
  const frame = 160;
  for (let time = 0; time < 100; time++) {
    const sound = soundOf(['4', '2', '#'], random, { on: 100 });
    const at = 2 * frame + Math.floor(random() * 3 * frame);
    const [before, after] = [sound.subarray(0, at), sound.subarray(at)];
    const left = [...before, ...after.subarray(frame)];
    const twice = [...before, ...before.subarray(-frame), ...after];
    const lost = [...before, ...new Int16Array(frame), ...after.subarray(frame)];
    for (const samples of [left, twice, lost]) t.is(keysIn(Int16Array.from(samples)), '42#');
  }
});

test('the release comes within 60 ms of the end, and tells the length to a block or two', (t) => {
  const random = seededRandom(10);
  for (const on of [40, 100, 333, 1000]) {
    const detector = new DtmfDetector();
    const sound = soundOf(['9'], random, { on });
    let up = 0;
    let at = 0;
    for (const frame of frames(sound, 8)) {
      at++;
      for (const event of detector.read(frame))
        if (event.kind === 'up') {
          up = at;
          t.true(Math.abs(event.ms - on) <= 26, `${on}: ${event.ms}`);
        }
    }
    const end = sound.findLastIndex((value) => value !== 0) / 8;
    t.true(up - end > 20 && up - end <= 60, `${up - end} ms after the end`);
    t.false(detector.suspicious);
  }
});

test('the keys of the generator are heard', (t) => {
  for (const key of PAD) t.is(keysIn(added(played(toneOfKey(key, 60), 200), new Int16Array(1600))), key);
});

test('ten minutes of speech press no key', (t) => {
  t.deepEqual(eventsIn(speech(seededRandom(11), 600)), []);
});

test('speech is hardly ever suspicious: what is muted for that is not missed', (t) => {
  const detector = new DtmfDetector();
  let suspicious = 0;
  let count = 0;
  for (const frame of frames(speech(seededRandom(12), 120))) {
    detector.read(frame);
    count++;
    if (detector.suspicious) suspicious++;
  }
  t.true(suspicious < count / 200, `${suspicious} of ${count} frames`);
});

test('ten minutes of noise and of noise with hum press no key', (t) => {
  const random = seededRandom(13);
  for (const level of [-40, -10]) {
    const hiss = noise(random, 8000 * 300, level);
    const hum = Int16Array.from(hiss, (value, i) => value + 2000 * Math.sin((2 * Math.PI * 50 * i) / 8000));
    t.deepEqual(eventsIn(hum), []);
  }
});

test('no call-progress tone of any country presses a key, with or without the filter', (t) => {
  for (const dialTone of [false, true])
    for (const country of COUNTRIES) {
      const { name: _, ring: __, ...tones } = tonesOf(country);
      for (const tone of [...Object.values(tones), HOWLER]) {
        const detector = new DtmfDetector();
        detector.dialTone = dialTone;
        t.deepEqual(eventsIn(played(tone, 8000), detector), [], country);
      }
    }
});

test('single frequencies, pairs of one group and music of three tones are no keys', (t) => {
  const tone = (hz: readonly number[]): Tone => ({ intro: [{ hz, ms: 300 }], loop: [], level: -10 });
  for (const low of ROWS_HZ)
    for (const high of COLUMNS_HZ) {
      t.is(keysIn(played(tone([low]), 400)), '');
      t.is(keysIn(played(tone([high]), 400)), '');
      t.is(keysIn(played(tone([low, high, 1050]), 400)), '');
      t.is(keysIn(played(tone([low, high, 2 * low]), 400)), '');
    }
  t.is(keysIn(played(tone([697, 941]), 400)), '');
  t.is(keysIn(played(tone([1209, 1633]), 400)), '');
});

test('keys break through the dial tone that comes back from the line', (t) => {
  const random = seededRandom(14);
  for (const country of ['US', 'GB', 'NL', 'DE', 'FR', 'AU', 'AT']) {
    const { dial } = tonesOf(country);
    for (const level of [-10, -20]) {
      const keys = soundOf(PAD, random, { on: 45, off: 45, level });
      // 6 dB below what is played: a line that fits badly.
      const echo = played({ ...dial, level: -19 }, Math.ceil(keys.length / 8)).subarray(0, keys.length);
      const detector = new DtmfDetector();
      detector.dialTone = true;
      t.is(keysIn(added(keys, echo), detector), ALL, `${country} at ${level}`);
    }
  }
});

test('frames of any length give the same keys', (t) => {
  const random = seededRandom(15);
  const sound = soundOf(PAD, random, { on: 50, off: 50, overNoise: 30 });
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 20 }), (lengths) => {
      const detector = new DtmfDetector();
      const keys: DtmfKey[] = [];
      for (let at = 0, turn = 0; at < sound.length; turn++) {
        const length = lengths[turn % lengths.length] ?? 1;
        for (const event of detector.read(sound.subarray(at, at + length)))
          if (event.kind === 'down') keys.push(event.key);
        at += length;
      }
      return keys.join('') === ALL;
    }),
    { numRuns: 100 },
  );
  t.pass();
});

test('after a reset nothing of what was heard counts', (t) => {
  const random = seededRandom(16);
  const detector = new DtmfDetector();
  const key = soundOf(['3'], random, { on: 100 });
  keysIn(key.subarray(0, 900), detector);
  detector.reset();
  t.false(detector.suspicious);
  t.deepEqual(eventsIn(new Int16Array(1600), detector), []);
  t.is(keysIn(key, detector), '3');
});
