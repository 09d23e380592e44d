/** Two peers of 6bed4 begin to talk: which way their datagrams take, how soon, and what is lost. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Capture } from '../capture.ts';
import { HEAD, PING } from '../peers/talk.ts';
import type { SixRouter } from '../sixbed4_router.ts';
import { type Frame, frames } from '../sixbed4_wire.ts';
import { endStreams, type Listened, type Peer, startStreams } from './sixbed4_scene.ts';

/** Times are of the kernel, on the links of the two to their NATs. */
export interface Talk {
  /** Of the first datagram: ms from its sending to the caller's link, and whom it was sent to. */
  readonly first: { readonly held: number; readonly way: Way };
  /** ms from the first datagram of the caller to the answer at the caller's link. */
  readonly exchange: number;
  /** ms from the end of that exchange to the first direct datagram, by the caller and by the callee. */
  readonly direct: readonly [number | undefined, number | undefined];
  /** Datagrams by the router after the first direct one of the same peer. */
  readonly relayedAfter: number;
  /** Of all datagrams, in the last second. */
  readonly lastSecond: { readonly direct: number; readonly relayed: number };
  /** Probes of each in the 2.5 s after its first datagram, and in all. */
  readonly probes: readonly { readonly soon: number; readonly all: number }[];
  readonly heard: readonly [Listened, Listened];
}

type Way = 'direct' | 'relayed';

/** The first is the caller. They talk for so many ms; what goes to or comes from one of `routers` is relayed. */
export async function talk(
  routers: readonly SixRouter[],
  peers: readonly [Peer, Peer],
  ms: number,
): Promise<Talk> {
  const relays = routers.map(({ host }) => host.ipv4);
  const captures = await Promise.all(peers.map(({ talker }) => talker.host.capture()));
  const [caller, callee] = peers;
  caller.talker.do({ do: 'ping', to: callee.talker.own, id: 0 });
  startStreams(peers);
  await sleep(ms);
  const heard = await endStreams(peers);
  await Promise.all(captures.map((capture) => capture.stop()));
  const views = peers.map((peer, i) => viewOf(peer, captures[i], relays, peers[1 - i]));
  const [ofCaller, ofCallee] = views;
  if (ofCaller === undefined || ofCallee === undefined) throw new Error('two peers have two views');
  const ping = ofCaller.sent.find(({ payload }) => payload[0] === PING && payload.length >= HEAD);
  const answer = ofCaller.got[0];
  if (ping === undefined || answer === undefined) throw new Error('there was no exchange');
  const exchanged = answer.packet.time;
  const end = Math.max(...views.map(({ sent }) => sent.at(-1)?.packet.time ?? 0));
  const lastSecond = views
    .flatMap(({ sent }) => sent)
    .filter(({ packet }) => packet.time > end - 1000)
    .map(wayIn(relays));
  return {
    first: {
      held: ping.packet.time - ping.payload.readDoubleBE(8),
      way: wayIn(relays)(ping),
    },
    exchange: exchanged - ping.packet.time,
    direct: [ofCaller.direct && ofCaller.direct - exchanged, ofCallee.direct && ofCallee.direct - exchanged],
    relayedAfter: ofCaller.relayedAfter + ofCallee.relayedAfter,
    lastSecond: {
      direct: lastSecond.filter((way) => way === 'direct').length,
      relayed: lastSecond.filter((way) => way === 'relayed').length,
    },
    probes: views.map(({ probes }) => probes),
    heard,
  };
}

function wayIn(relays: readonly string[]): (frame: Frame) => Way {
  return ({ packet: { from, to } }) =>
    relays.includes(to.address) || relays.includes(from.address) ? 'relayed' : 'direct';
}

/** What passed on one peer's link. */
function viewOf(
  peer: Peer,
  capture: Capture | undefined,
  relays: readonly string[],
  other: Peer | undefined,
) {
  const packets = capture?.packets ?? [];
  const address = peer.talker.host.ipv4;
  const sent = frames(packets, { from: address, kind: 'data' });
  const direct = sent.find((frame) => wayIn(relays)(frame) === 'direct')?.packet.time;
  const relayedAfter = sent.filter(
    (frame) => direct !== undefined && wayIn(relays)(frame) === 'relayed' && frame.packet.time > direct,
  ).length;
  const begin = sent[0]?.packet.time ?? 0;
  const probes = frames(packets, { from: address, to: other?.outside.ipv4 ?? '', kind: 'empty' });
  const soon = probes.filter(({ packet }) => packet.time < begin + 2500).length;
  return {
    sent,
    got: frames(packets, { to: address, kind: 'data' }),
    direct,
    relayedAfter,
    probes: { soon, all: probes.length },
  };
}
