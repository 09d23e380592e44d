import test from 'ava';
import fc from 'fast-check';
import { LoopingDecimator } from '#media/decimator.ts';
import { readWav, WavError, wavHeader } from '#media/wav.ts';
import { dbm0At, sine } from '../support/goertzel.ts';
import { mutations } from '../support/mutate.ts';

const octetsOf = (samples: Int16Array): Uint8Array => new Uint8Array(samples.buffer.slice(0));
const chunk = (name: string, content: Uint8Array): Buffer => {
  const start = Buffer.from(`${name}\0\0\0\0`, 'latin1');
  start.writeUInt32LE(content.length, 4);
  return Buffer.concat([start, content, Buffer.alloc(content.length & 1)]);
};

test('a header that is written is read', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2000 }), fc.constantFrom(8000, 16_000, 48_000), (samples, rate) => {
      const file = Buffer.concat([wavHeader(samples, rate), Buffer.alloc(2 * samples)]);
      t.deepEqual(readWav(file), { channels: 1, rate, dataStart: 44, dataLength: 2 * samples });
    }),
  );
});

test('chunks that are not sound are passed over, odd lengths are padded', (t) => {
  const file = Buffer.concat([
    wavHeader(0).subarray(0, 12),
    chunk('LIST', Buffer.alloc(7)),
    wavHeader(0).subarray(12, 36),
    chunk('data', Buffer.alloc(10)),
    chunk('cue ', Buffer.alloc(4)),
  ]);
  t.like(readWav(file), { dataStart: 12 + 16 + 24 + 8, dataLength: 10 });
});

test('a file that promises more than it has is read to its end', (t) => {
  const file = Buffer.concat([wavHeader(1000), Buffer.alloc(100)]);
  t.is(readWav(file).dataLength, 100);
});

test('what cannot be played says why', (t) => {
  const changed = (at: number, value: number): Buffer => {
    const file = Buffer.concat([wavHeader(2), Buffer.alloc(4)]);
    file.writeUInt16LE(value, at);
    return file;
  };
  const fails = (file: Uint8Array, message: RegExp) =>
    t.throws(() => readWav(file), { instanceOf: WavError, message });
  fails(Buffer.from('not a wave'), /not a WAV file/);
  fails(changed(20, 7), /format 7/);
  fails(changed(34, 8), /8 bits/);
  fails(changed(22, 6), /6 channels/);
  fails(wavHeader(0).subarray(0, 36), /no samples/);
  fails(wavHeader(0).subarray(0, 30), /cut off/);
});

test('damaged files are read or refused', (t) => {
  const seeds = [8000, 48_000].map((rate) => Buffer.concat([wavHeader(20, rate), Buffer.alloc(40)]));
  for (const file of mutations(seeds, 20_000, 4)) {
    try {
      const { dataStart, dataLength } = readWav(file);
      if (dataStart + dataLength > file.length) t.fail();
    } catch (error) {
      if (!(error instanceof WavError)) throw error;
    }
  }
  t.pass();
});

for (const rate of [8000, 16_000, 48_000]) {
  test(`speech frequencies of ${rate} Hz keep their level`, (t) => {
    for (const hz of [300, 1004, 3400]) {
      const decimator = new LoopingDecimator(octetsOf(sine(hz, 1000, 8000, rate)), { channels: 1, rate });
      const out = new Int16Array(8000);
      decimator.read(out);
      t.true(Math.abs(dbm0At(out, hz) - dbm0At(sine(hz, 1000), hz)) < 0.3, `${hz} Hz`);
    }
  });
}

for (const rate of [16_000, 48_000]) {
  test(`what 8 kHz cannot hold is 60 dB down at ${rate} Hz, and does not fold back`, (t) => {
    for (const hz of [4400, 5000, 7000]) {
      const decimator = new LoopingDecimator(octetsOf(sine(hz, 1000, 16_000, rate)), { channels: 1, rate });
      const out = new Int16Array(8000);
      decimator.read(out);
      t.true(dbm0At(out, 8000 - hz) < dbm0At(sine(hz, 1000, 16_000, rate), hz, rate) - 60, `${hz} Hz`);
    }
  });
}

test('two channels are mixed, the loop closes without a click, and restarts', (t) => {
  const mono = sine(400, 100, 8000, 16_000);
  const stereo = new Int16Array(2 * mono.length);
  for (const [i, sample] of mono.entries()) stereo[2 * i] = sample;
  const decimator = new LoopingDecimator(octetsOf(stereo), { channels: 2, rate: 16_000 });
  const out = new Int16Array(4000);
  decimator.read(out);
  const wanted = sine(400, 500, 4000);
  t.true(out.every((sample, i) => Math.abs(sample - (wanted[i] ?? 0)) < 40));
  decimator.restart();
  const again = new Int16Array(160);
  decimator.read(again);
  t.deepEqual(again, out.slice(0, 160));
});

test('a file without samples is silent', (t) => {
  const out = new Int16Array(160).fill(7);
  new LoopingDecimator(new Uint8Array(0), { channels: 1, rate: 8000 }).read(out);
  t.true(out.every((sample) => sample === 0));
});
