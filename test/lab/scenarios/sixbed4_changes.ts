/** Rows about changes: mappings get lost, the direct path dies in the midst of a call, the router goes and comes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../support/process.ts';
import type { Capture } from '../capture.ts';
import { Nat } from '../nat.ts';
import { SixRouter } from '../sixbed4_router.ts';
import { frames } from '../sixbed4_wire.ts';
import { Talker } from '../talker.ts';
import {
  type Access,
  converse,
  endStreams,
  FRAME_MS,
  inScene,
  type Listened,
  type Peer,
  placePeer,
  startStreams,
} from './sixbed4_scene.ts';
import { counted, type Finding, isSo, type Pace, withinMs } from './sixbed4_tale.ts';

/** Milliseconds that the laboratory and a busy machine may add to what the wire takes. */
const SLACK = 20;
const NEVER = 3_600_000;

/** The peer learns of its new mapping by the first datagram that comes from there. `delay`: to the router, ms. */
export async function mappingLost(delay = 40): Promise<readonly Finding[]> {
  return inScene(async (scene) => {
    const { lab, router } = scene;
    await lab.delay(router.host, delay);
    const callee = await placePeer(scene, 'callee', 'public');
    const nat = await Nat.build(lab, 'nat', 'symmetric');
    await nat.remember(1);
    const caller = await placePeer(scene, 'caller', nat, { keepAlive: NEVER });
    const old = caller.talker.own;
    // Netfilter looks at the clock once a second.
    await sleep(2500);
    const capture = await caller.talker.host.capture();
    await caller.talker.ping(callee.talker.own, 300);
    const changed = await caller.talker.event('address', 3000, 0, ({ previous }) => previous !== undefined);
    const again = await caller.talker.ping(callee.talker.own, 2000);
    await capture.stop();
    const sent = frames(capture.packets, { to: router.host.ipv4, kind: 'data' })[0]?.packet.time;
    const said = frames(capture.packets, { kind: 'router advertisement' })[0]?.packet.time;
    const roundTrip = sent === undefined || said === undefined ? undefined : said - sent;
    return [
      isSo('the address is another', changed.address, `not ${old.address}`, changed.address !== old.address),
      withinMs('corrective advertisement after the first datagram', roundTrip, delay + 2 * SLACK),
      withinMs('new address after the advertisement', said && changed.time - said, SLACK),
      withinMs('then the first answer', again, 2 * delay + 2 * SLACK),
    ];
  });
}

/** The NAT of one forgets everything in the midst of a conversation; the other is told the new address at once. */
export async function mappingLostInCall(access: Access): Promise<readonly Finding[]> {
  return inScene(async (scene) => {
    const peers = [
      await placePeer(scene, 'caller', access),
      await placePeer(scene, 'callee', 'cone'),
    ] as const;
    const [caller, callee] = peers;
    startStreams(peers);
    await sleep(2500);
    await endStreams(peers);
    startStreams(peers);
    await sleep(500);
    const seen = caller.talker.told.length;
    await caller.nat?.forget();
    if (access === 'symmetric') {
      await caller.talker.event('address', 5000, seen);
      callee.talker.do({ do: 'stream', to: caller.talker.own, every: FRAME_MS });
    }
    await sleep(3000);
    const heard = await endStreams(peers);
    return gapFindings(heard, 300);
  });
}

/** Nothing passes between the two NATs from some moment on, or nothing in one direction. */
export async function directPathCut(way: 'both' | 'out', { isShort }: Pace): Promise<readonly Finding[]> {
  return inScene(async (scene) => {
    const peers = [
      await placePeer(scene, 'caller', 'cone'),
      await placePeer(scene, 'callee', 'cone'),
    ] as const;
    const [caller, callee] = peers;
    const before = await converse(peers, 2500);
    startStreams(peers);
    await sleep(1500);
    const isDirect = await goesDirect(caller);
    const cut = { peer: callee.outside, ...(way === 'both' ? {} : { way }) };
    await caller.outside.block(cut, 'drop');
    await sleep(isShort ? 4000 : 30_000);
    const after = await endStreams(peers);
    const findings = [
      counted('lost before', before[0].lost + before[1].lost, 0),
      isSo('direct before', String(isDirect), 'true'),
      ...gapFindings(after, 2000),
    ];
    if (isShort) return findings;
    await caller.outside.unblock();
    startStreams(peers);
    const began = performance.now();
    const healed = await until('direct again', () => goesDirect(caller), 60_000).then(
      () => performance.now() - began,
      () => undefined,
    );
    await endStreams(peers);
    return [...findings, withinMs('direct again after the cut is mended', healed, 27_000)];
  });
}

/** Whether the datagrams of the next moment leave for somebody else than the router. */
async function goesDirect({ talker }: Peer): Promise<boolean> {
  const before = await talker.report();
  await sleep(400);
  const after = await talker.report();
  const direct = (report: typeof after) => Number(report.counters?.direct ?? 0);
  return direct(after) > direct(before);
}

/** A silence that never ends shows in what is lost. */
function gapFindings([ofCaller, ofCallee]: readonly [Listened, Listened], goal: number): readonly Finding[] {
  const most = goal / FRAME_MS;
  return [
    withinMs('longest silence at the caller', ofCaller.gap, goal),
    withinMs('longest silence at the callee', ofCallee.gap, goal),
    counted('lost on the way to the caller', ofCaller.lost, 0, most),
    counted('lost on the way to the callee', ofCallee.lost, 0, most),
  ];
}

/** Solicitations to a router that is not there come ever more seldom, ±10 %. */
export async function solicitations({ isShort }: Pace): Promise<readonly Finding[]> {
  const gaps = isShort ? [1000, 3000] : [1000, 3000, 7000, 15_000, 30_000];
  return inScene(async ({ lab, router }) => {
    await router.kill();
    const host = await lab.host('early', { ipv6: false });
    const capture = await host.capture();
    const talker = Talker.six(host, { routers: [router.end] });
    const total = gaps.reduce((sum, gap) => sum + gap, 0);
    await until('solicitations', () => times(capture).length > gaps.length, 1.1 * total + 8000);
    const seen = times(capture);
    const findings = gaps.map((gap, i) => {
      const ms = (seen[i + 1] ?? Number.NaN) - (seen[i] ?? Number.NaN);
      const kept = Math.abs(ms - gap) <= 0.1 * gap + 2 * SLACK;
      return isSo(
        `solicitation ${i + 2} after the one before`,
        `${ms.toFixed(0)} ms`,
        `${gap} ms ± 10 %`,
        kept,
      );
    });
    if (isShort) return findings;
    await router.start();
    const { own } = await talker.event('listening', 36_000);
    await capture.stop();
    return [
      ...findings,
      isSo('an address when it comes', own.address, 'fc64:…', own.address.startsWith('fc64:')),
    ];
  });
}

function times({ packets }: Capture): readonly number[] {
  return frames(packets, { kind: 'router solicitation' }).map(({ packet }) => packet.time);
}

/** A router that starts again knows nothing, and need not. */
export async function routerRestarts(): Promise<readonly Finding[]> {
  return inScene(async (scene) => {
    const peers = [
      await placePeer(scene, 'caller', 'symmetric'),
      await placePeer(scene, 'callee', 'symmetric'),
    ] as const;
    const addresses = peers.map(({ talker }) => talker.own.address);
    startStreams(peers);
    await sleep(1500);
    const stopped = performance.now();
    await scene.router.kill();
    await scene.router.start();
    const away = performance.now() - stopped;
    await sleep(1500);
    const heard = await endStreams(peers);
    const same = peers.every(({ talker }, i) => talker.own.address === addresses[i]);
    return [isSo('addresses stay', String(same), 'true'), ...gapFindings(heard, away + 100)];
  });
}

/** Of two routers the faster serves; when it dies, the other. Checks come every second keep-alive. */
export async function routerDies(): Promise<readonly Finding[]> {
  return inScene(async (scene) => {
    const { lab, router } = scene;
    const second = await SixRouter.start(await lab.host('second', { ipv6: false }));
    await lab.delay(second.host, 60);
    const keepAlive = 500;
    const { talker } = await placePeer(scene, 'peer', 'cone', {
      routers: [second.end, router.end],
      keepAlive,
    });
    const first = talker.own.address;
    const seen = talker.told.length;
    await router.kill();
    const killed = performance.now();
    const { address } = await talker.event('address', 30_000, seen);
    const ms = performance.now() - killed;
    // Every fourth keep-alive is a check; unanswered it is repeated after 1, 3 and 7 s.
    const goal = 4 * keepAlive * 1.05 + 11_000 * 1.1 + 1500;
    const friend = await placePeer(scene, 'friend', 'public', { routers: [second.end] });
    const answered = await talker.ping(friend.talker.own, 2000);
    return [
      isSo('the faster router serves', first, prefixOf(router), first.startsWith(prefixOf(router))),
      isSo('then the other', address, prefixOf(second), address.startsWith(prefixOf(second))),
      withinMs('after the death of the first', ms, goal),
      withinMs('a friend answers', answered, 500),
    ];
  });
}

/** Head of the addresses that it gives, as text. */
export function prefixOf({ host }: SixRouter): string {
  const [a = 0, b = 0, c = 0, d = 0] = host.ipv4.split('.').map(Number);
  return `fc64:bed:${(256 * a + b).toString(16)}:${(256 * c + d).toString(16)}:`;
}
