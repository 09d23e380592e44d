/**
 * Neighbour discovery (RFC 4861) as far as 6bed4 speaks it. Behind the four octets of every ICMPv6 message:
 *
 *    solicitation of routers        0 (4)
 *    advertisement of a router      hop limit, flags, lifetime (2), reachable (4), retransmission (4)
 *    solicitation of a neighbour    0 (4), target (16)
 *    advertisement of a neighbour   flags (4), target (16)
 *
 * and then options, each of which begins with its type and its length in eights of octets. A link-layer address of
 * 6bed4 is the UDP port with its low octet first, and the IPv4 address: {lo, hi, a, b, c, d}.
 */
import { Buffer } from 'node:buffer';
import type { Ipv4End } from '../address/ipv4.ts';
import { type Ipv6, isLinkLocal, isMulticast } from '../address/ipv6.ts';
import { uint8, uint32 } from '../address/octets.ts';
import { addressOf, endOf } from '../address/sixbed4.ts';
import { checksum } from './checksum.ts';
import { IcmpType, icmpPacket, isIcmpIntact } from './icmpv6.ts';
import { HEADER, hopLimitOf, NextHeader, sourceOf } from './ipv6.ts';

/** Types of options. */
const SOURCE_LINK_LAYER = 1;
const TARGET_LINK_LAYER = 2;
const PREFIX = 3;

/** RFC 4861 6.1, 7.1: a packet that came over a router of IPv6 has less. */
const NEVER_FORWARDED = 255;
/** Octets before the options. */
const ROUTER_SOLICITATION_HEAD = 8;
const ROUTER_ADVERTISEMENT_HEAD = 16;
const NEIGHBOUR_HEAD = 24;
const PREFIX_OPTION = 32;

/** On-link and autonomous (RFC 4861 4.6.2). */
const L_AND_A = 0xc0;
/** A peer's prefix: the /64 of its router, then IPv4 address and port. */
const PEER_PREFIX_LENGTH = 114;
const OLD_PREFIX_LENGTH = 64;
/** Preference low (RFC 4191 2.2), no DHCPv6. */
const ADVERTISEMENT_FLAGS = 0x18;
/** Solicited and override; router and solicited (RFC 4861 4.4). */
const FROM_PEER = 0x60;
const FROM_ROUTER = 0xc0;

/** fe80::, the source of everything that a router says of itself. */
const routerLinkLocal = (): Ipv6 => Uint8Array.of(0xfe, 0x80, ...new Uint8Array(14));

/**
 * What a peer asks a router: 56 octets from :: to ff02::2 with a source link-layer address of 1. Routers of 2020
 * answer no other form.
 */
export const ROUTER_SOLICITATION: Uint8Array = Buffer.from(
  '6000000000103aff' +
    '00000000000000000000000000000000' +
    'ff020000000000000000000000000002' +
    '85007aae00000000' +
    '0101000000000001',
  'hex',
);

/** What a router adds for the IPv6 Internet behind it. */
export interface Route {
  readonly prefix: Ipv6;
  readonly length: number;
}

/** A solicitation that a router answers; options but the source link-layer address are not looked at. */
export function isRouterSolicitation(packet: Uint8Array): boolean {
  if (!isDiscovery(packet, IcmpType.routerSolicitation, ROUTER_SOLICITATION_HEAD)) return false;
  const addresses = optionsOf(packet, ROUTER_SOLICITATION_HEAD)?.filter(
    ([type]) => type === SOURCE_LINK_LAYER,
  );
  return addresses?.every((option) => option.subarray(2).some((octet) => octet !== 0)) ?? false;
}

/**
 * What a router of `prefix` answers to whom it sees at `end`: 88 octets, and 32 more for each route. `to` is the
 * source of the question, ff02::1 if that was ::, or the outdated address that is to be corrected.
 */
export function routerAdvertisement(
  to: Ipv6,
  prefix: Uint8Array,
  end: Ipv4End,
  routes: readonly Route[] = [],
): Uint8Array {
  const message = new Uint8Array(ROUTER_ADVERTISEMENT_HEAD + PREFIX_OPTION * (1 + routes.length));
  message[0] = IcmpType.routerAdvertisement;
  message[5] = ADVERTISEMENT_FLAGS;
  message.fill(0xff, 6, ROUTER_ADVERTISEMENT_HEAD);
  const own = { prefix: addressOf(prefix, end, 0), length: PEER_PREFIX_LENGTH };
  putPrefix(message, ROUTER_ADVERTISEMENT_HEAD, own, L_AND_A);
  for (const [i, route] of routes.entries()) {
    putPrefix(message, ROUTER_ADVERTISEMENT_HEAD + PREFIX_OPTION * (1 + i), route, 0);
  }
  return icmpPacket(routerLinkLocal(), to, NEVER_FORWARDED, message);
}

/** RFC 4861 4.6.2, with lifetimes without end. */
function putPrefix(message: Uint8Array, at: number, { prefix, length }: Route, flags: number): void {
  message[at] = PREFIX;
  message[at + 1] = PREFIX_OPTION / 8;
  message[at + 2] = length;
  message[at + 3] = flags;
  message.fill(0xff, at + 4, at + 12);
  message.set(prefix, at + 16);
}

/**
 * What a router says of us: our /114 as an address with lanip 0. `old-format`: it speaks the format of 2012, a /64
 * of which the peer makes the rest. Undefined: no advertisement, damaged, or without a prefix of ours.
 *
 * Next header and code are not looked at: where routers of 2020 correct an address, both are still those of the
 * packet that they complain about, while the checksum is that of ICMPv6.
 */
export function readAdvertisement(packet: Uint8Array): { address: Ipv6 } | 'old-format' | undefined {
  if (packet[40] !== IcmpType.routerAdvertisement || hopLimitOf(packet) !== NEVER_FORWARDED) return undefined;
  if (!isLinkLocal(sourceOf(packet)) || checksum(packet, packet.length, NextHeader.icmp) !== 0)
    return undefined;
  let old = false;
  for (const option of optionsOf(packet, ROUTER_ADVERTISEMENT_HEAD) ?? []) {
    if (option[0] !== PREFIX || option.length !== PREFIX_OPTION) continue;
    // Without both flags it is a route; with a lifetime of 0 it is taken back.
    if ((uint8(option, 3) & L_AND_A) !== L_AND_A || uint32(option, 4) === 0) continue;
    const prefix = option.subarray(16);
    const end = endOf(prefix);
    if (option[2] === PEER_PREFIX_LENGTH && end) return { address: addressOf(prefix, end, 0) };
    old ||= option[2] === OLD_PREFIX_LENGTH;
  }
  return old ? 'old-format' : undefined;
}

/** What proves the direct path once it is answered: 72 octets, to the target itself; `ownEnd` is where we are seen. */
export function neighbourSolicitation(source: Ipv6, target: Ipv6, ownEnd: Ipv4End): Uint8Array {
  const option = linkLayer(SOURCE_LINK_LAYER, ownEnd);
  return neighbour(source, target, IcmpType.neighbourSolicitation, 0, target, option);
}

/** Undefined: none, damaged, or not from next door. Options may be there or not. */
export function readNeighbourSolicitation(packet: Uint8Array): { target: Ipv6 } | undefined {
  return readNeighbour(packet, IcmpType.neighbourSolicitation);
}

/** A peer's answer: 64 octets from `target` to who asked. */
export function neighbourAdvertisement(target: Ipv6, destination: Ipv6): Uint8Array {
  return neighbour(target, destination, IcmpType.neighbourAdvertisement, FROM_PEER, target);
}

/** A router's answer: 72 octets from fe80::; `target` is the router's address, `end` where it listens. */
export function routerNeighbourAdvertisement(target: Ipv6, destination: Ipv6, end: Ipv4End): Uint8Array {
  const option = linkLayer(TARGET_LINK_LAYER, end);
  return neighbour(
    routerLinkLocal(),
    destination,
    IcmpType.neighbourAdvertisement,
    FROM_ROUTER,
    target,
    option,
  );
}

/** Undefined: none, damaged, or not from next door. */
export function readNeighbourAdvertisement(packet: Uint8Array): { target: Ipv6 } | undefined {
  return readNeighbour(packet, IcmpType.neighbourAdvertisement);
}

function neighbour(
  source: Ipv6,
  destination: Ipv6,
  type: number,
  flags: number,
  target: Ipv6,
  option: Iterable<number> = [],
): Uint8Array {
  const message = Uint8Array.of(type, 0, 0, 0, flags, 0, 0, 0, ...target, ...option);
  return icmpPacket(source, destination, NEVER_FORWARDED, message);
}

function linkLayer(option: number, { ipv4, port }: Ipv4End): Uint8Array {
  return Uint8Array.of(option, 1, port, port >>> 8, ipv4 >>> 24, ipv4 >>> 16, ipv4 >>> 8, ipv4);
}

function readNeighbour(packet: Uint8Array, type: number): { target: Ipv6 } | undefined {
  const target = packet.subarray(HEADER + 8, HEADER + NEIGHBOUR_HEAD);
  return isDiscovery(packet, type, NEIGHBOUR_HEAD) && !isMulticast(target) ? { target } : undefined;
}

/** The rules of RFC 4861 6.1 and 7.1 that all messages share. */
function isDiscovery(packet: Uint8Array, type: number, head: number): boolean {
  const isOfType = packet[40] === type && packet[41] === 0 && optionsOf(packet, head) !== undefined;
  return isOfType && discoveryFaultOf(packet) === undefined;
}

/** Why whatever kind of neighbour discovery it is cannot be one. */
export function discoveryFaultOf(packet: Uint8Array): 'hop-limit' | 'checksum' | undefined {
  if (hopLimitOf(packet) !== NEVER_FORWARDED) return 'hop-limit';
  return isIcmpIntact(packet) ? undefined : 'checksum';
}

/** Undefined: one has no length, or they do not end where the packet ends. */
function optionsOf(packet: Uint8Array, head: number): Uint8Array[] | undefined {
  const options: Uint8Array[] = [];
  let at = HEADER + head;
  while (at < packet.length) {
    const length = 8 * uint8(packet, at + 1);
    if (length === 0) return undefined;
    options.push(packet.subarray(at, at + length));
    at += length;
  }
  return at === packet.length ? options : undefined;
}
