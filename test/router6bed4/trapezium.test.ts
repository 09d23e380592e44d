/** Two routers of fc64, each with a peer: the way over both, there and back. */
import test from 'ava';
import type { Router } from '#router6bed4/router.ts';
import { endText, type Ipv4End, sameEnd } from '#socket6bed4/address/ipv4.ts';
import { DEFAULT_NETID, routerPrefix } from '#socket6bed4/address/sixbed4.ts';
import { icmpPacket } from '#socket6bed4/packet/icmpv6.ts';
import { hopLimitOf } from '#socket6bed4/packet/ipv6.ts';
import { ALICE, addressAt, BOB, end, hello, ipv6, nothingSent, routerOf, SELF } from './stand.ts';

const FAR = end('203.0.113.1');
const FAR_PREFIX = routerPrefix(DEFAULT_NETID, FAR.ipv4);
const FROM = addressAt(ALICE);
const TO = addressAt(BOB, FAR_PREFIX);

class TwoRouters {
  readonly near = routerOf();
  readonly far = routerOf({ prefix: FAR_PREFIX, self: FAR });

  /** What comes out at whose end, once both routers have done theirs. */
  send(from: Ipv4End, to: Ipv4End, packet: Uint8Array): { at: string; octets: Uint8Array }[] {
    const arrived: { at: string; octets: Uint8Array }[] = [];
    const underWay = [{ from, to, packet }];
    for (let steps = 0; steps < 10; steps += 1) {
      const next = underWay.shift();
      if (next === undefined) return arrived;
      const router = this.#at(next.to);
      if (router === undefined) {
        arrived.push({ at: endText(next.to), octets: next.packet });
        continue;
      }
      for (const effect of router.handle(next.from, next.packet, 0)) {
        if (effect.kind === 'transmit')
          underWay.push({ from: next.to, to: effect.to, packet: effect.octets });
      }
    }
    throw new Error('it goes round and round');
  }

  #at(to: Ipv4End): Router | undefined {
    if (sameEnd(to, SELF)) return this.near;
    return sameEnd(to, FAR) ? this.far : undefined;
  }
}

test('peers of two routers reach each other over both, there and back', (t) => {
  const two = new TwoRouters();
  const [there, ...more] = two.send(ALICE, SELF, hello(FROM, TO));
  t.deepEqual(more, []);
  t.is(there?.at, endText(BOB));
  t.is(hopLimitOf(there?.octets ?? TO), 62, 'two routers, two hops');
  const [back] = two.send(BOB, FAR, hello(TO, FROM));
  t.is(back?.at, endText(ALICE));
  t.like(two.near.counters, { toRouters: 1, fromRouters: 1, relayed: 0 });
  t.like(two.far.counters, { toRouters: 1, fromRouters: 1, relayed: 0 });
});

test('a packet that needs its last hop at the far router is told to its sender, over both', (t) => {
  const [told] = new TwoRouters().send(ALICE, SELF, hello(FROM, TO, 2));
  t.is(told?.at, endText(ALICE));
  t.is(told?.octets[40], 3);
});

test('the far router can be pinged', (t) => {
  const two = new TwoRouters();
  const echo = icmpPacket(FROM, two.far.address, 64, Uint8Array.of(128, 0, 0, 0, 0, 1, 0, 1));
  const [reply] = two.send(ALICE, SELF, echo);
  t.is(reply?.at, endText(ALICE));
  t.is(reply?.octets[40], 129);
});

test('a source under another router is believed only from the own port of that router', (t) => {
  const packet = () => hello(TO, FROM);
  for (const from of [BOB, { ...FAR, port: 25791 }, { ...FAR, ipv4: FAR.ipv4 + 1 }, SELF]) {
    t.true(nothingSent(routerOf().handle(from, packet(), 0)), endText(from));
  }
  t.false(nothingSent(routerOf().handle(FAR, packet(), 0)));
});

test('another router brings packets for our peers and for nobody else', (t) => {
  const router = routerOf();
  const elsewhere = [
    'fc64:bed:cb00:7199::1',
    '2001:db8::1',
    'fe80::',
    'ff02::1',
    'fc64:bed:cb00:7101:c800:7109:c352:4001',
  ];
  for (const text of elsewhere) t.true(nothingSent(router.handle(FAR, hello(TO, ipv6(text)), 0)), text);
  for (const bad of ['10.0.0.1:9', '127.0.0.1:9', '224.0.0.1:9']) {
    t.true(nothingSent(router.handle(FAR, hello(TO, addressAt(end(bad))), 0)), bad);
  }
});

test('another router that is private is believed only where its network is named', (t) => {
  const lan = end('10.0.0.5');
  const source = addressAt(BOB, routerPrefix(DEFAULT_NETID, lan.ipv4));
  t.true(nothingSent(routerOf().handle(lan, hello(source, FROM), 0)));
  const onLink = [{ ipv4: end('10.0.0.0').ipv4, length: 8 }];
  t.false(nothingSent(routerOf({ onLink }).handle(lan, hello(source, FROM), 0)));
});
