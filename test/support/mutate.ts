/** Seeded damage to octets, for tests that a parser survives anything. The same seed gives the same inputs. */

/** mulberry32: small, quick, good enough to spoil messages. Numbers in [0, 1). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What text protocols trip over. */
const MORSELS = [
  ...['\r\n', '\r\n\r\n', '\n', '\r', '\r\n ', '\t', ' ', '\0', '"', '\\"', '\\', '<', '>', '<>', '(', ')'],
  ...[
    ';',
    ';;',
    ',',
    ',,',
    ':',
    '::',
    '[',
    ']',
    '[::',
    '%',
    '%zz',
    '%00',
    '@',
    '=',
    '?',
    '&',
    '/',
    '-1',
    '*',
  ],
  ...[
    '4294967296',
    '99999999999999999999',
    '0',
    '\xff',
    '\xc3\x28',
    'SIP/2.0',
    'l: 5\r\n',
    ';tag=',
    'Digest ',
  ],
].map((text) => Buffer.from(text, 'latin1'));

/**
 * `count` damaged copies of the seeds, in turn, each with one to four of: an octet changed, a piece cut out,
 * doubled, moved, replaced by a piece of another seed, a morsel put in, the end cut off.
 */
export function* mutations(seeds: readonly Uint8Array[], count: number, seed: number): Generator<Uint8Array> {
  const random = seededRandom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  for (let i = 0; i < count; i += 1) {
    let octets: Uint8Array = seeds[i % seeds.length] ?? new Uint8Array(0);
    for (let times = 1 + below(4); times > 0; times -= 1) {
      octets = damaged(octets, seeds[below(seeds.length)] ?? octets, below);
    }
    yield octets;
  }
}

function damaged(octets: Uint8Array, other: Uint8Array, below: (limit: number) => number): Uint8Array {
  const from = below(octets.length + 1);
  const to = Math.min(octets.length, from + below(1 << below(8)));
  const before = octets.subarray(0, from);
  const piece = octets.subarray(from, to);
  const after = octets.subarray(to);
  const place = below(other.length + 1);
  const kinds = [
    () => [before, Uint8Array.of(below(256)), octets.subarray(from + 1)],
    () => [before, Uint8Array.of((octets[from] ?? 0) ^ (1 << below(8))), octets.subarray(from + 1)],
    () => [before, after],
    () => [before, piece, piece, after],
    () => [after, piece, before],
    () => [before, other.subarray(place, place + below(64)), after],
    () => [before, MORSELS[below(MORSELS.length)] ?? piece, octets.subarray(from)],
    () => [before, MORSELS[below(MORSELS.length)] ?? piece, after],
    () => [before],
  ];
  return Buffer.concat(kinds[below(kinds.length)]?.() ?? [octets]);
}
