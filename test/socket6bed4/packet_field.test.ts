/** Octets that were on the wire between programs of others: all are read, and as what they were known to be. */
import { readdirSync, readFileSync } from 'node:fs';
import type { ExecutionContext } from 'ava';
import { parseIpv4 } from '#socket6bed4/address/ipv4.ts';
import { ipv6Text, parseIpv6 } from '#socket6bed4/address/ipv6.ts';
import { addressOf, sameNetwork } from '#socket6bed4/address/sixbed4.ts';
import { Reassembly } from '#socket6bed4/packet/fragment.ts';
import { echoReply, icmpError, isIcmpIntact, readError } from '#socket6bed4/packet/icmpv6.ts';
import {
  destinationOf,
  hopLimitOf,
  isWellFormed,
  nextHeaderOf,
  sourceOf,
  trafficClassOf,
} from '#socket6bed4/packet/ipv6.ts';
import {
  isRouterSolicitation,
  neighbourAdvertisement,
  neighbourSolicitation,
  readAdvertisement,
  readNeighbourAdvertisement,
  readNeighbourSolicitation,
} from '#socket6bed4/packet/neighbour_discovery.ts';
import { readUdp } from '#socket6bed4/packet/udp.ts';
import { withVectors } from '../media/field_vectors.ts';

const SET = 'field/6bed4';

interface Decoded {
  readonly kind: 'IPv6';
  readonly src6: string;
  readonly dst6: string;
  readonly tc: number;
  readonly plen: number;
  readonly nh: number;
  readonly hlim: number;
  readonly udpPayloadLen: number;
  readonly icmp6?: string;
  readonly target6?: string;
  readonly options?: readonly { readonly prefix: string; readonly A: number }[];
  readonly udp6?: { readonly sport: number; readonly dport: number };
}

interface DecodedEmpty {
  readonly kind: 'empty UDP (Keepalive to router / Probe to peer)';
}

interface Packet {
  readonly hex: string;
  readonly decoded: Decoded | DecodedEmpty;
}

interface Stimulus {
  readonly id: string;
  readonly send: { readonly from: string; readonly hex: string };
  readonly responses: readonly { readonly hex: string }[];
}

interface File {
  readonly packets?: readonly Packet[];
  readonly vectors?: readonly Partial<Stimulus>[];
}

const octetsOf = (hex: string): Uint8Array => Buffer.from(hex, 'hex');
const hexOf = (octets: Uint8Array): string => Buffer.from(octets).toString('hex');

function files(folder: string): readonly (readonly [name: string, file: File])[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return names.map((name) => [name, JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as File] as const);
}

function stimuli(folder: string, name: string): ReadonlyMap<string, Stimulus> {
  const { vectors = [] } = JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as {
    vectors: readonly Stimulus[];
  };
  return new Map(vectors.map((vector) => [vector.id, vector]));
}

/** Every reader and every answer, on octets of which nothing is known. */
function readAll(octets: Uint8Array): void {
  isRouterSolicitation(octets);
  readAdvertisement(octets);
  readNeighbourSolicitation(octets);
  readNeighbourAdvertisement(octets);
  readUdp(octets);
  readError(octets);
  echoReply(octets);
  if (!isWellFormed(octets)) return;
  icmpError(sourceOf(octets), octets, 1, 0, 0);
  new Reassembly().add(octets, 0);
}

function agrees(t: ExecutionContext, octets: Uint8Array, decoded: Packet['decoded'], where: string): void {
  if (decoded.kind !== 'IPv6') {
    t.is(octets.length, 0, where);
    return;
  }
  t.is(isWellFormed(octets), decoded.udpPayloadLen === decoded.plen + 40, where);
  t.is(ipv6Text(sourceOf(octets)), decoded.src6, where);
  t.is(ipv6Text(destinationOf(octets)), decoded.dst6, where);
  t.is(trafficClassOf(octets), decoded.tc, where);
  t.is(nextHeaderOf(octets), decoded.nh, where);
  t.is(hopLimitOf(octets), decoded.hlim, where);
  if (decoded.udp6 !== undefined) {
    const datagram = readUdp(octets);
    t.deepEqual({ sport: datagram?.sourcePort, dport: datagram?.destinationPort }, decoded.udp6, where);
  }
  if (decoded.icmp6 !== undefined) agreesIcmp(t, octets, decoded, where);
}

function agreesIcmp(t: ExecutionContext, octets: Uint8Array, decoded: Decoded, where: string): void {
  const { icmp6 = '', target6 = '', options = [] } = decoded;
  t.true(isIcmpIntact(octets), where);
  t.is(isRouterSolicitation(octets), icmp6 === 'Router Solicitation', where);
  t.is(readNeighbourSolicitation(octets) !== undefined, icmp6 === 'Neighbor Solicitation', where);
  t.is(readNeighbourAdvertisement(octets) !== undefined, icmp6 === 'Neighbor Advertisement', where);
  t.is(echoReply(octets) !== undefined, icmp6 === 'Echo Request', where);
  const target = readNeighbourSolicitation(octets) ?? readNeighbourAdvertisement(octets);
  if (target !== undefined) t.is(ipv6Text(target.target), target6, where);
  const advertised = readAdvertisement(octets);
  const [prefix, length] = options.find(({ A }) => A === 1)?.prefix.split('/') ?? [];
  const expected =
    length === '64' ? 'old-format' : length === '114' ? { address: parseIpv6(prefix ?? '') } : undefined;
  t.deepEqual(advertised, expected as typeof advertised, where);
}

withVectors(SET, 'every packet of the recorded conversations is read as what it is', (t, folder) => {
  let count = 0;
  for (const [name, { packets = [] }] of files(folder)) {
    for (const [i, { hex, decoded }] of packets.entries()) {
      const octets = octetsOf(hex);
      readAll(octets);
      agrees(t, octets, decoded, `${name} ${i}`);
      count += 1;
    }
  }
  t.true(count >= 90, String(count));
});

withVectors(SET, 'every stimulus and every response is survived, damaged or not', (t, folder) => {
  let count = 0;
  for (const [, { vectors = [] }] of files(folder)) {
    for (const { send, responses = [] } of vectors) {
      for (const { hex } of send === undefined ? [] : [send, ...responses]) {
        const octets = octetsOf(hex);
        for (let length = 0; length <= octets.length; length += 1) readAll(octets.subarray(0, length));
        count += 1;
      }
    }
  }
  t.true(count > 80, String(count));
});

/** Solicitations that the router of 2020 was given, and whether ours answers: it is silent on none but the illegal. */
const SOLICITATIONS: Readonly<Record<string, boolean>> = {
  'rs-ref': true,
  'rs-noopt': true,
  'rs-llsrc': true,
  'rs-badcsum': false,
  'rs-hop64': false,
  'rs-sll0': false,
  'rs-nonce': true,
};

withVectors(SET, 'solicitations of routers are told from what only looks like one', (t, folder) => {
  const vectors = stimuli(folder, 'router_stimulus_response.json');
  for (const [id, expected] of Object.entries(SOLICITATIONS)) {
    const vector = vectors.get(id);
    t.is(isRouterSolicitation(octetsOf(vector?.send.hex ?? '')), expected, id);
    if (id !== 'rs-nonce') t.is(vector?.responses.length === 1, expected, id);
  }
});

withVectors(SET, 'the corrections that the router of 2020 sends are read', (t, folder) => {
  let corrections = 0;
  for (const [id, { send, responses }] of stimuli(folder, 'router_stimulus_response.json')) {
    const [response] = responses;
    const octets = octetsOf(response?.hex ?? '');
    if (octets[40] !== 134) continue;
    const [ipv4 = '', port = ''] = send.from.split(':');
    const seen = { ipv4: parseIpv4(ipv4) ?? 0, port: Number(port) };
    const read = readAdvertisement(octets);
    if (typeof read !== 'object') return t.fail(id);
    t.deepEqual(read.address, addressOf(read.address, seen, 0), id);
    if (nextHeaderOf(octets) === 17) {
      corrections += 1;
      t.true(sameNetwork(read.address, destinationOf(octets)), id);
    }
  }
  return t.true(corrections >= 2);
});

/** Solicitations of a neighbour that the Java peer was given, and whether they are legal. */
const NEIGHBOURS: Readonly<Record<string, boolean>> = {
  ns: true,
  'ns-noopt': true,
  'ns-nonce': true,
  'ns-target': true,
  'ns-badcsum': false,
  'ns-hop64': false,
  'ns-spoof': true,
  'ns-out': true,
  'ns-tc20': true,
};

withVectors(SET, 'solicitations of a neighbour are read, and answered as the Java peer does', (t, folder) => {
  const vectors = stimuli(folder, 'peer_java_stimulus_response.json');
  for (const [id, legal] of Object.entries(NEIGHBOURS)) {
    const { send, responses } = vectors.get(id) ?? { send: { hex: '' }, responses: [] };
    const octets = octetsOf(send.hex);
    const solicited = readNeighbourSolicitation(octets);
    t.is(solicited !== undefined, legal, id);
    const [response] = responses;
    if (solicited === undefined || response === undefined || id === 'ns-tc20') continue;
    t.is(hexOf(neighbourAdvertisement(solicited.target, sourceOf(octets))), response.hex, id);
  }
  const asked = octetsOf(vectors.get('ns')?.send.hex ?? '');
  const [ipv4 = '', port = ''] = vectors.get('ns')?.send.from.split(':') ?? [];
  const own = { ipv4: parseIpv4(ipv4) ?? 0, port: Number(port) };
  t.is(hexOf(neighbourSolicitation(sourceOf(asked), destinationOf(asked), own)), hexOf(asked));
});
