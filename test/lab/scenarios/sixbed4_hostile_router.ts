/**
 * A row about a hostile router. Whoever has a public IPv4 address has a prefix of fc64::/16 that names it as a router,
 * and addresses under it. It must not become a router of ours because it spoke to us; and where our own program speaks
 * to somebody under its prefix, it gives an address under that prefix, brings what comes from there, and no more.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ipv6Text, sameIpv6 } from '#socket6bed4/address/ipv6.ts';
import { addressOf, DEFAULT_NETID, routerPrefix } from '#socket6bed4/address/sixbed4.ts';
import { destinationOf } from '#socket6bed4/packet/ipv6.ts';
import { routerAdvertisement } from '#socket6bed4/packet/neighbour_discovery.ts';
import { udpPacket } from '#socket6bed4/packet/udp.ts';
import { until } from '../../support/process.ts';
import { ROUTER_PORT } from '../sixbed4_router.ts';
import { type FrameKind, frames } from '../sixbed4_wire.ts';
import type { Talker } from '../talker.ts';
import { underSiege } from './sixbed4_hostile.ts';
import { counted, type Finding } from './sixbed4_tale.ts';
import { holeOf, ipv4, PORT, packet, say, six, TIMES, VILLAIN_PORT, villainAt } from './sixbed4_villain.ts';

/** Nobody listens there. */
const CLOSED = 4001;
/** Whose traffic the villain would like to have. */
const REGISTRAR = six('2d00:1ab:0:5060:225:90ff:fe01:203');
const ALL_NODES = six('ff02::1');

export function hostileRouter(): Promise<readonly Finding[]> {
  return underSiege(async ({ scene, victim, target, friend, villain }) => {
    const { host } = villain;
    const prefix = routerPrefix(DEFAULT_NETID, ipv4(host.ipv4));
    const own = addressOf(prefix, { ipv4: ipv4(host.ipv4), port: VILLAIN_PORT });
    const router = await villainAt(host, host.ipv4, ROUTER_PORT);
    const hole = holeOf(victim.talker);
    const seenAt = { ipv4: ipv4(hole.address), port: hole.port };
    const capture = await victim.outside.capture();
    const sentTo = (to: string, kind: FrameKind) =>
      frames(capture.packets, { from: victim.outside.ipv4, to, kind });
    const asked = () => sentTo(host.ipv4, 'router solicitation').length;
    const toRegistrar = (to: string) =>
      sentTo(to, 'data').filter(({ packet: { payload } }) => sameIpv6(destinationOf(payload), REGISTRAR))
        .length;

    const knock = udpPacket(
      { address: own, port: PORT },
      { address: target, port: CLOSED },
      Buffer.of(1),
      64,
    );
    await say(villain, hole, knock);
    await sleep(200);
    const refused = sentTo(scene.router.host.ipv4, 'icmp').length + sentTo(host.ipv4, 'icmp').length;
    const askedByKnocking = asked();

    const seen = victim.talker.told.length;
    speak(victim.talker, ipv6Text(own));
    await until('the villain is asked for an address', () => asked() > 0, 3000);
    await say(router, hole, routerAdvertisement(ALL_NODES, prefix, seenAt), 1);
    await say(router, hole, routerAdvertisement(ALL_NODES, REGISTRAR, seenAt));
    const given = addressOf(prefix, seenAt);
    await say(router, hole, packet(own, given), 1);
    for (const source of [REGISTRAR, six(friend.talker.own.address)])
      await say(router, hole, packet(source, given));
    for (let i = 0; i < TIMES; i++) speak(victim.talker, ipv6Text(REGISTRAR));
    const { counters } = await victim.talker.report();
    const sent = () => toRegistrar(host.ipv4) + toRegistrar(scene.router.host.ipv4);
    await until('all of it was sent', () => sent() >= TIMES, 3000).catch(() => {});
    await capture.stop();
    const told = victim.talker.told.slice(seen);
    const dropped = new Map(Object.entries(counters?.dropped ?? {}));
    return [
      counted('refusals of what comes to a closed port', refused, 1, 15),
      counted('solicitations because of that', askedByKnocking, 0),
      counted('delivered, from its own prefix', told.filter(({ event }) => event === 'message').length, 1),
      counted('the address changed', told.filter(({ event }) => event === 'address').length, 0),
      counted('foreign-prefix', Number(dropped.get('foreign-prefix')), TIMES),
      counted('foreign-source', Number(dropped.get('foreign-source')), 2 * TIMES),
      counted('sent to a foreign prefix by the villain', toRegistrar(host.ipv4), 0),
      counted('by our own router', toRegistrar(scene.router.host.ipv4), TIMES),
    ];
  });
}

function speak(victim: Talker, address: string): void {
  victim.do({ do: 'send', to: { address, port: PORT }, text: 'who is there?' });
}
