/**
 * Where the stories of 6bed4 happen: an Internet of IPv4 with a router of ours on it, and peers, each behind a NAT of
 * its own or on a public address.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { publicSubnetOf } from '../addressing.ts';
import type { Host } from '../host.ts';
import { Lab } from '../lab.ts';
import { Nat, type NatKind } from '../nat.ts';
import type { Report } from '../peers/talk.ts';
import { SixRouter } from '../sixbed4_router.ts';
import { Talker } from '../talker.ts';

/** What stands between a peer and the Internet. */
export type Access = NatKind | 'public';

/** A peer of 6bed4, and the host by which the Internet knows it: its NAT, or its own. */
export interface Peer {
  readonly talker: Talker;
  readonly nat: Nat | undefined;
  readonly outside: Host;
}

export interface Scene {
  readonly lab: Lab;
  readonly router: SixRouter;
}

/** Options of `openTunnel` that a story may want. */
export type TunnelWishes = Readonly<Record<string, unknown>>;

export async function inScene<T>(story: (scene: Scene) => Promise<T>): Promise<T> {
  await using lab = await Lab.create(publicSubnetOf);
  const router = await SixRouter.start(await lab.host('relay', { ipv6: false }));
  return await story({ lab, router });
}

/** A peer that has its address by this router, or by one of `wishes.routers`; behind that NAT or one of its own. */
export async function placePeer(
  { lab, router }: Scene,
  name: string,
  access: Access | Nat,
  wishes: TunnelWishes = {},
): Promise<Peer> {
  const nat = await accessOf(lab, `${name}-nat`, access);
  const host = await (nat ?? lab).host(name, { ipv6: false });
  const talker = Talker.six(host, { routers: [router.end], ...wishes });
  await talker.listening();
  return { talker, nat, outside: nat?.outside ?? host };
}

async function accessOf(lab: Lab, name: string, access: Access | Nat): Promise<Nat | undefined> {
  if (access === 'public') return undefined;
  return typeof access === 'string' ? Nat.build(lab, name, access) : access;
}

/** Both stream to each other as in a call, a datagram every 20 ms, for so long; gives what each heard of the other. */
export async function converse(
  peers: readonly [Peer, Peer],
  ms: number,
): Promise<readonly [Listened, Listened]> {
  startStreams(peers);
  await sleep(ms);
  return endStreams(peers);
}

export function startStreams([a, b]: readonly [Peer, Peer]): void {
  a.talker.do({ do: 'stream', to: b.talker.own, every: FRAME_MS });
  b.talker.do({ do: 'stream', to: a.talker.own, every: FRAME_MS });
}

export const FRAME_MS = 20;

/** What one heard of what the other said. */
export interface Listened {
  readonly sent: number;
  readonly lost: number;
  readonly twice: number;
  /** Longest silence, ms. */
  readonly gap: number;
}

export async function endStreams([a, b]: readonly [Peer, Peer]): Promise<readonly [Listened, Listened]> {
  for (const { talker } of [a, b]) talker.do({ do: 'stream', every: 0 });
  await sleep(150);
  const [ofA, ofB] = [await a.talker.report(true), await b.talker.report(true)];
  return [listened(ofB, ofA), listened(ofA, ofB)];
}

function listened(speaker: Report, listener: Report): Listened {
  const count = listener.heard.reduce((sum, each) => sum + each.count, 0);
  const twice = listener.heard.reduce((sum, each) => sum + each.twice, 0);
  const gap = Math.max(0, ...listener.heard.map((each) => each.gap));
  return { sent: speaker.sent, lost: speaker.sent - (count - twice), twice, gap };
}
