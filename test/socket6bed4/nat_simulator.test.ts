/** The simulator itself: NATs by the words of RFC 4787, and the little internet that they hang on. */
import test from 'ava';
import type { Ipv4End } from '#socket6bed4/address/ipv4.ts';
import { Clock } from '../support/clock.ts';
import { type Datagram, Internet4, type Link } from '../support/internet4.ts';
import { seededRandom } from '../support/mutate.ts';
import { type Dependence, Nat, type NatOptions } from '../support/nat.ts';

const OUTSIDE = 0xcb007101; // 203.0.113.1
const INSIDE: Ipv4End = { ipv4: 0xc0a80002, port: 5000 }; // 192.168.0.2
const OTHER_INSIDE: Ipv4End = { ipv4: 0xc0a80003, port: 5000 };
const REMOTE: Ipv4End = { ipv4: 0xc6336401, port: 700 }; // 198.51.100.1
const OTHER_PORT: Ipv4End = { ipv4: REMOTE.ipv4, port: 701 };
const OTHER_HOST: Ipv4End = { ipv4: 0xc6336402, port: 700 };

const DEPENDENCES: readonly Dependence[] = [
  'endpoint-independent',
  'address-dependent',
  'address-and-port-dependent',
];

function nat(options: Partial<NatOptions> = {}): Nat {
  return new Nat(OUTSIDE, {
    mapping: 'endpoint-independent',
    filtering: 'endpoint-independent',
    random: seededRandom(1),
    ...options,
  });
}

/** The outside port that a datagram from inside gets. */
function portOf(box: Nat, to: Ipv4End, now = 0, from = INSIDE): number {
  const passage = box.fromInside(from, to, now);
  return passage?.side === 'outside' && passage.from.ipv4 === OUTSIDE ? passage.from.port : -1;
}

for (const mapping of DEPENDENCES)
  test(`mapping ${mapping}: which remote ends share a port`, (t) => {
    const box = nat({ mapping });
    const ports = [REMOTE, OTHER_PORT, OTHER_HOST, REMOTE].map((to) => portOf(box, to));
    const expected = {
      'endpoint-independent': [5000, 5000, 5000, 5000],
      'address-dependent': [5000, 5000, 5001, 5000],
      'address-and-port-dependent': [5000, 5001, 5002, 5000],
    };
    t.deepEqual(ports, expected[mapping]);
  });

for (const filtering of DEPENDENCES)
  test(`filtering ${filtering}: who may answer`, (t) => {
    const box = nat({ filtering });
    const port = portOf(box, REMOTE);
    const passed = [REMOTE, OTHER_PORT, OTHER_HOST].map(
      (from) => box.fromOutside(from, { ipv4: OUTSIDE, port }, 1) !== undefined,
    );
    const expected = {
      'endpoint-independent': [true, true, true],
      'address-dependent': [true, true, false],
      'address-and-port-dependent': [true, false, false],
    };
    t.deepEqual(passed, expected[filtering]);
    t.is(box.refused, passed.filter((did) => !did).length);
  });

test('what comes in goes to the inside host that owns the port', (t) => {
  const box = nat();
  t.is(portOf(box, REMOTE), 5000);
  t.is(portOf(box, REMOTE, 0, OTHER_INSIDE), 5001, 'the port was taken');
  const to = (port: number) => box.fromOutside(REMOTE, { ipv4: OUTSIDE, port }, 1)?.to;
  t.deepEqual([to(5000), to(5001), to(5002)], [INSIDE, OTHER_INSIDE, undefined]);
});

test('random ports differ from the inside port and from one another', (t) => {
  const box = nat({ mapping: 'address-and-port-dependent', ports: 'random' });
  const ports = Array.from({ length: 200 }, (_, i) => portOf(box, { ...REMOTE, port: 1 + i }));
  t.is(new Set(ports).size, 200);
  t.false(ports.includes(INSIDE.port));
  t.true(ports.every((port) => port >= 1024 && port <= 65_535));
});

test('an unused mapping dies after its time and outgoing traffic refreshes it', (t) => {
  const box = nat({ timeout: 30_000 });
  const alive = (now: number) => box.fromOutside(REMOTE, { ipv4: OUTSIDE, port: 5000 }, now) !== undefined;
  portOf(box, REMOTE, 0);
  t.true(alive(29_999));
  t.false(alive(30_000), 'incoming traffic alone does not refresh');
  portOf(box, REMOTE, 40_000);
  portOf(box, OTHER_HOST, 69_000);
  t.true(alive(98_999));
});

test('incoming traffic refreshes where the NAT is so kind', (t) => {
  const box = nat({ refreshedByIncoming: true, filtering: 'address-and-port-dependent' });
  const alive = (now: number) => box.fromOutside(REMOTE, { ipv4: OUTSIDE, port: 5000 }, now) !== undefined;
  portOf(box, REMOTE, 0);
  t.deepEqual([alive(29_000), alive(58_000), alive(88_000)], [true, true, false]);
});

test('leave for one remote end ends though traffic with another keeps the mapping', (t) => {
  const box = nat({ filtering: 'address-and-port-dependent' });
  portOf(box, REMOTE, 0);
  portOf(box, OTHER_HOST, 20_000);
  const passes = (from: Ipv4End) =>
    box.fromOutside(from, { ipv4: OUTSIDE, port: 5000 }, 31_000) !== undefined;
  t.deepEqual([passes(REMOTE), passes(OTHER_HOST)], [false, true]);
});

test('a mapping that died may get another port', (t) => {
  const box = nat({ ports: 'random' });
  const first = portOf(box, REMOTE, 0);
  t.is(portOf(box, REMOTE, 29_000), first);
  t.not(portOf(box, REMOTE, 60_000), first);
});

test('a reboot loses every mapping, and a renumbered NAT has another address', (t) => {
  const box = nat({ ports: 'random' });
  const first = portOf(box, REMOTE);
  box.forget();
  t.is(box.fromOutside(REMOTE, { ipv4: OUTSIDE, port: first }, 1), undefined);
  t.not(portOf(box, REMOTE, 1), first);
  box.renumber(OUTSIDE + 1);
  t.is(box.fromInside(INSIDE, REMOTE, 2)?.from.ipv4, OUTSIDE + 1);
});

for (const hairpin of [true, false])
  test(`hairpin ${hairpin}: an inside host ${hairpin ? 'reaches' : 'misses'} another by its outside end`, (t) => {
    const box = nat({ hairpin, filtering: 'address-and-port-dependent' });
    const theirs = { ipv4: OUTSIDE, port: portOf(box, REMOTE, 0, OTHER_INSIDE) };
    const ours = { ipv4: OUTSIDE, port: portOf(box, REMOTE) };
    t.is(box.fromInside(INSIDE, theirs, 1), undefined, 'the filter holds inside too');
    const passage = box.fromInside(OTHER_INSIDE, ours, 2);
    t.deepEqual(passage, hairpin ? { side: 'inside', from: theirs, to: INSIDE } : undefined);
  });

/** A stand with one host inside a NAT and one outside, each noting what arrives. */
function stand(options: Partial<NatOptions> = {}, link: Partial<Link> = {}) {
  const clock = new Clock(0);
  const internet = new Internet4(clock, seededRandom(7));
  const gateway = internet.nat(
    OUTSIDE,
    {
      mapping: 'endpoint-independent',
      filtering: 'address-and-port-dependent',
      random: seededRandom(1),
      ...options,
    },
    { delay: 5 },
  );
  const arrived: {
    readonly at: number;
    readonly who: string;
    readonly from: Ipv4End;
    readonly octets: Uint8Array;
  }[] = [];
  const note = (who: string) => (_: number, from: Ipv4End, octets: Uint8Array) =>
    arrived.push({ at: clock.now, who, from, octets });
  const inside = internet.host(gateway.realm, INSIDE.ipv4, { delay: 1 }, note('inside'));
  const outside = internet.host(internet.realm, REMOTE.ipv4, { delay: 9, ...link }, note('outside'));
  return { clock, internet, gateway, inside, outside, arrived };
}

test('a datagram takes the delay of every link, and its copy is the receiver’s own', (t) => {
  const { clock, inside, outside, arrived } = stand();
  const octets = Uint8Array.of(1, 2, 3);
  inside.send(INSIDE.port, REMOTE, octets);
  octets.fill(0);
  clock.settle();
  outside.send(REMOTE.port, { ipv4: OUTSIDE, port: 5000 }, Uint8Array.of(4));
  clock.settle();
  t.deepEqual(arrived, [
    { at: 15, who: 'outside', from: { ipv4: OUTSIDE, port: 5000 }, octets: Uint8Array.of(1, 2, 3) },
    { at: 30, who: 'inside', from: REMOTE, octets: Uint8Array.of(4) },
  ]);
});

test('links lose and double datagrams by their share, the same ones in every run', (t) => {
  const counts = [1, 2].map(() => {
    const { clock, inside, arrived } = stand({}, { loss: 0.2, duplication: 0.1 });
    for (let i = 0; i < 10_000; i++) inside.send(INSIDE.port, REMOTE, Uint8Array.of(i));
    clock.settle();
    return arrived.length;
  });
  t.is(counts[0], counts[1]);
  t.true(Math.abs((counts[0] ?? 0) - 8800) < 150, `${counts[0]}`);
});

test('jitter lets datagrams overtake each other', (t) => {
  const { clock, inside, arrived } = stand({}, { jitter: 50 });
  for (let i = 0; i < 100; i++) clock.after(i, () => inside.send(INSIDE.port, REMOTE, Uint8Array.of(i)));
  clock.settle();
  const order = arrived.map(({ octets }) => octets[0] ?? -1);
  t.is(order.length, 100);
  t.notDeepEqual(
    order,
    order.toSorted((a, b) => a - b),
  );
});

test('a path is cut in one direction until it is mended', (t) => {
  const { clock, internet, inside, outside, arrived } = stand();
  const both = () => {
    inside.send(INSIDE.port, REMOTE, Uint8Array.of(1));
    clock.settle();
    outside.send(REMOTE.port, { ipv4: OUTSIDE, port: 5000 }, Uint8Array.of(2));
    clock.settle();
    return arrived.splice(0).map(({ who }) => who);
  };
  t.deepEqual(both(), ['outside', 'inside']);
  internet.cut(REMOTE.ipv4, OUTSIDE);
  t.deepEqual(both(), ['outside']);
  internet.mend(REMOTE.ipv4, OUTSIDE);
  t.deepEqual(both(), ['outside', 'inside']);
});

test('what nobody has goes nowhere and is noted', (t) => {
  const { clock, internet, inside } = stand();
  const seen: Datagram[] = [];
  internet.watch = (datagram) => seen.push(datagram);
  inside.send(INSIDE.port, OTHER_HOST, Uint8Array.of(1));
  clock.settle();
  t.deepEqual(
    internet.unroutable.map(({ to }) => to),
    [OTHER_HOST],
  );
  t.is(seen.length, 1);
});

test('NATs nest, and hosts of one realm need no NAT', (t) => {
  const { clock, internet, gateway, outside, arrived } = stand();
  const inner = internet.nat(
    0xc0a80009,
    { mapping: 'endpoint-independent', filtering: 'endpoint-independent', random: seededRandom(2) },
    { delay: 2 },
    gateway.realm,
  );
  const got: Ipv4End[] = [];
  const deep = internet.host(inner.realm, 0x0a000002, { delay: 1 }, (_, from) => got.push(from));
  deep.send(6000, REMOTE, Uint8Array.of(1));
  clock.settle();
  t.deepEqual(
    arrived.map(({ who, from }) => ({ who, from })),
    [{ who: 'outside', from: { ipv4: OUTSIDE, port: 6000 } }],
  );
  outside.send(REMOTE.port, { ipv4: OUTSIDE, port: 6000 }, Uint8Array.of(2));
  clock.settle();
  t.deepEqual(got, [REMOTE]);
  deep.send(6000, INSIDE, Uint8Array.of(3));
  clock.settle();
  t.is(arrived.at(-1)?.who, 'inside');
  t.is(arrived.at(-1)?.from.ipv4, 0xc0a80009);
});

test('a renumbered gateway is found at its new address only', (t) => {
  const { clock, internet, gateway, inside, outside, arrived } = stand();
  gateway.renumber(OUTSIDE + 1);
  inside.send(INSIDE.port, REMOTE, Uint8Array.of(1));
  clock.settle();
  outside.send(REMOTE.port, { ipv4: OUTSIDE + 1, port: 5000 }, Uint8Array.of(2));
  outside.send(REMOTE.port, { ipv4: OUTSIDE, port: 5000 }, Uint8Array.of(3));
  clock.settle();
  t.deepEqual(
    arrived.map(({ who }) => who),
    ['outside', 'inside'],
  );
  t.is(internet.unroutable.length, 1);
});
