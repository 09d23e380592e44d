/** Whatever comes: nothing is thrown, nothing goes where it must not, and little is remembered. */
import test from 'ava';
import fc from 'fast-check';
import type { Router, RouterEffect } from '#router6bed4/router.ts';
import { endText, type Ipv4End, isForbiddenTarget, sameEnd } from '#socket6bed4/address/ipv4.ts';
import { addressOf, routerPrefix, sameNetwork } from '#socket6bed4/address/sixbed4.ts';
import { icmpPacket } from '#socket6bed4/packet/icmpv6.ts';
import { destinationOf, isWellFormed, sourceOf } from '#socket6bed4/packet/ipv6.ts';
import { neighbourSolicitation, ROUTER_SOLICITATION } from '#socket6bed4/packet/neighbour_discovery.ts';
import { mutations, seededRandom } from '../support/mutate.ts';
import { ALICE, addressAt, BOB, end, hello, ipv6, PREFIX, routerOf, SELF } from './stand.ts';

const NATIVE = ipv6('2001:db8:6:bed4::').subarray(0, 8);
const FAR = end('203.0.113.1');
const LOCAL = ipv6('fe80::');
/** Room for every origin that three kinds of answers remember. */
const MOST_REMEMBERED = 3 * 4096;

/** Why this effect must not be; undefined: it is in order. */
function fault(effect: RouterEffect, native: boolean): string | undefined {
  if (effect.kind === 'dropped') return undefined;
  const octets = effect.kind === 'transmit' ? effect.octets : effect.packet;
  if (!isWellFormed(octets) || octets.length > 1280) return 'no packet, or too big';
  if (effect.kind === 'native') return native ? nativeFault(octets) : 'there is no native side';
  if (isForbiddenTarget(effect.to)) return `forbidden: ${endText(effect.to)}`;
  return sameEnd(effect.to, SELF) ? 'to ourselves' : undefined;
}

/** Only peers and the router itself speak to the native side, and only to global addresses or the router. */
function nativeFault(packet: Uint8Array): string | undefined {
  if (!sameNetwork(sourceOf(packet), NATIVE)) return 'the source of a stranger';
  return (destinationOf(packet)[0] ?? 0) >>> 5 === 1 ? undefined : 'not global';
}

const faults = (effects: readonly RouterEffect[], native = false) =>
  effects.map((effect) => fault(effect, native)).filter((why) => why !== undefined);

const seedsOf = (prefix: Uint8Array): readonly Uint8Array[] => {
  const from = addressAt(ALICE, prefix);
  const to = addressAt(BOB, prefix);
  const router = addressOf(prefix, SELF, 0);
  const echo = Uint8Array.of(128, 0, 0, 0, 0, 1, 0, 1);
  return [
    hello(from, to),
    hello(to, from),
    hello(from, to, 1),
    hello(from, ipv6('2001:db8::1')),
    hello(from, addressAt(BOB, routerPrefix(0x0bed, FAR.ipv4))),
    hello(addressAt(BOB, routerPrefix(0x0bed, FAR.ipv4)), from),
    hello(from, to, 64, new Uint8Array(1240)),
    Uint8Array.from(ROUTER_SOLICITATION),
    neighbourSolicitation(from, LOCAL, ALICE),
    neighbourSolicitation(from, router, ALICE),
    icmpPacket(from, LOCAL, 64, echo),
    icmpPacket(from, addressOf(prefix, ALICE, 0), 64, echo),
  ];
};

const ORIGINS: readonly Ipv4End[] = [
  ALICE,
  ALICE,
  ALICE,
  BOB,
  FAR,
  SELF,
  end('10.0.0.1:7'),
  end('127.0.0.1:7'),
];

for (const [name, prefix, native] of [
  ['fc64', PREFIX, false],
  ['a native prefix', NATIVE, true],
] as const) {
  test(`under ${name} 100 000 damaged packets neither throw nor send anything forbidden`, (t) => {
    const router: Router = routerOf({ prefix, native });
    const random = seededRandom(6);
    let sent = 0;
    let now = 0;
    for (const octets of mutations(seedsOf(prefix), 100_000, 64)) {
      now += random();
      const from = ORIGINS[Math.floor(random() * ORIGINS.length)] ?? ALICE;
      const effects = router.handle(from, Uint8Array.from(octets), now);
      sent += effects.filter(({ kind }) => kind !== 'dropped').length;
      const found = faults(effects, native);
      if (found.length > 0)
        return t.fail(`${found}: ${Buffer.from(octets).toString('hex')} from ${endText(from)}`);
      if (native) router.native(Uint8Array.from(octets), now);
    }
    t.true(sent > 1000, `${sent} were sent: the damage leaves something to send`);
    t.true(router.remembered <= MOST_REMEMBERED);
  });
}

const anyEnd = fc.record({ ipv4: fc.nat(0xffffffff), port: fc.nat(65535) });
const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

test('to whatever IPv4 address and port a peer addresses its packet, it is sent just there or nowhere', (t) => {
  fc.assert(
    fc.property(anyEnd, anyEnd, fc.nat(16383), fc.nat(255), (from, to, lanip, hopLimit) => {
      const packet = hello(addressOf(PREFIX, from), addressOf(PREFIX, to, lanip), hopLimit);
      const effects = routerOf().handle(from, packet, 0);
      const allowed = effects.every(
        (effect) => effect.kind !== 'transmit' || sameEnd(effect.to, to) || sameEnd(effect.to, from),
      );
      const reaches = effects.some((effect) => effect.kind === 'transmit' && effect.octets === packet);
      const fair = ![from, to].some((end) => isForbiddenTarget(end) || sameEnd(end, SELF));
      return allowed && faults(effects).length === 0 && reaches === (fair && lanip > 0 && hopLimit > 1);
    }),
    { numRuns: 5000 },
  );
  t.pass();
});

test('from an address that is not that of its origin nothing is ever relayed', (t) => {
  fc.assert(
    fc.property(anyEnd, octets(16), octets(16), (from, source, destination) => {
      const forged = Uint8Array.from(source);
      forged.set(PREFIX);
      if (Buffer.from(addressOf(PREFIX, from)).equals(forged)) return true;
      const packet = hello(forged, destination);
      const effects = routerOf().handle(from, packet, 0);
      return effects.every((effect) => effect.kind !== 'transmit' || effect.octets !== packet);
    }),
    { numRuns: 2000 },
  );
  t.pass();
});

test('a hundred thousand origins leave the memory bounded', (t) => {
  const router = routerOf();
  const packets = [hello(addressAt(BOB), addressAt(ALICE)), Uint8Array.from(ROUTER_SOLICITATION)];
  for (let i = 0; i < 100_000; i += 1) {
    const from = { ipv4: (ALICE.ipv4 + i) >>> 0, port: 1024 + (i % 60_000) };
    for (const packet of packets) router.handle(from, packet, i);
    router.handle(from, hello(addressOf(PREFIX, from), addressAt(BOB), 1), i);
  }
  t.true(router.remembered <= MOST_REMEMBERED);
  t.true(router.remembered > 4096, 'all three kinds were asked for');
});
