import { readFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import { parseIp } from '#address/ip.ts';
import { DEFAULT_POLICY, defaultPolicy, policyOf } from '#address/policy.ts';
import { type Candidate, orderDestinations, selectSource } from '#address/selection.ts';

interface VectorAddress {
  readonly a: string;
  readonly deprecated?: boolean;
  readonly temporary?: boolean;
  readonly home?: boolean;
  readonly care_of?: boolean;
}
interface Vectors {
  readonly policy_table: readonly (readonly [string, number, number])[];
  readonly source_selection: readonly {
    readonly id: string;
    readonly dst: string;
    readonly candidates: readonly VectorAddress[];
    readonly result: string;
    readonly rule: string;
  }[];
  readonly destination_selection: readonly {
    readonly id: string;
    readonly sources: readonly (string | VectorAddress)[];
    readonly dests: readonly string[];
    readonly result: readonly (readonly [string, string])[];
    readonly rule: string;
  }[];
  readonly classify_extra: readonly (readonly [string, number, number, string])[];
}
const vectors = JSON.parse(
  readFileSync(new URL('../data/ip/rfc6724.json', import.meta.url), 'utf8'),
) as Vectors;

function candidate(from: string | VectorAddress, more: Partial<Candidate> = {}): Candidate {
  const { a, care_of, ...flags } = typeof from === 'string' ? { a: from, care_of: false } : from;
  const prefixLength = a.includes(':') ? 64 : 24;
  return { address: a, prefixLength, interface: 'eth0', careOf: care_of === true, ...flags, ...more };
}

test('the policy table is the one of RFC 6724 2.1', (t) => {
  t.deepEqual(
    DEFAULT_POLICY.map(({ prefix, precedence, label }) => [prefix, precedence, label]),
    vectors.policy_table.map((row) => [...row]),
  );
});

for (const [address, precedence, label, what] of vectors.classify_extra) {
  test(`the policy for ${address} (${what}) is ${precedence}, ${label}`, (t) => {
    const ip = parseIp(address);
    t.truthy(ip);
    if (ip === undefined) return;
    const row = defaultPolicy(ip);
    t.deepEqual([row.precedence, row.label], [precedence, label]);
  });
}

for (const { id, dst, candidates, result, rule } of vectors.source_selection) {
  test(`source for ${dst}, example ${id}: ${rule}`, (t) => {
    const given = candidates.map((entry) => candidate(entry));
    t.is(selectSource(dst, given)?.address, result);
    t.is(selectSource(dst, given.toReversed())?.address, result);
  });
}

for (const { id, sources, dests, result, rule } of vectors.destination_selection) {
  test(`destinations ${dests.join(' and ')}, example ${id}: ${rule}`, (t) => {
    const given = sources.map((entry) => candidate(entry));
    for (const input of [dests, dests.toReversed()]) {
      const ordered = orderDestinations(input, given);
      t.deepEqual(
        ordered.map(({ destination, source }) => [destination, source?.address]),
        result.map((pair) => [...pair]),
      );
    }
  });
}

test('a destination without a source comes last and has none', (t) => {
  const ordered = orderDestinations(['2001:db8:9::1', '192.0.2.9'], [candidate('192.0.2.1')]);
  t.deepEqual(
    ordered.map(({ destination, source }) => [destination, source?.address]),
    [
      ['192.0.2.9', '192.0.2.1'],
      ['2001:db8:9::1', undefined],
    ],
  );
});

test('a destination known not to answer comes after those that may', (t) => {
  const own = [candidate('2001:db8:1::2'), candidate('192.0.2.1')];
  const unreachable = (destination: string) => destination === '2001:db8:9::1';
  const ordered = orderDestinations(['2001:db8:9::1', '192.0.2.9'], own, { unreachable });
  t.deepEqual(
    ordered.map(({ destination }) => destination),
    ['192.0.2.9', '2001:db8:9::1'],
  );
});

test('native transport is preferred to a tunnel where the table does not tell', (t) => {
  const own = [
    candidate('2a02:898::2', { interface: 'sit1', encapsulated: 'other', prefixLength: 128 }),
    candidate('2a03:900::2'),
  ];
  const outgoing = (to: string) => (to.startsWith('2a02') ? 'sit1' : 'eth0');
  const ordered = orderDestinations(['2a02:898::9', '2a03:900::9'], own, { outgoing });
  t.is(ordered[0]?.destination, '2a03:900::9');
});

test('a Teredo source is only chosen for lack of another, a ULA one only for ULA', (t) => {
  const own = ['2001:0:1::2', 'fd00::2', '2a02:898::2'].map((a) => candidate(a));
  t.is(selectSource('2606:4700::1', own)?.address, '2a02:898::2');
  t.is(selectSource('fd00:9::1', own)?.address, 'fd00::2');
  t.is(selectSource('2001:0:9::1', own)?.address, '2001:0:1::2');
});

test('IPv4 comes before unique local addresses of elsewhere', (t) => {
  const own = ['2a02:898::2', '192.168.1.2'].map((a) => candidate(a));
  t.is(orderDestinations(['fd00:9::1', '192.168.1.9'], own)[0]?.destination, '192.168.1.9');
});

test('a link-local destination is only served from its own link', (t) => {
  const own = [candidate('fe80::1', { interface: 'wlan0' }), candidate('fe80::2', { interface: 'eth0' })];
  t.is(selectSource('fe80::9%eth0', own)?.address, 'fe80::2');
  t.is(selectSource('fe80::9%wlan0', own)?.address, 'fe80::1');
  t.is(selectSource('fe80::9%usb0', own), undefined);
  t.is(selectSource('fe80::9', own, { outgoing: () => 'wlan0' })?.address, 'fe80::1');
});

test('the outgoing interface decides between equals', (t) => {
  const own = [candidate('2a02:898::1', { interface: 'wlan0' }), candidate('2a02:898::2')];
  t.is(selectSource('2606::1', own, { outgoing: () => 'eth0' })?.address, '2a02:898::2');
  t.is(selectSource('2606::1', own, { outgoing: () => 'wlan0' })?.address, '2a02:898::1');
});

test('an address that is tentative or taken is no candidate', (t) => {
  const own = [
    candidate('2a02:898::1', { tentative: true }),
    candidate('2a02:898::2', { dadfailed: true }),
    candidate('ff02::1'),
    candidate('::'),
  ];
  t.is(selectSource('2606::1', own), undefined);
});

test('who asks for it gets the public address instead of the temporary one', (t) => {
  const own = [candidate({ a: '2a02:898::7', temporary: true }), candidate('2a02:898::2')];
  t.is(selectSource('2606::1', own)?.address, '2a02:898::7');
  t.is(selectSource('2606::1', own, { preferPublic: true })?.address, '2a02:898::2');
});

test('texts that are no address have no source and no place', (t) => {
  t.is(selectSource('example.com', [candidate('::1')]), undefined);
  t.deepEqual(orderDestinations(['example.com', '[::1]', ''], [candidate('::1')]), []);
});

test('a policy table with a prefix that cannot be read is refused', (t) => {
  for (const prefix of ['192.0.2.0/24', '2001:db8::', '2001:db8::/129', 'x/1'])
    t.throws(() => policyOf([{ prefix, precedence: 1, label: 1 }]), { instanceOf: RangeError });
});

const anAddress = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.constantFrom('fe80::1', 'fe80::2', 'fd00::1', '2002::1', '2001::1', '2a02::1', '2a02::2', '169.254.1.1'),
);
const anOwn: fc.Arbitrary<Candidate> = fc
  .record({
    address: anAddress,
    prefixLength: fc.constantFrom(0, 24, 32),
    interface: fc.constantFrom('eth0', 'wlan0'),
    deprecated: fc.boolean(),
    temporary: fc.boolean(),
    home: fc.boolean(),
    careOf: fc.boolean(),
  })
  .map((own) => (own.address.includes(':') ? { ...own, prefixLength: own.prefixLength * 2 } : own));
/** Both families alike: only here can rule 9 meet addresses of two families. */
const flat = policyOf([{ prefix: '::/0', precedence: 1, label: 1 }]);
const shuffledOf = <T>(values: fc.Arbitrary<T>, maxLength: number) =>
  fc
    .array(values, { maxLength })
    .chain((list) =>
      fc.tuple(
        fc.constant(list),
        fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length }),
      ),
    );

test('the choice of a source does not depend on the order of the candidates', (t) => {
  fc.assert(
    fc.property(anAddress, shuffledOf(anOwn, 6), (to, [given, shuffled]) => {
      const [a, b] = [selectSource(to, given), selectSource(to, shuffled)];
      return a?.address === b?.address && a?.interface === b?.interface;
    }),
  );
  t.pass();
});

test('ordering loses nothing, changes nothing when repeated, and keeps equals as they were', (t) => {
  fc.assert(
    fc.property(
      fc.array(anAddress, { maxLength: 6 }),
      fc.array(anOwn, { maxLength: 4 }),
      fc.constantFrom(defaultPolicy, flat),
      (destinations, own, policy) => {
        const once = orderDestinations(destinations, own, { policy }).map(({ destination }) => destination);
        t.deepEqual(once.toSorted(), destinations.toSorted());
        t.deepEqual(
          orderDestinations(once, own, { policy }).map(({ destination }) => destination),
          once,
        );
      },
    ),
  );
  const own = [candidate('192.0.2.1')];
  const twins = ['198.51.100.1', '198.51.100.2', '198.51.100.3'];
  for (const input of [twins, twins.toReversed()])
    t.deepEqual(
      orderDestinations(input, own).map(({ destination }) => destination),
      input,
    );
});

test('among equals of two families the one that stood first goes first, whatever stood before both', (t) => {
  const destinations = ['198.51.100.9', '2001:db8::9', 'fe80::1', '169.254.1.1'];
  const own = [
    candidate('fe80::7', { deprecated: true }),
    candidate('2001:db8::7'),
    candidate('169.254.1.7', { deprecated: true }),
    candidate('198.51.100.7', { deprecated: true }),
  ];
  const order = (input: readonly string[]) =>
    orderDestinations(input, own, { policy: flat }).map(({ destination }) => destination);
  const once = order(destinations);
  t.true(once.indexOf('fe80::1') < once.indexOf('169.254.1.1'));
  t.deepEqual(order(once), once);
});

test('the order of two destinations of one family does not depend on the others', (t) => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.ipV6(), { minLength: 2, maxLength: 6 }),
      fc.array(anOwn, { maxLength: 4 }),
      fc.constantFrom(defaultPolicy, flat),
      (destinations, own, policy) => {
        const all = orderDestinations(destinations, own, { policy }).map(({ destination }) => destination);
        const [a = '', b = ''] = destinations;
        const pair = orderDestinations([a, b], own, { policy }).map(({ destination }) => destination);
        t.deepEqual(
          pair,
          all.filter((destination) => pair.includes(destination)),
        );
      },
    ),
  );
});
