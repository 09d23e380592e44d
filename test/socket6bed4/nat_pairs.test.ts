/** Every pair of NAT kinds against the table of outcomes: the real machines of peers and router on simulated NATs. */
import test, { type ExecutionContext } from 'ava';
import { OUTCOMES, type Path, SAME_NAT_OUTCOMES } from '../support/nat_outcomes.ts';
import type { PeerStand, Transmission } from '../support/sixbed4_ends.ts';
import { type Flowing, Stand } from '../support/sixbed4_stand.ts';

const ROUND_TRIP = 30;
/** From the end of the first exchange, which the router relays. */
const SOON = 150;
const MINUTE = 60_000;

/** The caller talks 50 packets a second; the callee answers likewise from the first one on. */
function call(stand: Stand, caller: PeerStand, callee: PeerStand): readonly [Flowing, Flowing] {
  let back: Flowing | undefined;
  callee.heard = () => {
    back ??= stand.stream(callee, caller);
  };
  const forth = stand.stream(caller, callee);
  stand.clock.run(ROUND_TRIP);
  if (back === undefined) throw new Error('the first datagram did not arrive within a round trip');
  return [forth, back];
}

/** A probe thrice in the first two seconds, then one in 25 s. */
function probesSparingly(t: ExecutionContext, probes: readonly Transmission[], begin: number): void {
  const times = probes.map(({ at }) => at - begin);
  t.true(times.length > 0);
  t.true(times.filter((at) => at <= 2000 + ROUND_TRIP).length <= 3, `${times}`);
  const later = times.filter((at) => at > 2000 + ROUND_TRIP);
  for (const [i, at] of later.entries()) t.true(at - (later[i - 1] ?? 2000) >= 25_000 - 1000, `${times}`);
}

function comesOut(t: ExecutionContext, stand: Stand, caller: PeerStand, callee: PeerStand, path: Path): void {
  for (const peer of [caller, callee]) peer.records = true;
  const begin = stand.now;
  const flows = call(stand, caller, callee);
  const exchanged = begin + 2 * ROUND_TRIP;
  stand.clock.run(70_000);
  const after70s = stand.now;
  for (const flow of flows) flow.interval = 500;
  stand.clock.run(10 * MINUTE);
  const end = stand.now - 1000;
  t.deepEqual(flows[0].stream.sent[0]?.arrival, { at: begin + ROUND_TRIP, path: 'relayed' });
  for (const { stream } of flows) {
    t.true((stream.sent[0]?.arrival?.at ?? 0) - (stream.sent[0]?.at ?? 0) <= ROUND_TRIP);
    t.is(stream.lost(0, end), 0);
    t.is(stream.duplicates, 0);
    t.deepEqual(stream.paths(exchanged + SOON, after70s), [path]);
    t.deepEqual(stream.paths(after70s, end), [path]);
  }
  t.deepEqual([caller.pathTo(callee), callee.pathTo(caller)], [path, path]);
  for (const peer of [caller, callee]) {
    t.true(peer.notesOf('path').length <= 1, 'the path was changed once at most');
    if (path === 'relayed') probesSparingly(t, peer.probes, begin);
  }
  t.deepEqual(stand.internet.unroutable, []);
}

for (const { caller, callee, path } of OUTCOMES)
  test(`${caller} calls ${callee}: ${path}`, (t) => {
    const stand = new Stand();
    stand.router();
    const [a, b] = [stand.peer(stand.gateway(caller)), stand.peer(stand.gateway(callee))];
    stand.start();
    comesOut(t, stand, a, b, path);
  });

for (const { kind, hairpin, path } of SAME_NAT_OUTCOMES)
  test(`two behind one ${kind} NAT ${hairpin ? 'with' : 'without'} hairpin: ${path}`, (t) => {
    const stand = new Stand();
    stand.router();
    const gateway = stand.gateway(kind, { hairpin });
    const [a, b] = [stand.peer(gateway), stand.peer(gateway)];
    stand.start();
    comesOut(t, stand, a, b, path);
  });

for (const { caller, callee, path } of OUTCOMES)
  test(`after one question and one answer ${caller} and ${callee} are ${path} on their own`, (t) => {
    const stand = new Stand();
    stand.router();
    const [a, b] = [stand.peer(stand.gateway(caller)), stand.peer(stand.gateway(callee))];
    stand.start();
    const answered: number[] = [];
    b.heard = () => {
      if (answered.length === 0) stand.stream(b, a).running = false;
      answered.push(stand.now);
    };
    stand.stream(a, b).running = false;
    stand.clock.run(2 * ROUND_TRIP + SOON);
    t.is(answered.length, 1);
    const again = [stand.stream(a, b), stand.stream(b, a)];
    for (const flowing of again) flowing.running = false;
    stand.clock.run(ROUND_TRIP);
    t.deepEqual(
      again.map(({ stream }) => stream.paths()),
      [[path], [path]],
    );
  });
