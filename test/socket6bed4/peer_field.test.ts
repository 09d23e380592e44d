/**
 * What two programs in the field were seen to answer to twenty datagrams each, and what we answer; conversations of
 * theirs, with us in the place of one peer. Recordings tell what is understood out there; where the programs err we
 * do not follow, and the table says so.
 */
import { readFileSync } from 'node:fs';
import type { ExecutionContext } from 'ava';
import { type Ipv4End, parseEnd, sameEnd } from '#socket6bed4/address/ipv4.ts';
import { addressOf, endOf } from '#socket6bed4/address/sixbed4.ts';
import { routerAdvertisement } from '#socket6bed4/packet/neighbour_discovery.ts';
import { Peer } from '#socket6bed4/peer/peer.ts';
import type { PeerEffect } from '#socket6bed4/peer/types.ts';
import { withVectors } from '../media/field_vectors.ts';
import { ALL_NODES, end, ip, OWN_FC64, only, START } from './peer_stand.ts';

interface Stimuli {
  readonly peer6: string;
  readonly A: string;
  readonly vectors: readonly {
    readonly id: string;
    readonly send: { readonly from: string; readonly to: string; readonly hex: string };
    readonly responses: readonly { readonly from: string; readonly hex: string }[];
  }[];
}

interface Conversation {
  readonly packets: readonly {
    readonly ip: { readonly src: string; readonly dst: string };
    readonly udp: { readonly sport: number; readonly dport: number };
    readonly hex: string;
    readonly decoded: { readonly icmp6?: string };
    readonly path: 'to-router' | 'from-router' | 'direct';
  }[];
}

/** What we do with each stimulus, asked of a peer that has heard nothing yet. */
const OURS: Record<string, 'answered' | 'delivered' | string> = {
  ns: 'answered',
  'ns-noopt': 'answered',
  'ns-nonce': 'answered',
  'ns-tc20': 'answered',
  'ns-after': 'answered',
  'ns-target': 'bad-discovery',
  'ns-badcsum': 'checksum',
  // The Java peer answers these two.
  'ns-hop64': 'hop-limit',
  'ns-spoof': 'spoofed',
  'ns-out': 'foreign-source',
  probe: 'unasked-probe',
  rs: 'bad-source',
  'na-unsol': 'unasked-advertisement',
  data: 'delivered',
  data2: 'delivered',
  'data-tc20': 'delivered',
  'data-spoof': 'spoofed',
  // The checksum of UDP is verified where ports are; echo is answered there too.
  'data-badcsum': 'delivered',
  echo: 'delivered',
  // The Java peer believes it and has lost its address.
  'ra-forged': 'forged-advertisement',
};

/** Where the Java peer must not be followed: it answers what comes over routers and what is forged. */
const JAVA_ERRS = new Set(['ns-hop64', 'ns-spoof']);
const ROUTER = end('145.136.0.1:25790');

function given(text: string): Ipv4End {
  const parsed = parseEnd(text, 25_790);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}

function peerAt(prefix: Uint8Array, seen: Ipv4End, router = ROUTER): Peer {
  const peer = new Peer({ routers: [router], random: () => 0.5 });
  peer.handle({ kind: 'start' }, START);
  peer.handle(
    { kind: 'received', from: router, octets: routerAdvertisement(ALL_NODES, prefix, seen) },
    START,
  );
  return peer;
}

function read<T>(folder: string, name: string): T {
  return JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as T;
}

for (const name of ['java', 'c'])
  withVectors('field/6bed4', `the stimuli given to the ${name} peer`, (t, folder) => {
    const { peer6, A, vectors } = read<Stimuli>(folder, `peer_${name}_stimulus_response.json`);
    t.deepEqual(vectors.map(({ id }) => id).sort(), Object.keys(OURS).sort());
    for (const { id, send, responses } of vectors) {
      const peer = peerAt(ip(peer6), given(send.to));
      t.deepEqual(peer.addresses, [ip(peer6)]);
      const octets = Buffer.from(send.hex, 'hex');
      const effects = peer.handle({ kind: 'received', from: given(send.from), octets }, START + 1);
      const [first] = only(effects, 'transmit');
      const why = only(effects, 'dropped')[0]?.why;
      t.is(why ?? (only(effects, 'deliver').length > 0 ? 'delivered' : 'answered'), OURS[id] ?? '', id);
      t.deepEqual(peer.addresses, [ip(peer6)], id);
      for (const { to } of only(effects, 'transmit')) t.deepEqual(to, endOf(ip(A)), id);
      const theirs = responses.find(({ from }) => from === send.to);
      if (name === 'java' && theirs !== undefined && OURS[id] === 'answered') {
        // Ours says Seen too; the Java peer's bears the traffic class that it was asked with.
        const plain = (hex: Uint8Array) => Buffer.from(hex).toString('hex').slice(4);
        t.is(plain(first?.octets ?? octets), plain(Buffer.from(theirs.hex, 'hex')), id);
      } else if (name === 'java' && id.startsWith('ns')) {
        t.true(JAVA_ERRS.has(id) || theirs === undefined, `${id}: both of one mind`);
      }
    }
  });

function wordOf(effect: PeerEffect, router: Ipv4End): string {
  if (effect.kind === 'dropped') return effect.why;
  if (effect.kind === 'path') return effect.path;
  if (effect.kind !== 'transmit') return effect.kind;
  const { to, octets } = effect;
  const what = octets.length === 0 ? 'empty' : octets[6] === 58 ? `icmp ${octets[40]}` : 'data';
  return `${sameEnd(to, router) ? 'router' : 'direct'} ${what}`;
}

/** Our peer in the place of the inner one: given what it heard, it sends what that one sent, as far as that matters. */
function replayed(t: ExecutionContext, folder: string, name: string) {
  const { packets } = read<Conversation>(folder, name);
  const router = packets.find(({ path }) => path === 'to-router');
  if (router === undefined) throw new Error(`${name} has no router`);
  const routerEnd = given(`${router.ip.dst}:${router.udp.dport}`);
  const peer = new Peer({ routers: [routerEnd], random: () => 0.5 });
  const said: string[] = [];
  let now = START;
  for (const { ip: outer, udp, hex, decoded, path } of packets) {
    now += 50;
    const octets = Buffer.from(hex, 'hex');
    const inbound = path === 'from-router' || outer.dst === router.ip.src;
    const note = (what: string, effects: readonly PeerEffect[]) =>
      said.push(`${what}: ${effects.map((effect) => wordOf(effect, routerEnd)).join(', ')}`);
    if (inbound) {
      const from = given(`${outer.src}:${udp.sport}`);
      note(`< ${decoded.icmp6 ?? 'data'}`, peer.handle({ kind: 'received', from, octets }, now));
    } else if (decoded.icmp6 === 'Router Solicitation') note('start', peer.handle({ kind: 'start' }, now));
    else if (octets.length > 0 && !decoded.icmp6?.startsWith('Neighbor'))
      note('> data', peer.handle({ kind: 'send', packet: octets }, now));
  }
  t.true(said.length > 3);
  return { said, peer };
}

withVectors('field/6bed4', 'a conversation that becomes direct', (t, folder) => {
  t.deepEqual(replayed(t, folder, 'new-direct-java.json').said, [
    'start: router icmp 133',
    '< Router Advertisement: address',
    '> data: direct empty, direct icmp 135, router data',
    '< Neighbor Solicitation: direct icmp 136, direct empty, direct icmp 135',
    '< data: deliver',
    '< Neighbor Advertisement: direct',
    '> data: direct data',
    '< data: deliver',
    '> data: direct data',
    '< data: deliver',
  ]);
});

for (const name of ['new-fallback-sym-java.json', 'new-hairpin-java.json'])
  withVectors('field/6bed4', `a conversation that stays relayed: ${name}`, (t, folder) => {
    t.deepEqual(replayed(t, folder, name).said.slice(0, 6), [
      'start: router icmp 133',
      '< Router Advertisement: address',
      '> data: direct empty, direct icmp 135, router data',
      '< data: deliver',
      '> data: router data',
      '< data: deliver',
    ]);
  });

withVectors(
  'field/6bed4',
  'a peer of 2020 never answers probes and gets everything by the router',
  (t, folder) => {
    const { said } = replayed(t, folder, 'new-java-c.json');
    t.deepEqual(
      said.filter((line) => line.startsWith('< data')),
      ['< data: deliver', '< data: deliver'],
    );
    t.true(said.filter((line) => line.startsWith('> data')).every((line) => line.endsWith('router data')));
  },
);

for (const name of ['new-native-sym.json', 'new-router-cone.json'])
  withVectors('field/6bed4', `echo by the router, native hosts too: ${name}`, (t, folder) => {
    const { said } = replayed(t, folder, name);
    t.true(said.filter((line) => line.startsWith('< Echo')).every((line) => line.endsWith('deliver')));
    t.true(said.filter((line) => line.startsWith('<')).length >= 2);
  });

withVectors(
  'field/6bed4',
  'a mapping is lost: the correction is believed, which the peer of 2020 does not do',
  (t, folder) => {
    const { packets } = read<Conversation>(folder, 'new-mapping-loss.json');
    const correction = packets.at(-1);
    const last = packets.at(-2);
    const echo = packets.find(({ decoded }) => decoded.icmp6 === 'Echo Request');
    if (correction === undefined || last === undefined || echo === undefined)
      throw new Error('the recording ends early');
    const before = { ...given(`${echo.ip.src}:${echo.udp.sport}`) };
    const peer = peerAt(
      OWN_FC64.map((octet, i) => [0xfc, 0x64, 0x0b, 0xed, 0x91, 0x88, 0x00, 0x01][i] ?? octet),
      before,
    );
    const [own] = peer.addresses;
    const packet = Buffer.from(last.hex, 'hex');
    t.is(only(peer.handle({ kind: 'send', packet }, START + 1), 'transmit').length, 3);
    const octets = Buffer.from(correction.hex, 'hex');
    const told = only(peer.handle({ kind: 'received', from: ROUTER, octets }, START + 2), 'address');
    const after = given(`${last.ip.src}:${last.udp.sport}`);
    t.deepEqual(told[0]?.previous, own);
    t.deepEqual(told[0]?.address, addressOf(own ?? octets, after));
  },
);
