/** Routers that restart, die or are two, and a day on which nothing happens. */
import test from 'ava';
import { routerOf, sameNetwork } from '#socket6bed4/address/sixbed4.ts';
import type { PeerStand } from '../support/sixbed4_ends.ts';
import { Stand } from '../support/sixbed4_stand.ts';

const ROUND_TRIP = 30;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Every fourth keep-alive of 25 s ± 5 % is a check; then it is repeated after 1, 3 and 7 s. */
const NOTICED = 4 * 25_000 * 1.05 + 11_000;

const SOLICITATION = 133;

function symmetricPair(stand: Stand): readonly [PeerStand, PeerStand] {
  return [stand.peer(stand.gateway('symmetric random')), stand.peer(stand.gateway('symmetric random'))];
}

test('a router that restarts costs a relayed call only the packets of the meantime', (t) => {
  const stand = new Stand();
  const router = stand.router();
  const [a, b] = symmetricPair(stand);
  stand.start();
  const streams = stand.call(a, b).map(({ stream }) => stream);
  stand.clock.run(30_000);
  const down = stand.now;
  router.up = false;
  stand.clock.run(5000);
  router.restart();
  const up = stand.now;
  stand.clock.run(5 * MINUTE);
  for (const stream of streams) {
    t.is(stream.lost(0, down - ROUND_TRIP), 0);
    t.is(stream.lost(up, stand.now - 100), 0);
  }
  for (const peer of [a, b]) t.is(peer.notesOf('address').length, 1);
});

test('a direct call outlives its router', (t) => {
  const stand = new Stand();
  const router = stand.router();
  const [a, b] = [stand.peer(stand.gateway('port-restricted')), stand.peer(stand.gateway('port-restricted'))];
  stand.start();
  const streams = stand.call(a, b).map(({ stream }) => stream);
  stand.clock.run(10_000);
  router.up = false;
  const down = stand.now;
  stand.clock.run(10 * MINUTE);
  for (const stream of streams) {
    t.is(stream.lost(down, stand.now - 100), 0);
    t.deepEqual(stream.paths(down, stand.now), ['direct']);
  }
  for (const peer of [a, b]) {
    t.is(peer.notesOf('lost').length, 1);
    t.true((peer.notesOf('lost')[0]?.at ?? 0) - down <= NOTICED);
    t.is(peer.notesOf('address').length, 1);
  }
  router.restart();
  stand.clock.run(MINUTE);
  for (const peer of [a, b]) {
    const [first, again, ...more] = peer.notesOf('address');
    t.deepEqual(
      [again?.address, again?.previous, more],
      [first?.address, undefined, []],
      'it is there again',
    );
  }
});

test('the address is the same after an outage of the router, however long and whatever the NAT', (t) => {
  for (const seconds of [5, 20, 60, 180, 600, 3600])
    for (const kind of ['port-restricted', 'symmetric random'] as const) {
      const stand = new Stand(seconds);
      const router = stand.router();
      const peer = stand.peer(stand.gateway(kind, { timeout: 30_000 }));
      stand.start();
      const own = peer.address.slice();
      stand.clock.run(95_000);
      router.up = false;
      stand.clock.run(seconds * 1000);
      router.restart();
      stand.clock.run(MINUTE);
      t.deepEqual(peer.address, own, `${seconds} s`);
      t.true(peer.notesOf('address').every(({ previous }) => previous === undefined));
    }
});

test('without any router the search goes on, ever slower, until one is there', (t) => {
  const stand = new Stand();
  const router = stand.router();
  router.up = false;
  const peer = stand.peer(stand.gateway('port-restricted'));
  peer.records = true;
  peer.give({ kind: 'start' });
  stand.clock.run(5 * MINUTE);
  const times = peer.transmitted.map(({ at }) => at - (peer.transmitted[0]?.at ?? 0));
  const pauses = times.slice(1).map((at, i) => at - (times[i] ?? 0));
  for (const [i, expected] of [1000, 3000, 7000, 15_000, 30_000, 30_000].entries())
    t.true(Math.abs((pauses[i] ?? 0) - expected) <= expected * 0.1 + 1, `${pauses}`);
  t.deepEqual(peer.peer.addresses, []);
  t.true(peer.notesOf('lost').every(({ first }) => first));
  router.up = true;
  stand.clock.run(34_000);
  t.is(peer.peer.addresses.length, 1);
});

test('of two routers one dead does not delay the address', (t) => {
  for (const dead of [0, 1]) {
    const stand = new Stand();
    const routers = [stand.router(), stand.router()];
    for (const [i, router] of routers.entries()) router.up = i !== dead;
    const peer = stand.peer(stand.gateway('port-restricted'));
    peer.give({ kind: 'start' });
    stand.clock.run(ROUND_TRIP);
    t.deepEqual(routerOf(peer.address), routers[1 - dead]?.end);
  }
});

test('when the serving router dies the second takes over and calls go on by it', (t) => {
  const stand = new Stand();
  const routers = [stand.router(), stand.router()];
  const [a, b] = symmetricPair(stand);
  stand.start();
  const serving = routerOf(a.address);
  const dead = routers.find(({ end }) => end.ipv4 === serving?.ipv4);
  const other = routers.find(({ end }) => end.ipv4 !== serving?.ipv4);
  if (dead === undefined || other === undefined) throw new Error('the address names no router of ours');
  dead.up = false;
  stand.clock.run(NOTICED + 2 * ROUND_TRIP);
  for (const peer of [a, b]) t.deepEqual(routerOf(peer.address), other.end);
  const streams = stand.call(a, b).map(({ stream }) => stream);
  stand.clock.run(MINUTE);
  for (const stream of streams) t.is(stream.lost(0, stand.now - 100), 0);
});

/** Two peers, each knowing a router of its own. */
function twoRouters(kind: 'port-restricted' | 'symmetric random') {
  const stand = new Stand();
  const [one, other] = [stand.router(), stand.router()];
  const gateway = stand.gateway(kind);
  const a = stand.peer(gateway, { routers: [one.end] });
  const b = stand.peer(stand.gateway(kind), { routers: [other.end] });
  stand.start();
  return { stand, a, b, other, gateway };
}

for (const kind of ['port-restricted', 'symmetric random'] as const)
  test(`under another router: attached, ${kind} peers talk by the router of the callee`, (t) => {
    const { stand, a, b, other } = twoRouters(kind);
    t.false(sameNetwork(a.address, b.address));
    a.give({ kind: 'attach', remote: b.address });
    stand.clock.run(ROUND_TRIP);
    const attached = a.notesOf('attached').at(-1)?.address;
    if (attached === undefined) throw new Error('nothing was attached');
    t.deepEqual(routerOf(attached), other.end);
    t.deepEqual(a.peer.sourceFor(b.address), attached);
    const begin = stand.now;
    const there = stand.stream(a, b).stream;
    const back = stand.stream(b, a, 20, () => attached).stream;
    stand.clock.run(10 * MINUTE);
    const path = kind === 'port-restricted' ? 'direct' : 'relayed';
    for (const stream of [there, back]) {
      t.is(stream.lost(0, stand.now - 100), 0);
      t.deepEqual(stream.paths(begin + 1500), [path]);
    }
  });

for (const kind of ['port-restricted', 'symmetric random'] as const)
  test(`under another router: nobody attached, ${kind} peers talk by both routers from the first datagram on`, (t) => {
    const { stand, a, b } = twoRouters(kind);
    const [ofA, ofB] = [a.address.slice(), b.address.slice()];
    const begin = stand.now;
    const there = stand.stream(a, b, 20, () => ofB, ofA).stream;
    const back = stand.stream(b, a, 20, () => ofA, ofB).stream;
    stand.clock.run(10 * MINUTE);
    const path = kind === 'port-restricted' ? 'direct' : 'relayed';
    for (const stream of [there, back]) {
      // Peer, router, router, peer.
      t.deepEqual(stream.sent[0]?.arrival, { at: begin + 1.5 * ROUND_TRIP, path: 'relayed' });
      t.is(stream.lost(0, stand.now - 100), 0);
      t.deepEqual(stream.paths(begin + 1500), [path]);
    }
  });

test('under another router nothing is lost while the source changes to the attached address', (t) => {
  const { stand, a, b } = twoRouters('symmetric random');
  const { stream } = stand.stream(a, b);
  stand.clock.run(MINUTE);
  t.is(stream.lost(0, stand.now - 100), 0);
});

test('an attached address that is void by a lost mapping is told anew one round trip after the next packet', (t) => {
  const { stand, a, b, gateway } = twoRouters('symmetric random');
  a.give({ kind: 'attach', remote: b.address });
  stand.clock.run(ROUND_TRIP);
  const old = a.peer.sourceFor(b.address)?.slice();
  gateway?.nat.forget();
  stand.stream(a, b).running = false;
  const since = stand.now;
  stand.clock.run(ROUND_TRIP);
  const told = a.notesOf('attached').at(-1);
  t.is(told?.at, since + ROUND_TRIP);
  t.notDeepEqual(told?.address, old);
  t.deepEqual(told?.address, a.peer.sourceFor(b.address));
  const { stream } = stand.stream(a, b);
  stand.clock.run(MINUTE);
  t.is(stream.lost(0, stand.now - 100), 0);
});

test('attaching to a router that is dead gives the ordinary address within 3 s', (t) => {
  const { stand, a, b, other } = twoRouters('symmetric random');
  other.up = false;
  a.give({ kind: 'attach', remote: b.address });
  stand.clock.run(3000 + ROUND_TRIP);
  t.deepEqual(
    a.notesOf('attached').map(({ address }) => address),
    [a.address],
  );
});

test('a day of idleness behind a NAT of 30 s: the address stays and the peer is reachable at every moment', (t) => {
  const stand = new Stand();
  const router = stand.router();
  const gateway = stand.gateway('port-restricted', { timeout: 30_000 });
  const peer = stand.peer(gateway);
  const stranger = stand.peer();
  stand.start();
  peer.records = true;
  const begin = stand.now;
  const own = peer.address.slice();
  let checks = 0;
  for (let second = 0; second < 24 * 3600; second++) {
    stand.clock.run(1000);
    const port = ((own[12] ?? 0) << 8) | (own[13] ?? 0);
    const reached = gateway?.nat.fromOutside(router.end, { ipv4: gateway.nat.outside, port }, stand.now);
    if (reached?.to.ipv4 === peer.ipv4) checks += 1;
  }
  t.is(checks, 24 * 3600);
  t.deepEqual(peer.address, own);
  t.is(peer.notesOf('address').length, 1);
  t.is(peer.notesOf('lost').length, 0);
  const sent = peer.transmitted;
  t.true(sent.every(({ to }) => stand.isRouter(to)));
  const pauses = sent.map(({ at }, i) => at - (sent[i - 1]?.at ?? begin - 1000));
  t.true(pauses.every((pause) => pause <= 26_250 + ROUND_TRIP));
  t.true(sent.length <= (24 * HOUR) / 23_750 + 1, `${sent.length} keep-alives`);
  const solicitations = sent.filter(({ octets }) => octets[40] === SOLICITATION).length;
  t.true(Math.abs(solicitations - sent.length / 4) <= 1, `${solicitations} checks among ${sent.length}`);
  const { stream } = stand.stream(stranger, peer);
  stand.clock.run(1000);
  t.is(stream.lost(0, stand.now - 100), 0);
});

test('a day with a question in every ten minutes: each is answered at once', (t) => {
  const stand = new Stand();
  stand.router();
  const [a, b] = [
    stand.peer(stand.gateway('port-restricted')),
    stand.peer(stand.gateway('symmetric random')),
  ];
  stand.start();
  b.heard = () => {
    stand.stream(b, a).running = false;
  };
  for (let asked = 0; asked < 144; asked++) {
    stand.stream(a, b).running = false;
    stand.clock.run(10 * MINUTE);
  }
  const streams = [...stand.streams.values()];
  t.is(streams.length, 288);
  for (const { sent } of streams)
    t.deepEqual(sent, [
      { at: sent[0]?.at, arrival: { at: (sent[0]?.at ?? 0) + ROUND_TRIP, path: 'relayed' } },
    ]);
});
