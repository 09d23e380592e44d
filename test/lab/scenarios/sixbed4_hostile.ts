/**
 * Rows about hostile strangers. A villain with a public address, and with others that it has no right to, sends to a
 * router and to a peer what they must not believe: nothing leaves for the third party that is meant, nothing is
 * delivered, and the counters tell.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Ipv6, ipv6Text } from '#socket6bed4/address/ipv6.ts';
import { neighbourSolicitation, routerAdvertisement } from '#socket6bed4/packet/neighbour_discovery.ts';
import { until } from '../../support/process.ts';
import { unfinished } from '../peers/flood.ts';
import { ROUTER_PORT } from '../sixbed4_router.ts';
import { frames } from '../sixbed4_wire.ts';
import type { Talker } from '../talker.ts';
import { inScene, type Peer, placePeer, type Scene } from './sixbed4_scene.ts';
import { counted, type Finding, isSo, withinMs } from './sixbed4_tale.ts';
import {
  addressAt,
  FORBIDDEN,
  holeOf,
  ipv4,
  MEGABYTE,
  OUTLAWS,
  PORT,
  packet,
  prefixOctets,
  say,
  six,
  TIMES,
  VILLAIN_PORT,
  villainAt,
} from './sixbed4_villain.ts';

/** Not the villain's, and private. */
const HIDDEN = '10.9.9.9';

export interface Siege {
  readonly scene: Scene;
  /** Public, so that everybody may send to it. */
  readonly victim: Peer;
  readonly target: Ipv6;
  readonly friend: Peer;
  /** Sends from its own address, which as one of 6bed4 is `own`. */
  readonly villain: Talker;
  readonly own: Ipv6;
}

export async function underSiege(
  story: (siege: Siege) => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  return inScene(async (scene) => {
    const host = await scene.lab.host('villain', { ipv6: false });
    const villain = await villainAt(host, host.ipv4);
    const victim = await placePeer(scene, 'victim', 'public', { bind: { port: PORT } });
    const friend = await placePeer(scene, 'friend', 'cone');
    const own = addressAt(scene.router, { ipv4: ipv4(host.ipv4), port: VILLAIN_PORT });
    const siege = { scene, victim, target: six(victim.talker.own.address), friend, villain, own };
    const findings = await story(siege);
    const answered = await friend.talker.ping(victim.talker.own, 2000);
    return [...findings, withinMs('then friends still talk', answered, 200)];
  });
}

/** Packets for the router by which somebody else would suffer, by the reason for which each is dropped. */
export function hostileToRouter(): Promise<readonly Finding[]> {
  return underSiege(async ({ scene, victim, target, friend, villain, own }) => {
    const { router } = scene;
    const relay = { address: router.host.ipv4, port: ROUTER_PORT };
    const at = (address: number, port = 53) => addressAt(router, { ipv4: address, port });
    const hidden = await villainAt(villain.host, HIDDEN);
    const lies: Readonly<Record<string, readonly Uint8Array[]>> = {
      'wrong-source': [packet(six(friend.talker.own.address), target)],
      'forbidden-target': [...FORBIDDEN.map((address) => at(address)), at(ipv4(victim.outside.ipv4), 0)].map(
        (destination) => packet(own, destination),
      ),
      outlaw: OUTLAWS.map((source) => packet(source, target)),
      loop: [packet(own, at(ipv4(relay.address), ROUTER_PORT))],
      malformed: [packet(own, target).subarray(0, 50)],
    };
    const resident = residentOctets(router.id);
    const capture = await router.host.capture();
    for (const lie of Object.values(lies).flat()) await say(villain, relay, lie);
    await say(hidden, relay, packet(at(ipv4(HIDDEN), VILLAIN_PORT), target));
    for (const begun of unfinished(own, at(0x7f000001), 1, TIMES)) await say(villain, relay, begun, 1);
    await sleep(300);
    const packets = await capture.stop();
    const { dropped, corrections } = await router.counters();
    const left = packets.filter(({ from }) => from.address === relay.address && from.port === ROUTER_PORT);
    const known = [villain.host.ipv4, victim.outside.ipv4, friend.outside.ipv4];
    const grown = (residentOctets(router.id) - resident) / MEGABYTE;
    const expected = (why: string) => TIMES * (lies[why]?.length ?? 0);
    return [
      counted('sent to third parties', left.filter(({ to }) => !known.includes(to.address)).length, 0),
      counted('relayed to the victim', frames(left, { to: victim.outside.ipv4, kind: 'data' }).length, 0),
      counted('corrective advertisements', corrections, 1, 8),
      counted('wrong-source', dropped['wrong-source'], expected('wrong-source')),
      counted('forbidden-target', dropped['forbidden-target'], expected('forbidden-target') + TIMES),
      counted(
        'link-local, foreign-source',
        dropped['link-local'] + dropped['foreign-source'],
        expected('outlaw'),
      ),
      counted('forbidden-origin', dropped['forbidden-origin'], TIMES),
      counted('loop', dropped.loop, expected('loop')),
      counted('malformed', dropped.malformed, expected('malformed')),
      isSo('memory of the router grew by', `${grown.toFixed(1)} MB`, '≤ 30 MB', grown <= 30),
    ];
  });
}

/** What a peer is told by whom it must not believe, and what its own program must not make it send. */
export function hostileToPeer(): Promise<readonly Finding[]> {
  return underSiege(async ({ scene, victim, target, friend, villain, own }) => {
    const { router } = scene;
    const hole = holeOf(victim.talker);
    // Nothing is too much for it: it also sends from the router's own address.
    const usurper = await villainAt(villain.host, router.host.ipv4, ROUTER_PORT);
    const capture = await victim.outside.capture();
    await sendToForbidden(scene, victim.talker);
    const before = await victim.talker.report();
    const seen = victim.talker.told.length;
    const friendly = six(friend.talker.own.address);
    const elsewhere = { ipv4: ipv4(villain.host.ipv4), port: 1 };
    const byVillain = [
      routerAdvertisement(target, prefixOctets(router), elsewhere),
      routerAdvertisement(target, own, elsewhere),
      packet(friendly, target),
      neighbourSolicitation(friendly, target, elsewhere),
      packet(own, friendly),
      ...OUTLAWS.map((source) => packet(source, target)),
    ];
    const byUsurper = OUTLAWS.map((source) => packet(source, target));
    for (const lie of byVillain) await say(villain, hole, lie);
    for (const lie of byUsurper) await say(usurper, hole, lie);
    const lies = TIMES * (byVillain.length + byUsurper.length);
    const dropped = async () => {
      const { counters } = await victim.talker.report();
      return sumOf(counters?.dropped) - sumOf(before.counters?.dropped);
    };
    await until('all is dropped', async () => (await dropped()) >= lies, 3000).catch(() => {});
    const left = (await capture.stop()).filter(({ from }) => from.address === victim.outside.ipv4);
    const known = [router.host.ipv4, villain.host.ipv4];
    const told = victim.talker.told.slice(seen);
    const believed = told.filter(({ event }) => event === 'message' || event === 'address');
    const answers = left.filter(({ to, transport }) => to.address === known[1] && transport === 'udp');
    return [
      counted('believed: delivered, or the address changed', believed.length, 0),
      counted('sent to third parties', left.filter(({ to }) => !known.includes(to.address)).length, 0),
      counted('relayed for third parties', frames(left, { to: router.host.ipv4, kind: 'data' }).length, 0),
      counted('answers to the villain', answers.length, 0),
      counted('dropped and counted', await dropped(), lies),
    ];
  });
}

/** As a program would that believes a description of a session. */
async function sendToForbidden({ router }: Scene, victim: Talker): Promise<void> {
  for (const address of FORBIDDEN) {
    const to = { address: ipv6Text(addressAt(router, { ipv4: address, port: 53 })), port: PORT };
    for (let i = 0; i < TIMES; i++) victim.do({ do: 'send', to, text: 'to whom?' });
  }
  await victim.report();
}

function sumOf(dropped: unknown): number {
  if (typeof dropped !== 'object' || dropped === null) return 0;
  return Object.values(dropped).reduce((sum: number, count) => sum + Number(count), 0);
}

/** Memory that is really there. */
function residentOctets(id: number): number {
  const text = readFileSync(`/proc/${id}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(text)?.[1] ?? 0) * 1024;
}
