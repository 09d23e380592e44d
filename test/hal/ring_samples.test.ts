import test from 'ava';
import { gongs, samplesOfWav, WavError } from '#hal/parts/ring_samples.ts';
import { mutations } from '../support/mutate.ts';

interface Header {
  readonly format?: number;
  readonly channels?: number;
  readonly rate?: number;
  readonly bits?: number;
  readonly before?: Buffer;
}

function wav(samples: readonly number[], header: Header = {}): Buffer {
  const { format = 1, channels = 1, rate = 16_000, bits = 16, before = Buffer.alloc(0) } = header;
  const fmt = Buffer.alloc(24);
  fmt.write('fmt ');
  fmt.writeUInt32LE(16, 4);
  fmt.writeUInt16LE(format, 8);
  fmt.writeUInt16LE(channels, 10);
  fmt.writeUInt32LE(rate, 12);
  fmt.writeUInt16LE(bits, 22);
  const data = Buffer.alloc(8 + 2 * samples.length);
  data.write('data');
  data.writeUInt32LE(2 * samples.length, 4);
  for (const [n, sample] of samples.entries()) data.writeInt16LE(sample, 8 + 2 * n);
  const body = Buffer.concat([Buffer.from('WAVE'), before, fmt, data]);
  const riff = Buffer.alloc(8);
  riff.write('RIFF');
  riff.writeUInt32LE(body.length, 4);
  return Buffer.concat([riff, body]);
}

test('the samples of a WAV file, behind chunks that say other things', (t) => {
  const list = Buffer.from('LIST\x03\0\0\0abc\0', 'latin1');
  const { rate, channels, octets } = samplesOfWav(wav([1, -2, 300], { before: list, rate: 44_100 }));
  t.deepEqual([rate, channels, [...octets]], [44_100, 1, [1, 0, 254, 255, 44, 1]]);
});

test('a file that was cut off ends with its last whole frame', (t) => {
  const { octets } = samplesOfWav(wav([1, 2, 3, 4], { channels: 2 }).subarray(0, -1));
  t.deepEqual([...octets], [1, 0, 2, 0]);
});

for (const [why, file] of [
  ['is no WAV file', Buffer.from('OggS and more than twelve')],
  ['is not PCM', wav([1], { format: 3 })],
  ['is not PCM', wav([1], { bits: 8 })],
  ['is not PCM', wav([1], { channels: 6 })],
  ['can be played', wav([1], { rate: 192_000 })],
  ['holds no sound', wav([])],
  ['does not say its format', wav([1]).subarray(0, 20)],
] as const) {
  test(`a file that ${why} is refused (${file.length} octets, ${file.toString('hex', 20, 36)})`, (t) => {
    const error = t.throws(() => samplesOfWav(file), { instanceOf: WavError });
    t.true(error.message.includes(why), error.message);
  });
}

test('a hundred thousand spoiled files are read or refused', (t) => {
  for (const file of mutations([wav([1, 2, 3]), wav([9, 8], { channels: 2 })], 100_000, 5)) {
    try {
      const { octets, channels } = samplesOfWav(file);
      if (octets.length === 0 || octets.length % (2 * channels) !== 0) t.fail(file.toString());
    } catch (error) {
      if (!(error instanceof WavError)) throw error;
    }
  }
  t.pass();
});

test('gongs are a second that repeats without a click, loud and unclipped', (t) => {
  const { rate, channels, octets } = gongs();
  const samples = new Int16Array(octets.buffer);
  t.deepEqual([rate, channels, samples.length], [48_000, 1, 48_000]);
  const loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  t.true(loudest > 2000 && loudest < 32_767, `${loudest}`);
  const steps = samples.map((sample, n) => Math.abs(sample - (samples.at(n - 1) ?? 0)));
  const seam = steps[0] ?? 0;
  t.true(seam <= Math.max(...steps.subarray(1)), `${seam}`);
});
