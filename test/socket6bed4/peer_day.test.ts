/**
 * A direct path lasts for as long as it is used: a day of traffic both ways through port-restricted NATs that forget
 * after 30 s and let nothing but our own datagrams refresh them, with a peer of ours, one that knows neighbour
 * discovery only, and one that knows Probe and Seen only.
 */
import test, { type ExecutionContext } from 'ava';
import { endKey, type Ipv4End, sameEnd } from '#socket6bed4/address/ipv4.ts';
import { addressOf } from '#socket6bed4/address/sixbed4.ts';
import { nextHeaderOf } from '#socket6bed4/packet/ipv6.ts';
import { routerAdvertisement } from '#socket6bed4/packet/neighbour_discovery.ts';
import { Peer } from '#socket6bed4/peer/peer.ts';
import type { PeerEffect } from '#socket6bed4/peer/types.ts';
import { Clock } from '../support/clock.ts';
import { seededRandom } from '../support/mutate.ts';
import { DiscoveryOnly, type Model, SeenOnly, type Sent } from './peer_models.ts';
import { ALL_NODES, data, NATIVE, NEIGHBOUR, ROUTER, SELF } from './peer_stand.ts';

const SECOND = 1000;
const DAY = 24 * 3600 * SECOND;
const ONE_WAY = 15;

/** A peer of ours in the shape of a model. */
class Ours implements Model {
  readonly peer: Peer;
  readonly address: Uint8Array;
  readonly paths: string[] = [];
  readonly delivered: Uint8Array[] = [];

  constructor(end: Ipv4End, now: number) {
    this.peer = new Peer({ routers: [ROUTER], random: seededRandom(end.port) });
    this.address = addressOf(NATIVE, end);
    this.peer.handle({ kind: 'start' }, now);
    const octets = routerAdvertisement(ALL_NODES, NATIVE, end);
    this.peer.handle({ kind: 'received', from: ROUTER, octets }, now);
  }

  get deadline(): number {
    return this.peer.deadline;
  }

  handle(from: Ipv4End, octets: Uint8Array, now: number): Sent[] {
    return this.#sentOf(this.peer.handle({ kind: 'received', from, octets }, now));
  }

  send(packet: Uint8Array, now: number): Sent[] {
    return this.#sentOf(this.peer.handle({ kind: 'send', packet }, now));
  }

  tick(now: number): Sent[] {
    return this.#sentOf(this.peer.handle({ kind: 'tick' }, now));
  }

  #sentOf(effects: readonly PeerEffect[]): Sent[] {
    for (const effect of effects) if (effect.kind === 'path') this.paths.push(effect.path);
    return effects.filter((effect) => effect.kind === 'transmit');
  }
}

/** Two ends behind NATs of their own, and a router that answers and relays. */
class Wire {
  readonly clock = new Clock();
  readonly ends = new Map<number, { readonly end: Ipv4End; readonly model: Model }>();
  /** When each end's NAT was last sent through to the other. */
  readonly opened = new Map<number, number>();
  readonly random = seededRandom(6);
  loss = 0;
  /** Of each data packet the moment and whether it went straight to the other. */
  readonly data: { readonly at: number; readonly direct: boolean; readonly from: Ipv4End }[] = [];
  arrived = 0;

  add(end: Ipv4End, model: Model): (packet: Uint8Array) => void {
    this.ends.set(endKey(end), { end, model });
    const put = (sent: readonly Sent[]) => {
      for (const one of sent) this.#carry(end, one);
    };
    this.clock.drive<{ kind: 'tick' }, Sent>(
      {
        handle: () => model.tick(this.clock.now),
        get deadline() {
          return model.deadline;
        },
      },
      (sent) => put([sent]),
    );
    return (packet) => put(model.send(packet, this.clock.now));
  }

  #carry(from: Ipv4End, { to, octets }: Sent): void {
    const now = this.clock.now;
    const isData = octets.length > 0 && nextHeaderOf(octets) === 17;
    if (isData) this.data.push({ at: now, direct: !sameEnd(to, ROUTER), from });
    const lost = this.random() < this.loss;
    if (!sameEnd(to, ROUTER)) {
      this.opened.set(endKey(from), now);
      if (!lost) this.clock.after(ONE_WAY, () => this.#arriveDirect(from, to, octets));
    } else if (octets.length === 0 || lost) return;
    else if (octets[40] === 133) {
      const answer = routerAdvertisement(ALL_NODES, NATIVE, from);
      this.clock.after(2 * ONE_WAY, () => this.#arrive(ROUTER, from, answer));
    } else {
      const other = [...this.ends.values()].find(({ end }) => !sameEnd(end, from));
      if (other !== undefined) this.clock.after(2 * ONE_WAY, () => this.#arrive(ROUTER, other.end, octets));
    }
  }

  /** Only what goes out opens the hole: for 30 s, and only to whom it went. */
  #arriveDirect(from: Ipv4End, to: Ipv4End, octets: Uint8Array): void {
    if (this.clock.now - (this.opened.get(endKey(to)) ?? -Infinity) < 30_000) this.#arrive(from, to, octets);
  }

  #arrive(from: Ipv4End, to: Ipv4End, octets: Uint8Array): void {
    const there = this.ends.get(endKey(to));
    if (octets.length > 0 && nextHeaderOf(octets) === 17) this.arrived += 1;
    for (const sent of there?.model.handle(from, octets.slice(), this.clock.now) ?? []) this.#carry(to, sent);
  }

  /** Traffic from the one to the other every `interval` ms for so long, the first at once. */
  flow(send: (packet: Uint8Array) => void, from: Model, to: Model, interval: number, offset = 0): void {
    const next = () => {
      send(data(from.address, to.address));
      this.clock.after(interval, next);
    };
    this.clock.after(offset, next);
  }
}

function stand(other: (now: number) => Model, interval: number, offset: number) {
  const wire = new Wire();
  const us = new Ours(SELF, wire.clock.now);
  const them = other(wire.clock.now);
  const [sendOurs, sendTheirs] = [wire.add(SELF, us), wire.add(NEIGHBOUR, them)];
  wire.flow(sendOurs, us, them, interval);
  wire.flow(sendTheirs, them, us, interval, offset);
  return { wire, us };
}

const PLACE = { prefix: NATIVE, end: NEIGHBOUR, router: ROUTER };
const OTHERS = {
  ours: (now: number) => new Ours(NEIGHBOUR, now),
  'one of neighbour discovery only': () => new DiscoveryOnly(PLACE),
  'one of Probe and Seen only': () => new SeenOnly(PLACE),
};

function staysDirect(t: ExecutionContext, wire: Wire, us: Ours, interval: number): void {
  const from = 3 * interval;
  t.true(wire.data.length >= (2 * DAY) / interval);
  const relayed = wire.data.filter(({ at, direct }) => !direct && at - wire.clock.now + DAY > from);
  t.deepEqual(relayed.slice(0, 3), []);
  t.deepEqual(us.paths, ['direct']);
  t.true(wire.data.length - wire.arrived <= 2, `${wire.data.length - wire.arrived} lost`);
}

for (const [name, make] of Object.entries(OTHERS)) {
  for (const [interval, offset] of [
    [2000, 40],
    [2000, 1000],
    [2000, 0],
    [9000, 4000],
    [20_000, 100],
  ] as const) {
    test(`a day with ${name}, every ${interval / 1000} s a packet each way, ${offset} ms apart: direct throughout`, (t) => {
      const { wire, us } = stand(make, interval, offset);
      wire.clock.run(DAY, 10_000_000);
      staysDirect(t, wire, us, interval);
    });
  }

  test(`ten minutes of a call with ${name}: direct both ways within 150 ms, throughout`, (t) => {
    const { wire, us } = stand(make, 20, 35);
    const begin = wire.clock.now;
    wire.clock.run(600_000, 10_000_000);
    t.deepEqual(
      wire.data.filter(({ at, direct }) => !direct && at > begin + 35 + 150),
      [],
    );
    t.deepEqual(us.paths, ['direct']);
    t.is(wire.data.length - wire.arrived <= 4, true);
  });
}

test('with 30 % loss a call becomes direct and is never less than nine tenths so', (t) => {
  const { wire } = stand(OTHERS.ours, 20, 35);
  wire.loss = 0.3;
  wire.clock.run(600_000, 10_000_000);
  const direct = wire.data.filter((one) => one.direct).length;
  t.true(direct / wire.data.length > 0.9, `${direct} of ${wire.data.length}`);
  t.true(wire.arrived / wire.data.length > 0.65, `${wire.arrived}`);
});
