/**
 * Rows about hostile strangers. A villain with public addresses, and with others that it has no right to, sends to a
 * router and to peers what they must not believe: nothing leaves for the third party that is meant, nothing is
 * delivered, memory stays bounded, and the counters tell.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ipv4Text, parseIpv4 } from '#socket6bed4/address/ipv4.ts';
import { type Ipv6, ipv6Text, parseIpv6 } from '#socket6bed4/address/ipv6.ts';
import { addressOf, endOf, routerPrefix } from '#socket6bed4/address/sixbed4.ts';
import { neighbourSolicitation, routerAdvertisement } from '#socket6bed4/packet/neighbour_discovery.ts';
import { udpPacket } from '#socket6bed4/packet/udp.ts';
import { until } from '../../support/process.ts';
import { ip } from '../command.ts';
import type { Host } from '../host.ts';
import { unfinished } from '../peers/flood.ts';
import type { End } from '../peers/talk.ts';
import { frames } from '../sixbed4_wire.ts';
import { Talker } from '../talker.ts';
import { inScene, placePeer, type Scene } from './sixbed4_scene.ts';
import { counted, type Finding, isSo, type Pace, withinMs } from './sixbed4_tale.ts';

const VILLAIN_PORT = 5000;
const TIMES = 50;
const MEGABYTE = 1024 * 1024;
const ROUTER_PORT = 25_790;

/** An IPv6 address that stands in this file or was told by a peer. */
function six(text: string): Ipv6 {
  const address = parseIpv6(text);
  if (address === undefined) throw new Error(`not an IPv6 address: ${text}`);
  return address;
}

function ipv4(text: string): number {
  const address = parseIpv4(text);
  if (address === undefined) throw new Error(`not an IPv4 address: ${text}`);
  return address;
}

function packet(source: Ipv6, destination: Ipv6, text = 'believe me'): Uint8Array {
  const port = 4000;
  return udpPacket({ address: source, port }, { address: destination, port }, Buffer.from(text), 64);
}

/** So often, and then waits: a buffer of the kernel that runs over would hide what became of the rest. */
async function say(talker: Talker, to: End, octets: Uint8Array, times = TIMES): Promise<void> {
  const hex = Buffer.from(octets).toString('hex');
  for (let i = 0; i < times; i++) talker.do({ do: 'send', to, hex });
  await talker.report();
  await sleep(20);
}

/** A host that sends from whatever address it likes; answers go to whose address it is. */
async function villainAt(host: Host, address: string, port = VILLAIN_PORT): Promise<Talker> {
  if (address !== host.ipv4) await ip([`addr replace ${address}/32 dev eth0`], host.namespace);
  return Talker.plain(host, { address, port });
}

/** Targets that nobody may be made to send to: this host, private, loopback, link, group, everybody. */
const FORBIDDEN = [
  '0.0.0.0',
  '10.0.0.1',
  '127.0.0.1',
  '169.254.1.1',
  '172.16.0.1',
  '192.168.1.1',
  '224.0.0.1',
];
const OUTLAWS = [
  '::',
  '::1',
  '::ffff:10.0.0.1',
  'fe80::1',
  'ff02::1',
  '2001:0:5ef5:79fb::1',
  '2002:a00:1::1',
];

/** Packets for the router by which somebody else would suffer, and the reason that it counts. */
export async function hostileToRouter(): Promise<readonly Finding[]> {
  return inScene(async (scene) => {
    const { lab, router } = scene;
    const host = await lab.host('villain', { ipv6: false });
    const victim = await placePeer(scene, 'victim', 'public');
    const friend = await placePeer(scene, 'friend', 'cone');
    const prefix = routerPrefix(0x0bed, ipv4(router.host.ipv4));
    const own = addressOf(prefix, { ipv4: ipv4(host.ipv4), port: VILLAIN_PORT });
    const target = six(victim.talker.own.address);
    const relay = { address: router.host.ipv4, port: ROUTER_PORT };
    const [honest, hidden] = [await villainAt(host, host.ipv4), await villainAt(host, '10.9.9.9')];
    const resident = rss(router.id);
    const capture = await router.host.capture();
    await say(honest, relay, packet(six(friend.talker.own.address), target));
    for (const address of FORBIDDEN) {
      await say(honest, relay, packet(own, addressOf(prefix, { ipv4: ipv4(address), port: 53 })));
    }
    await say(
      honest,
      relay,
      packet(own, addressOf(prefix, { ipv4: ipv4(victim.outside.ipv4), port: 0 })),
      TIMES,
    );
    for (const source of OUTLAWS) await say(honest, relay, packet(six(source), target));
    say(
      hidden,
      relay,
      packet(addressOf(prefix, { ipv4: ipv4('10.9.9.9'), port: VILLAIN_PORT }), target),
      TIMES,
    );
    say(
      honest,
      relay,
      packet(own, addressOf(prefix, { ipv4: ipv4(relay.address), port: ROUTER_PORT })),
      TIMES,
    );
    await say(honest, relay, packet(own, target).subarray(0, 50));
    for (const begun of unfinished(own, addressOf(prefix, { ipv4: 0x7f000001, port: 53 }), 1, TIMES)) {
      await say(honest, relay, begun, 1);
    }
    await sleep(1500);
    const packets = await capture.stop();
    const { dropped, corrections } = await router.counters();
    const left = packets.filter(({ from }) => from.address === router.host.ipv4 && from.port === ROUTER_PORT);
    const known = [host.ipv4, victim.outside.ipv4, friend.outside.ipv4];
    const elsewhere = left.filter(({ to }) => !known.includes(to.address));
    const toVictim = frames(left, { to: victim.outside.ipv4, kind: 'data' });
    const grown = (rss(router.id) - resident) / MEGABYTE;
    return [
      counted('datagrams of the router to third parties', elsewhere.length, 0),
      counted('lies relayed to the victim', toVictim.length, 0),
      counted('corrective advertisements for spoofed sources', corrections, 1, 8),
      counted('counted as wrong-source', dropped['wrong-source'], TIMES, TIMES),
      counted('forbidden-target', dropped['forbidden-target'], TIMES * (FORBIDDEN.length + 2)),
      counted('link-local, multicast or foreign-source', outlaws(dropped), TIMES * OUTLAWS.length),
      counted('forbidden-origin', dropped['forbidden-origin'], TIMES),
      counted('loop', dropped.loop, TIMES),
      counted('malformed', dropped.malformed, TIMES),
      isSo('memory of the router grew by', `${grown.toFixed(1)} MB`, '≤ 30 MB', grown <= 30),
      withinMs('friends still talk', await friend.talker.ping(victim.talker.own, 2000), 200),
    ];
  });
}

function outlaws(dropped: Readonly<Record<string, number>>): number {
  return ['link-local', 'multicast', 'foreign-source', 'neighbour-discovery'].reduce(
    (sum, why) => sum + (dropped[why] ?? 0),
    0,
  );
}

/** What is sent straight to a peer by whom it must not believe. */
export async function hostileToPeer(): Promise<readonly Finding[]> {
  return inScene(async (scene) => {
    const { lab, router } = scene;
    const host = await lab.host('villain', { ipv6: false });
    const victim = await placePeer(scene, 'victim', 'public');
    const friend = await placePeer(scene, 'friend', 'cone');
    const prefix = routerPrefix(0x0bed, ipv4(router.host.ipv4));
    const target = six(victim.talker.own.address);
    const hole = holeOf(victim.talker);
    const honest = await villainAt(host, host.ipv4);
    const router2 = await villainAt(host, router.host.ipv4, ROUTER_PORT);
    const own = addressOf(prefix, { ipv4: ipv4(host.ipv4), port: VILLAIN_PORT });
    const before = await victim.talker.report();
    const seen = victim.talker.told.length;
    const capture = await victim.outside.capture();
    const forged = routerAdvertisement(target, prefix, { ipv4: ipv4(host.ipv4), port: 1 });
    const elsewhere = routerAdvertisement(target, routerPrefix(0x0bed, ipv4(host.ipv4)), {
      ipv4: 1,
      port: 1,
    });
    for (const lie of [forged, elsewhere]) await say(honest, hole, lie);
    // Spoofed is the inner source; then, by the villain as the router, one that no router may hand on.
    await say(honest, hole, packet(six(friend.talker.own.address), target));
    for (const source of OUTLAWS) {
      await say(honest, hole, packet(six(source), target));
      await say(router2, hole, packet(six(source), target));
    }
    say(
      honest,
      hole,
      neighbourSolicitation(six(friend.talker.own.address), target, { ipv4: 1, port: 1 }),
      TIMES,
    );
    // Not for the victim.
    await say(honest, hole, packet(own, six(friend.talker.own.address)));
    const lies = TIMES * (2 + 1 + 2 * OUTLAWS.length + 1 + 1);
    const dropped = async () =>
      sumOf((await victim.talker.report()).counters?.dropped) - sumOf(before.counters?.dropped);
    await until('all is dropped', async () => (await dropped()) >= lies, 5000).catch(() => {});
    const packets = await capture.stop();
    const told = victim.talker.told
      .slice(seen)
      .filter(({ event }) => event === 'message' || event === 'address');
    const left = packets.filter(({ from }) => from.address === victim.outside.ipv4);
    const strays = left.filter(({ to }) => ![router.host.ipv4, host.ipv4].includes(to.address));
    const answered = left.filter(({ to, transport }) => to.address === host.ipv4 && transport === 'udp');
    return [
      counted('lies believed: delivered, or address changed', told.length, 0),
      counted('datagrams to third parties', strays.length, 0),
      counted('answers to the villain', answered.length, 0),
      counted('dropped and counted', await dropped(), lies),
      withinMs('friends still talk', await friend.talker.ping(victim.talker.own, 2000), 200),
    ];
  });
}

/** Where its address says that it is. */
function holeOf({ own }: Talker): End {
  const end = endOf(six(own.address));
  if (end === undefined) throw new Error(`${own.address} names no IPv4 address and port`);
  return { address: ipv4Text(end.ipv4), port: end.port };
}

/** Strangers by the hundred, datagrams that are never completed, and 10 000 targets named by somebody who calls. */
export async function multitudes({ isShort }: Pace): Promise<readonly Finding[]> {
  return inScene(async (scene) => {
    const victim = await placePeer(scene, 'victim', 'public');
    const friend = await placePeer(scene, 'friend', 'cone');
    await friend.talker.ping(victim.talker.own, 2000);
    const before = await victim.talker.report();
    const strangers = await flooded(scene, victim.talker, isShort ? 400 : 3000);
    const targets = await scattered(scene, victim.talker, 10_000);
    const grown = ((await victim.talker.report()).memory - before.memory) / MEGABYTE;
    return [
      ...strangers,
      ...targets,
      isSo('memory of the victim grew by', `${grown.toFixed(1)} MB`, '≤ 8 MB', grown <= 8),
      withinMs('friends still talk', await friend.talker.ping(victim.talker.own, 2000), 200),
    ];
  });
}

async function flooded({ lab }: Scene, victim: Talker, count: number): Promise<readonly Finding[]> {
  const host = await lab.host('crowd', { ipv6: false });
  const capture = await host.capture();
  const program = new URL('../peers/flood.ts', import.meta.url).pathname;
  const flood = host.run(process.execPath, [program, host.ipv4, victim.own.address, String(count)]);
  await flood.exit(60_000);
  await sleep(2500);
  const packets = await capture.stop();
  const octets = (from: string) =>
    packets
      .filter((each) => each.transport === 'udp' && each.from.address === from)
      .reduce((sum, { payload }) => sum + payload.length, 0);
  const [said, answered] = [octets(host.ipv4), octets(victim.host.ipv4)];
  return [
    counted(`${count} strangers: datagrams`, Number(flood.output), 5 * count),
    isSo(
      'octets to them and from them',
      `${answered} for ${said}`,
      'a fifth at most',
      said > 0 && answered < said / 5,
    ),
  ];
}

async function scattered({ router }: Scene, victim: Talker, count: number): Promise<readonly Finding[]> {
  const prefix = routerPrefix(0x0bed, ipv4(router.host.ipv4));
  const capture = await victim.host.capture();
  const began = performance.now();
  for (let i = 0; i < count; i++) {
    // 45.0.0.0/8 is nobody's in the laboratory.
    const address = ipv6Text(addressOf(prefix, { ipv4: 0x2d000000 + i, port: 5000 }));
    victim.do({ do: 'send', to: { address, port: 4000 }, text: 'anybody there?' });
  }
  await victim.report();
  await sleep(2500);
  const seconds = (performance.now() - began) / 1000;
  const packets = await capture.stop();
  const isThere = ({ address }: { readonly address: string }) => address.startsWith('45.');
  const probed = packets.filter(({ to }) => isThere(to));
  const neighbours = new Set(probed.map(({ to }) => to.address)).size;
  const most = Math.ceil(32 + 16 * seconds);
  return [
    counted(`${count} targets: of them probed`, neighbours, 1, most),
    // An empty datagram and a solicitation, three times.
    counted('datagrams to them', probed.length, 1, 6 * most),
  ];
}

function sumOf(dropped: unknown): number {
  if (typeof dropped !== 'object' || dropped === null) return 0;
  return Object.values(dropped).reduce((sum: number, count) => sum + Number(count), 0);
}

/** Octets of memory that are really there. */
function rss(id: number): number {
  const text = readFileSync(`/proc/${id}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(text)?.[1] ?? 0) * 1024;
}
