/** Conversations that are not a steady call: hold, pauses of any length, one side that only listens, NATs in NATs. */
import test from 'ava';
import { OUTCOMES } from '../support/nat_outcomes.ts';
import type { PeerStand } from '../support/sixbed4_ends.ts';
import { Stand } from '../support/sixbed4_stand.ts';

const ROUND_TRIP = 30;
const MINUTE = 60_000;

function cones(seed = 1): { readonly stand: Stand; readonly a: PeerStand; readonly b: PeerStand } {
  const stand = new Stand(seed);
  stand.router();
  const [a, b] = [stand.peer(stand.gateway('port-restricted')), stand.peer(stand.gateway('port-restricted'))];
  stand.start();
  return { stand, a, b };
}

test('a neighbour on hold is not suspected: the call stays direct and loses nothing', (t) => {
  const { stand, a, b } = cones();
  const [there, back] = stand.call(a, b);
  stand.clock.run(10_000);
  back.running = false;
  const held = stand.now;
  stand.clock.run(5 * MINUTE);
  const resumed = stand.stream(b, a);
  stand.clock.run(MINUTE);
  t.deepEqual(there.stream.paths(held + 2000), ['direct']);
  t.deepEqual(resumed.stream.paths(), ['direct']);
  for (const { stream } of [there, back, resumed]) t.is(stream.lost(0, stand.now - 100), 0);
});

test('after a pause of any length the first packets each way arrive', (t) => {
  for (let pause = 500; pause <= 65_000; pause += 500) {
    const { stand, a, b } = cones(pause);
    const flows = stand.call(a, b);
    stand.clock.run(3000);
    for (const flow of flows) flow.running = false;
    stand.clock.run(pause);
    const first = stand.stream(a, b);
    first.running = false;
    stand.clock.run(200);
    const again = stand.call(b, a);
    stand.clock.run(5000);
    for (const flow of [first, ...again]) t.is(flow.stream.lost(0, stand.now - 100), 0, `${pause} ms`);
    t.deepEqual([a.pathTo(b), b.pathTo(a)], ['direct', 'direct'], `${pause} ms`);
  }
});

for (const { caller, callee, path } of OUTCOMES)
  test(`${caller} talks and ${callee} only listens: nothing is lost`, (t) => {
    const stand = new Stand();
    stand.router();
    const [a, b] = [stand.peer(stand.gateway(caller)), stand.peer(stand.gateway(callee))];
    stand.start();
    const begin = stand.now;
    const { stream } = stand.stream(a, b);
    stand.clock.run(2 * MINUTE);
    t.is(stream.lost(0, stand.now - 100), 0);
    if (path === 'relayed') t.deepEqual(stream.paths(), ['relayed']);
    // A filter that knows the caller not opens only by sending, and who listens sends nothing.
    const open = callee === 'public' || callee === 'full cone';
    if (open) t.deepEqual(stream.paths(begin + 1000), [path]);
  });

test('cones within cones become direct', (t) => {
  const stand = new Stand();
  stand.router();
  const peers = [1, 2].map((home) => {
    const carrier = stand.gateway('port-restricted');
    const router = stand.gateway('port-restricted', {}, {}, 0x64400000 + home, carrier?.realm);
    return stand.peer(router);
  });
  stand.start();
  const [a, b] = peers as [PeerStand, PeerStand];
  const begin = stand.now;
  const streams = stand.call(a, b).map(({ stream }) => stream);
  stand.clock.run(MINUTE);
  for (const stream of streams) {
    t.is(stream.lost(0, stand.now - 100), 0);
    t.deepEqual(stream.paths(begin + 1000), ['direct']);
  }
});

for (const hairpin of [true, false])
  test(`two homes of one carrier ${hairpin ? 'with' : 'without'} hairpin lose nothing`, (t) => {
    const stand = new Stand();
    stand.router();
    const carrier = stand.gateway('port-restricted', { hairpin });
    const homes = [1, 2].map((home) =>
      stand.gateway('port-restricted', {}, {}, 0x64400000 + home, carrier?.realm),
    );
    const [a, b] = homes.map((home) => stand.peer(home)) as [PeerStand, PeerStand];
    stand.start();
    const begin = stand.now;
    const streams = stand.call(a, b).map(({ stream }) => stream);
    stand.clock.run(MINUTE);
    for (const stream of streams) {
      t.is(stream.lost(0, stand.now - ROUND_TRIP - 100), 0);
      t.deepEqual(stream.paths(begin + 1000), [hairpin ? 'direct' : 'relayed']);
    }
  });

test('a NAT that forgets after 20 s is served by who knows it', (t) => {
  const stand = new Stand();
  stand.router();
  const options = { hole: 20_000, keepAlive: 15_000 };
  const gateways = [1, 2].map(() => stand.gateway('port-restricted', { timeout: 20_000 }));
  const [a, b] = gateways.map((gateway) => stand.peer(gateway, options)) as [PeerStand, PeerStand];
  stand.start();
  const begin = stand.now;
  const streams = stand.call(a, b).map(({ stream }) => stream);
  stand.clock.run(5 * MINUTE);
  for (const stream of streams) {
    t.is(stream.lost(0, stand.now - 100), 0);
    t.deepEqual(stream.paths(begin + 2000), ['direct']);
  }
  for (const peer of [a, b]) t.is(peer.notesOf('address').length, 1);
});
