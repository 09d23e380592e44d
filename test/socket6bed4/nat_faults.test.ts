/** What goes wrong on the way between two peers: loss, lost mappings, new addresses, direct paths that are cut. */
import test, { type ExecutionContext } from 'ava';
import type { Gateway, Realm } from '../support/internet4.ts';
import type { NatKind } from '../support/nat_outcomes.ts';
import type { PeerStand } from '../support/sixbed4_ends.ts';
import { Stand } from '../support/sixbed4_stand.ts';

const ROUND_TRIP = 30;
const MINUTE = 60_000;
const PACKETS_A_SECOND = 50;

interface Pair {
  readonly stand: Stand;
  readonly a: PeerStand;
  readonly b: PeerStand;
  readonly gateways: readonly [Gateway, Gateway];
}

/** Two peers behind NATs of this kind, started. `loss` is that of the first one's access, each way. */
function pair(kind: NatKind, loss = 0, seed = 1): Pair {
  const stand = new Stand(seed);
  stand.router();
  const [first, second] = [stand.gateway(kind, { ports: 'random' }, { loss }), stand.gateway(kind, {})];
  if (first === undefined || second === undefined) throw new Error('this kind is no NAT');
  const [a, b] = [stand.peer(first), stand.peer(second)];
  stand.start(loss > 0 ? MINUTE : 1000);
  return { stand, a, b, gateways: [first, second] };
}

for (const loss of [0.1, 0.2, 0.3])
  test(`with ${loss * 100} % loss cones become direct, stay it, and lose no more than the network does`, (t) => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const { stand, a, b } = pair('port-restricted', loss, seed);
      const begin = stand.now;
      const streams = stand.call(a, b).map(({ stream }) => stream);
      stand.clock.run(5 * MINUTE);
      const end = stand.now - 1000;
      for (const stream of streams) {
        const sent = stream.sent.length - PACKETS_A_SECOND;
        t.true(stream.lost(0, end) / sent < loss + 0.02, `${stream.lost(0, end)} of ${sent} lost`);
        t.deepEqual(stream.paths(begin + 5000, end), ['direct'], `seed ${seed}`);
      }
      t.is(a.notesOf('address').length, 1, 'the address was kept');
    }
  });

for (const loss of [0.1, 0.3])
  test(`with ${loss * 100} % loss symmetric pairs go on by the router`, (t) => {
    const { stand, a, b } = pair('symmetric random', loss);
    const streams = stand.call(a, b).map(({ stream }) => stream);
    stand.clock.run(5 * MINUTE);
    const end = stand.now - 1000;
    for (const stream of streams) {
      t.deepEqual(stream.paths(), ['relayed']);
      t.true(stream.lost(0, end) / stream.sent.length < loss + 0.02);
    }
  });

test('duplicated and overtaking datagrams harm nothing', (t) => {
  const { stand, a, b, gateways } = pair('port-restricted');
  for (const { link } of gateways) Object.assign(link, { duplication: 0.2, jitter: 60 });
  const begin = stand.now;
  const streams = stand.call(a, b).map(({ stream }) => stream);
  stand.clock.run(2 * MINUTE);
  for (const stream of streams) {
    t.is(stream.lost(0, stand.now - 1000), 0);
    t.deepEqual(stream.paths(begin + 2000), ['direct']);
  }
});

/** The new address, and how long after `since` it came. */
function readdressed(t: ExecutionContext, peer: PeerStand, old: Uint8Array, since: number): number {
  const note = peer.notesOf('address').at(-1);
  if (note === undefined) throw new Error('no address was told');
  t.deepEqual(note.previous, old);
  t.deepEqual(note.address, peer.address);
  t.notDeepEqual(note.address, old);
  return note.at - since;
}

for (const how of ['forgotten', 'renumbered'] as const)
  test(`an idle peer whose mapping is ${how} has a new address one round trip after its next packet`, (t) => {
    const { stand, a, b, gateways } = pair('port-restricted');
    const old = a.address.slice();
    if (how === 'forgotten') gateways[0].nat.forget();
    else gateways[0].renumber(0xcb007163);
    stand.stream(a, b).running = false;
    const since = stand.now;
    stand.clock.run(ROUND_TRIP);
    t.is(readdressed(t, a, old, since), ROUND_TRIP);
    const [there] = stand.call(a, b);
    stand.clock.run(1000);
    t.is(there.stream.lost(0, stand.now - 100), 0);
    t.is(a.pathTo(b), 'direct');
  });

test('an idle peer that sends nothing learns of its lost mapping by the next check of its router', (t) => {
  const { stand, a, gateways } = pair('port-restricted');
  const old = a.address.slice();
  gateways[0].nat.forget();
  const since = stand.now;
  stand.clock.run(2 * MINUTE);
  t.true(readdressed(t, a, old, since) <= 106_000);
});

test('a relayed call whose mapping is lost has a new address within a packet and a round trip', (t) => {
  const { stand, a, b, gateways } = pair('symmetric random');
  stand.call(a, b);
  stand.clock.run(10_000);
  const old = a.address.slice();
  gateways[0].nat.forget();
  const since = stand.now;
  stand.clock.run(1000);
  t.true(readdressed(t, a, old, since) <= 20 + ROUND_TRIP);
});

test('a direct call whose mapping is lost has a new address as soon as it is back at the router', (t) => {
  const { stand, a, b, gateways } = pair('port-restricted');
  const flows = stand.call(a, b);
  stand.clock.run(10_000);
  t.is(a.pathTo(b), 'direct');
  const old = a.address.slice();
  gateways[0].nat.forget();
  const since = stand.now;
  stand.clock.run(2000);
  t.true(readdressed(t, a, old, since) <= 1000);
  for (const flow of flows) flow.running = false;
  const streams = stand.call(a, b).map(({ stream }) => stream);
  stand.clock.run(2000);
  for (const stream of streams) t.is(stream.lost(0, stand.now - 100), 0);
  t.deepEqual([a.pathTo(b), b.pathTo(a)], ['direct', 'direct']);
});

for (const [what, ways] of [
  ['in one direction', ['there']],
  ['in the other direction', ['back']],
  ['in both directions', ['there', 'back']],
] as const)
  test(`a direct path cut ${what} in a call is repaired within 2 s, and direct again when it is whole`, (t) => {
    const { stand, a, b, gateways } = pair('port-restricted');
    const [first, second] = gateways.map(({ nat }) => nat.outside) as [number, number];
    const paths = ways.map(
      (way) => (way === 'there' ? [first, second] : [second, first]) as [number, number],
    );
    const streams = stand.call(a, b).map(({ stream }) => stream);
    stand.clock.run(20_000);
    const cut = stand.now;
    for (const path of paths) stand.internet.cut(...path);
    stand.clock.run(MINUTE);
    const mended = stand.now;
    for (const path of paths) stand.internet.mend(...path);
    stand.clock.run(MINUTE);
    const end = stand.now - 1000;
    for (const stream of streams) {
      t.is(stream.lost(0, cut - 1000), 0);
      t.is(stream.lost(cut + 2000, end), 0, 'repaired for good');
      t.deepEqual(stream.paths(mended + 30_000, end), ['direct']);
    }
    t.deepEqual([a.pathTo(b), b.pathTo(a)], ['direct', 'direct']);
    t.is(a.notesOf('address').length, 1, 'the address was kept');
  });

test('a mapping lost by who alone is heard directly costs a call 2 s at most', (t) => {
  const { stand, a, b, gateways } = pair('port-restricted');
  const [first, second] = gateways.map(({ nat }) => nat.outside) as [number, number];
  const [there] = stand.call(a, b);
  stand.clock.run(20_000);
  stand.internet.cut(second, first);
  stand.clock.run(MINUTE);
  t.deepEqual([a.pathTo(b), b.pathTo(a)], ['direct', 'relayed']);
  const lost = stand.now;
  gateways[0].nat.forget();
  stand.clock.run(MINUTE);
  t.is(there?.stream.lost(lost + 2000, stand.now - 1000), 0);
});

function elsewhere(stand: Stand): Realm {
  const gateway = stand.gateway('port-restricted');
  if (gateway === undefined) throw new Error('this kind is no NAT');
  return gateway.realm;
}

test('a peer that moves to another network has a new address and calls on from there', (t) => {
  const { stand, a, b } = pair('port-restricted');
  stand.call(a, b);
  stand.clock.run(10_000);
  const old = a.address.slice();
  const since = stand.now;
  a.move(elsewhere(stand));
  a.give({ kind: 'network-changed' });
  stand.clock.run(ROUND_TRIP);
  t.is(readdressed(t, a, old, since), ROUND_TRIP);
  stand.clock.run(2000);
  const streams = stand.call(a, b).map(({ stream }) => stream);
  stand.clock.run(MINUTE);
  for (const stream of streams) {
    t.is(stream.lost(0, stand.now - 100), 0);
    t.deepEqual(stream.paths(stand.now - MINUTE + 500), ['direct']);
  }
});

test('a peer that moves without being told finds out when it sends', (t) => {
  const { stand, a, b } = pair('port-restricted');
  const old = a.address.slice();
  a.move(elsewhere(stand));
  const since = stand.now;
  stand.stream(a, b).running = false;
  stand.clock.run(ROUND_TRIP);
  t.is(readdressed(t, a, old, since), ROUND_TRIP);
});
