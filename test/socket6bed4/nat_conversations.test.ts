/** What no table lists: conversations and disturbances thrown by dice, which are the same in every run. */
import test from 'ava';
import { NAT_KINDS, type NatKind } from '../support/nat_outcomes.ts';
import type { PeerStand } from '../support/sixbed4_ends.ts';
import { type Flowing, Stand } from '../support/sixbed4_stand.ts';

const MINUTE = 60_000;
const KINDS = Object.keys(NAT_KINDS) as NatKind[];

/** One of them, by the dice of the stand. */
function pick<T>(stand: Stand, all: readonly [T, ...T[]]): T {
  return all[Math.floor(stand.random() * all.length)] ?? all[0];
}

test('talk in bursts and pauses of any length loses nothing on a network that loses nothing', (t) => {
  for (let seed = 1; seed <= 60; seed++) {
    const stand = new Stand(seed);
    stand.router();
    const kinds = [0, 1].map(() => pick(stand, KINDS as [NatKind]));
    const [a, b] = kinds.map((kind) => stand.peer(stand.gateway(kind))) as [PeerStand, PeerStand];
    stand.start();
    const flows: Flowing[] = [];
    const talk = (from: PeerStand, to: PeerStand) => {
      const flow = stand.stream(from, to, 20 + stand.random() * 3000);
      flows.push(flow);
      const burst = stand.random() < 0.3 ? 1 : stand.random() * 20_000;
      stand.clock.after(burst, () => {
        flow.running = false;
      });
      stand.clock.after(stand.random() * pick(stand, [5000, 65_000]), () => talk(from, to));
    };
    talk(a, b);
    talk(b, a);
    stand.clock.run(30 * MINUTE);
    const lost = flows.reduce((sum, { stream }) => sum + stream.lost(0, stand.now - 100), 0);
    t.is(lost, 0, `seed ${seed}: ${kinds.join(' and ')}`);
  }
});

/** Two peers behind NATs in a call, and what can happen to them. */
class Call {
  readonly stand: Stand;
  readonly kinds: readonly NatKind[];
  readonly #gateways;
  readonly #peers: readonly PeerStand[];
  readonly #flows: Flowing[];

  constructor(seed: number) {
    this.stand = new Stand(seed);
    this.stand.router();
    this.kinds = [0, 1].map(() => pick(this.stand, KINDS.filter((kind) => kind !== 'public') as [NatKind]));
    this.#gateways = this.kinds.map((kind) => this.stand.gateway(kind));
    this.#peers = this.#gateways.map((gateway) => this.stand.peer(gateway));
    this.stand.start();
    this.#flows = [this.#talk(0), this.#talk(1)];
    this.stand.clock.run(5000);
  }

  lost(from: number, until: number): number {
    return [...this.stand.streams.values()].reduce((sum, stream) => sum + stream.lost(from, until), 0);
  }

  cut(side: number): void {
    this.stand.internet.cut(this.#outside(side), this.#outside(1 - side));
  }

  mend(): void {
    for (const side of [0, 1]) this.stand.internet.mend(this.#outside(side), this.#outside(1 - side));
  }

  forget(side: number): void {
    this.#gateways[side]?.nat.forget();
  }

  hold(side: number): void {
    const flow = this.#flows[side];
    if (flow !== undefined) flow.running = false;
  }

  resume(): void {
    for (const side of [0, 1]) if (!this.#flows[side]?.running) this.#flows[side] = this.#talk(side);
  }

  #talk(side: number): Flowing {
    const [from, to] = [this.#peers[side], this.#peers[1 - side]];
    if (from === undefined || to === undefined) throw new Error('there are two sides');
    return this.stand.stream(from, to);
  }

  #outside(side: number): number {
    return this.#gateways[side]?.nat.outside ?? 0;
  }
}

type Disturbance = readonly [name: string, happen: (call: Call) => void];

const DISTURBANCES: readonly [Disturbance, ...Disturbance[]] = [
  ['the path there is cut', (call) => call.cut(0)],
  ['the path back is cut', (call) => call.cut(1)],
  ['both paths are cut', (call) => [0, 1].map((side) => call.cut(side))],
  ['the caller’s NAT reboots', (call) => call.forget(0)],
  ['the callee’s NAT reboots', (call) => call.forget(1)],
  ['both NATs reboot', (call) => [0, 1].map((side) => call.forget(side))],
  ['the caller holds', (call) => call.hold(0)],
  ['the callee holds', (call) => call.hold(1)],
];

test('whatever happens in a call, after 2 s nothing is lost', (t) => {
  for (let seed = 1; seed <= 10; seed++) {
    const call = new Call(seed);
    const { stand } = call;
    for (let times = 0; times < 6; times++) {
      const [name, happen] = pick(stand, DISTURBANCES);
      const since = stand.now;
      happen(call);
      stand.clock.run(2500 + stand.random() * 30_000);
      call.resume();
      call.mend();
      stand.clock.run(30_000);
      t.is(call.lost(since + 2000, stand.now - 100), 0, `seed ${seed}, ${call.kinds.join(' and ')}: ${name}`);
    }
  }
});

test('a peer in the middle of forty calls is direct with all whom it can reach and loses nothing', (t) => {
  const stand = new Stand();
  stand.router();
  const middle = stand.peer(stand.gateway('port-restricted'));
  const others = Array.from({ length: 40 }, (_, i) => {
    const kind = KINDS[i % KINDS.length] ?? 'public';
    return { kind, peer: stand.peer(stand.gateway(kind)) };
  });
  stand.start();
  const begin = stand.now;
  const calls = others.map(({ kind, peer }) => ({
    kind,
    flows: [stand.stream(middle, peer), stand.stream(peer, middle)],
  }));
  stand.clock.run(20_000);
  for (const { kind, flows } of calls)
    for (const { stream } of flows) {
      t.is(stream.lost(0, stand.now - 100), 0);
      t.deepEqual(stream.paths(begin + 3500), [kind.startsWith('symmetric') ? 'relayed' : 'direct']);
    }
});
