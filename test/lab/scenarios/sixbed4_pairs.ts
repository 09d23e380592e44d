/**
 * Rows about pairs: cone–cone goes direct, what is symmetric is relayed, one NAT goes direct only where it turns
 * packets. The simulated NATs have the same table of outcomes (`test/support/nat_outcomes.ts`).
 */
import {
  type NatKind as NamedKind,
  NFTABLES_KINDS,
  OUTCOMES,
  type Path,
  SAME_NAT_OUTCOMES,
} from '../../support/nat_outcomes.ts';
import { Nat, type NatKind } from '../nat.ts';
import { type Talk, talk } from './sixbed4_pair.ts';
import { type Access, inScene, type Peer, placePeer, type Scene } from './sixbed4_scene.ts';
import { counted, type Finding, isSo, type Pace, withinMs } from './sixbed4_tale.ts';

/** Milliseconds that a first datagram may lie in the peer, whose program has just begun. */
const AT_ONCE = 50;
/** Milliseconds from the end of the first exchange. */
const SOON = 150;
const SHORT_TALK = 2800;
/** Of pairs that go direct: longer than two lives of what is known of a path (25 s and 2 s of polling each). */
const LONG_TALK = 72_000;
/** Of pairs that are relayed: two rounds of probes, of 25 s each, after the first. */
const RELAYED_TALK = 55_000;

const ACCESS_NAMES: Readonly<Record<Access, NamedKind>> = {
  public: 'public',
  cone: NFTABLES_KINDS.masquerade,
  symmetric: NFTABLES_KINDS['masquerade random'],
};

export function expectedPath(caller: Access, callee: Access): Path {
  const [a, b] = [ACCESS_NAMES[caller], ACCESS_NAMES[callee]];
  const found = OUTCOMES.find((outcome) => outcome.caller === a && outcome.callee === b);
  if (found === undefined) throw new Error(`no outcome for ${a} and ${b}`);
  return found.path;
}

export async function pair(caller: Access, callee: Access, pace: Pace): Promise<readonly Finding[]> {
  return inScene(async (scene) => {
    const peers = [
      await placePeer(scene, 'caller', caller),
      await placePeer(scene, 'callee', callee),
    ] as const;
    return judged(scene, peers, expectedPath(caller, callee), pace);
  });
}

/** Ports that the two take, so that the NAT can be told of whom they are. */
const PORTS = { caller: 41_000, callee: 42_000 };

export async function behindOneNat(kind: NatKind, hairpin: boolean, pace: Pace): Promise<readonly Finding[]> {
  const named = ACCESS_NAMES[kind];
  const outcome = SAME_NAT_OUTCOMES.find((each) => each.kind === named && each.hairpin === hairpin);
  if (outcome === undefined) throw new Error(`no outcome for two behind one ${named}`);
  return inScene(async (scene) => {
    const nat = await Nat.build(scene.lab, 'nat', kind);
    const peers = [
      await placePeer(scene, 'caller', nat, { port: PORTS.caller }),
      await placePeer(scene, 'callee', nat, { port: PORTS.callee }),
    ] as const;
    if (hairpin) await nat.hairpin(peers.map(({ talker }, i) => turnOf(talker.own.address, peers, i)));
    return judged(scene, peers, outcome.path, { ...pace, isShort: true });
  });
}

/** The public port is in the address, whatever the NAT made of ours. */
function turnOf(address: string, peers: readonly Peer[], index: number) {
  const peer = peers[index];
  if (peer === undefined) throw new Error('no such peer');
  return {
    port: Number.parseInt(address.split(':').at(-2) ?? '', 16),
    host: peer.talker.host,
    inner: Object.values(PORTS)[index] ?? 0,
  };
}

async function judged(
  scene: Scene,
  peers: readonly [Peer, Peer],
  expected: Path,
  { isShort }: Pace,
): Promise<readonly Finding[]> {
  const long = expected === 'direct' ? LONG_TALK : RELAYED_TALK;
  const ms = isShort ? SHORT_TALK : long;
  const seen = await talk([scene.router], peers, ms);
  const [{ lost: toCallee }, { lost: toCaller }] = [seen.heard[1], seen.heard[0]];
  return [
    isSo('the first datagram goes by the router', seen.first.way, 'relayed'),
    withinMs('the first datagram is held', seen.first.held, AT_ONCE),
    ...(expected === 'direct' ? directFindings(seen, ms) : relayedFindings(seen, ms)),
    counted('lost, of both directions', toCallee + toCaller, 0),
  ];
}

function directFindings(seen: Talk, ms: number): readonly Finding[] {
  return [
    withinMs('caller direct after the first exchange', seen.direct[0], SOON),
    withinMs('callee direct after the first exchange', seen.direct[1], SOON),
    counted('relayed after the first direct one', seen.relayedAfter, 0),
    ...lastSecond(seen, 'direct', ms),
  ];
}

function relayedFindings(seen: Talk, ms: number): readonly Finding[] {
  const most = 3 + Math.floor(ms / 25_000);
  return [
    counted('probes of the caller, first 2.5 s', seen.probes[0]?.soon ?? 0, 1, 3),
    counted('probes of the callee, first 2.5 s', seen.probes[1]?.soon ?? 0, 1, 3),
    counted(
      `probes of each, ${Math.round(ms / 1000)} s`,
      Math.max(...seen.probes.map(({ all }) => all)),
      1,
      most,
    ),
    ...lastSecond(seen, 'relayed', ms),
  ];
}

function lastSecond({ lastSecond: { direct, relayed } }: Talk, path: Path, ms: number): readonly Finding[] {
  const what = `direct and relayed datagrams in the last of ${Math.round(ms / 1000)} s`;
  const kept = path === 'direct' ? direct > 40 && relayed === 0 : relayed > 40 && direct === 0;
  return [isSo(what, `${direct} and ${relayed}`, `all ${path}`, kept)];
}
