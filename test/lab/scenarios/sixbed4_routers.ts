/** Rows about routers: one that is joined to native IPv6, and two that serve a peer each. */
import { setTimeout as sleep } from 'node:timers/promises';
import { publicSubnetOf } from '../addressing.ts';
import { ip, sysctl } from '../command.ts';
import type { Host } from '../host.ts';
import { Lab } from '../lab.ts';
import type { NatKind } from '../nat.ts';
import type { End } from '../peers/talk.ts';
import { SixRouter } from '../sixbed4_router.ts';
import { Talker } from '../talker.ts';
import { prefixOf } from './sixbed4_changes.ts';
import { talk } from './sixbed4_pair.ts';
import { inScene, placePeer } from './sixbed4_scene.ts';
import { counted, type Finding, isSo, withinMs } from './sixbed4_tale.ts';

/** Of native addresses; the Internet of the laboratory routes it to the host of our router. */
export const NATIVE_PREFIX = '2d00:1ab:0:6bed::';
/** Milliseconds. */
const SOON = 100;
/** Payload that fills the smallest link of IPv6, and one that must be taken apart (RFC 8200 5). */
const FULL = 1232;
const TOO_MUCH = 3000;

/** A router with that prefix, on a host of both families that forwards IPv6. */
export async function nativeRouter(lab: Lab, name: string): Promise<SixRouter> {
  const host = await lab.host(name);
  await sysctl(host.namespace, { 'net.ipv6.conf.all.forwarding': 1 });
  await ip([`route add ${NATIVE_PREFIX}/64 via ${host.ipv6}`], lab.router, 6);
  return SixRouter.start(host, ['--prefix', `${NATIVE_PREFIX}/64`, '--tun', 'six0']);
}

/** A host of IPv6 alone, whose kernel knows nothing of 6bed4, and a peer behind a NAT of IPv4. */
export async function nativeHost(kind: NatKind): Promise<readonly Finding[]> {
  await using lab = await Lab.create(publicSubnetOf);
  const router = await nativeRouter(lab, 'relay');
  const native = await Talker.plain(await lab.host('native', { ipv4: false }), { port: 4000 });
  const there = { address: native.host.ipv6, port: 4000 };
  const { talker } = await placePeer({ lab, router }, 'peer', kind);
  const { own } = talker;
  const capture = await native.host.capture();
  const findings = [
    isSo(
      'address of the prefix',
      own.address,
      NATIVE_PREFIX,
      own.address.startsWith(NATIVE_PREFIX.slice(0, -1)),
    ),
    withinMs('native host first: an answer after', await native.ping(own, 2000), SOON),
    withinMs('peer first: an answer after', await talker.ping(there, 2000), SOON),
    withinMs(`${FULL} octets`, await talker.ping(there, 2000, FULL), SOON),
    withinMs(`${TOO_MUCH} octets, from the peer`, await twice(talker, there), SOON),
    withinMs(`${TOO_MUCH} octets, from the native host`, await twice(native, own), SOON),
    await echoed(native.host, own.address),
  ];
  const packets = await capture.stop();
  const hops = packets.find(
    ({ from, transport }) => from.address === own.address && transport === 'udp',
  )?.hops;
  const { toNative, fromNative } = await router.counters();
  return [
    ...findings,
    isSo('hop limit left at the native host', String(hops), '60–64', hops !== undefined && hops >= 60),
    isSo(
      'router: to and from native',
      `${toNative} and ${fromNative}`,
      'both',
      toNative > 0 && fromNative > 0,
    ),
  ];
}

/** The first one, or its answer, may tell the native kernel of the narrow link, and is lost (RFC 8201 4). */
async function twice(from: Talker, to: End): Promise<number | undefined> {
  return (await from.ping(to, 500, TOO_MUCH)) ?? from.ping(to, 2000, TOO_MUCH);
}

async function echoed(host: Host, address: string): Promise<Finding> {
  const ping = host.run('ping', ['-6', '-c', '3', '-i', '0.2', '-W', '2', address]);
  await ping.exit(8000);
  const received = Number(/(\d+) received/.exec(ping.output)?.[1] ?? 0);
  return counted('echo replies to 3 requests', received, 3);
}

/** Each knows only its own router; the other's is named in the other's address. */
export async function twoRouters(kind: NatKind): Promise<readonly Finding[]> {
  return inScene(async (scene) => {
    const second = await SixRouter.start(await scene.lab.host('second', { ipv6: false }));
    const caller = await placePeer(scene, 'caller', kind);
    const callee = await placePeer(scene, 'callee', kind, { routers: [second.end] });
    const [a, b] = [caller, callee].map(({ talker }) => talker.own.address);
    const under = (address: string | undefined, router: SixRouter) =>
      isSo(
        'address of its own router',
        address ?? '',
        prefixOf(router),
        address?.startsWith(prefixOf(router)),
      );
    const answered = await caller.talker.ping(callee.talker.own, 3000);
    await sleep(500);
    const seen = await talk([scene.router, second], [caller, callee], 3000);
    const { direct, relayed } = seen.lastSecond;
    const path = kind === 'cone' ? 'direct' : 'relayed';
    const isRight = path === 'direct' ? direct > 40 && relayed === 0 : relayed > 40 && direct === 0;
    const lost = seen.heard[0].lost + seen.heard[1].lost;
    return [
      under(a, scene.router),
      under(b, second),
      withinMs('the first answer', answered, SOON),
      counted('lost, of both directions', lost, 0),
      isSo('direct and relayed in the last second', `${direct} and ${relayed}`, `all ${path}`, isRight),
    ];
  });
}
