import { readFileSync } from 'node:fs';
import test from 'ava';
import { A_LAW, encodeAlaw, encodeMulaw, MU_LAW, type SampleCodec, sampleCodecOf } from '#media/g711.ts';
import { withVectors } from './field_vectors.ts';

/** Decision values of one polarity, as G.711 tables 1 and 2 build them: so many intervals of such a width. */
function decisionValues(segments: readonly (readonly [count: number, width: number])[]): number[] {
  const values = [0];
  for (const [count, width] of segments) {
    for (let i = 0; i < count; i++) values.push((values.at(-1) ?? 0) + width);
  }
  return values;
}

const DOUBLING = [4, 8, 16, 32, 64, 128].map((width) => [16, width] as const);
const A_DECISIONS = decisionValues([[32, 2], ...DOUBLING]);
const MU_DECISIONS = decisionValues([[1, 1], [15, 2], ...DOUBLING, [16, 256]]);

/** The 16-bit sample of the n-th positive interval: its middle, left-justified. */
function middleOf(decisions: readonly number[], n: number, shift: number): number {
  return (((decisions[n] ?? 0) + (decisions[n + 1] ?? 0)) / 2) * shift;
}

test('the decision values end where the standard says', (t) => {
  t.is(A_DECISIONS.at(-1), 4096);
  t.is(MU_DECISIONS.at(-1), 8159);
});

test('all 256 A-law octets decode to the middles of their intervals', (t) => {
  for (let n = 0; n < 128; n++) {
    const middle = middleOf(A_DECISIONS, n, 8);
    t.is(A_LAW.decoded[(0x80 | n) ^ 0x55], middle);
    t.is(A_LAW.decoded[n ^ 0x55], -middle);
  }
});

test('all 256 mu-law octets decode to the middles of their intervals', (t) => {
  for (let n = 0; n < 128; n++) {
    const middle = n === 0 ? 0 : middleOf(MU_DECISIONS, n, 4);
    t.is(MU_LAW.decoded[0xff - n], middle);
    t.is(MU_LAW.decoded[0x7f - n], middle === 0 ? 0 : -middle);
  }
});

for (const [name, codec, decisions, shift] of [
  ['A-law', A_LAW, A_DECISIONS, 8],
  ['mu-law', MU_LAW, MU_DECISIONS, 4],
] as const) {
  test(`each of the 65536 samples gets the nearest value of ${name}`, (t) => {
    const overload = (decisions.at(-1) ?? 0) * shift;
    let worst = 0;
    for (let sample = -32768; sample < 32768; sample++) {
      const error = Math.abs((codec.decoded[codec.encode(sample)] ?? 0) - sample);
      const n = decisions.findIndex((value) => value * shift > Math.abs(sample)) - 1;
      const width = n < 0 ? 0 : ((decisions[n + 1] ?? 0) - (decisions[n] ?? 0)) * shift;
      // What overloads is held at the last value; a sample on a border may fall to either side.
      const allowed = n < 0 ? 32768 - overload + 128 * shift : width / 2 + shift;
      worst = Math.max(worst, error - allowed);
    }
    t.true(worst <= 0);
  });

  test(`${name} octets survive decoding and encoding`, (t) => {
    for (let octet = 0; octet < 256; octet++) {
      const sample = codec.decoded[octet] ?? 0;
      // Mu-law has a zero of either sign.
      t.is(codec.decoded[codec.encode(sample)], sample);
      if (sample !== 0) t.is(codec.encode(sample), octet);
    }
  });
}

test('silence is what other telephones send for it', (t) => {
  t.is(encodeAlaw(0), 0xd5);
  t.is(encodeMulaw(0), 0xff);
});

test('codecs are found by their names in SDP', (t) => {
  t.is(sampleCodecOf({ name: 'pcma', rate: 8000 }), A_LAW);
  t.is(sampleCodecOf({ name: 'PCMU', rate: 8000 }), MU_LAW);
  t.is(sampleCodecOf({ name: 'PCMU', rate: 16000 }), undefined);
  t.is(sampleCodecOf({ name: 'opus', rate: 48000 }), undefined);
});

withVectors(
  'field/audio/g711',
  'the ITU-T sweep is decoded exactly and encoded as near as its own',
  (t, folder) => {
    const words = (file: string): Int16Array => {
      const octets = readFileSync(`${folder}/${file}`);
      return new Int16Array(octets.buffer.slice(octets.byteOffset, octets.byteOffset + octets.length));
    };
    const source = words('sweep.src');
    const check = (codec: SampleCodec, codes: Int16Array, decoded: Int16Array, tolerance: number): void => {
      t.true(codes.length > 0);
      for (let i = 0; i < codes.length; i++) {
        if (codec.decoded[(codes[i] ?? 0) & 0xff] !== decoded[i]) t.fail(`sample ${i} is decoded otherwise`);
        const ours = Math.abs((codec.decoded[codec.encode(source[i] ?? 0)] ?? 0) - (source[i] ?? 0));
        const theirs = Math.abs((decoded[i] ?? 0) - (source[i] ?? 0));
        if (ours > theirs + tolerance) t.fail(`sample ${i} is encoded worse: ${ours} instead of ${theirs}`);
      }
    };
    check(A_LAW, words('sweep-r.a'), words('sweep-r.rea'), 0);
    check(MU_LAW, words('sweep-r.u'), words('sweep-r.reu'), 4);
  },
);
