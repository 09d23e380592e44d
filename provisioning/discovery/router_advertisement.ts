/**
 * What routers tell beside routes: name servers and search domains (RFC 8106), a captive portal (RFC 8910). It is all
 * that a network without DHCP can say.
 *
 *     | type 134 | code 0 | checksum 2 | hop limit 1 | M O … | lifetime 2 | reachable 4 | retransmit 4 | options |
 *     option: | type 1 | length 1, in units of eight octets | … |       RFC 4861 4.2, 4.6
 */
import { Buffer } from 'node:buffer';
import { type Facts, NO_FACTS } from './facts.ts';
import { domainsIn, ipv6In } from './octets.ts';
import { serverUrlIn } from './server_url.ts';

const ADVERTISEMENT = 134;
const HEADER = 16;
const OPTION = { rdnss: 25, dnssl: 31, captivePortal: 37 };

export interface RouterAdvertisement {
  /** Addresses of name servers. */
  readonly rdnss: readonly string[];
  readonly dnssl: readonly string[];
  readonly captivePortals: readonly string[];
}

/** @param octets the ICMPv6 message. Undefined: it is no advertisement. */
export function readAdvertisement(octets: Uint8Array): RouterAdvertisement | undefined {
  if (octets.length < HEADER || octets[0] !== ADVERTISEMENT || octets[1] !== 0) return undefined;
  const rdnss: string[] = [];
  const dnssl: string[] = [];
  const captivePortals: string[] = [];
  for (let at = HEADER; at < octets.length; ) {
    const length = 8 * (octets[at + 1] ?? 0);
    // RFC 4861 4.6: a message with such an option is none.
    if (length === 0 || at + length > octets.length) return undefined;
    const option = octets.subarray(at, at + length);
    if (option[0] === OPTION.rdnss && isLasting(option)) rdnss.push(...ipv6In(option.subarray(8)));
    if (option[0] === OPTION.dnssl && isLasting(option))
      dnssl.push(...domainsIn(unpadded(option.subarray(8))));
    if (option[0] === OPTION.captivePortal) captivePortals.push(serverUrlIn(option.subarray(2)) ?? '');
    at += length;
  }
  return { rdnss, dnssl, captivePortals: captivePortals.filter((url) => url !== '') };
}

/** RFC 8106 5: a lifetime of zero takes back what was said before. */
function isLasting(option: Uint8Array): boolean {
  return option.length >= 8 && Buffer.from(option.subarray(4, 8)).readUInt32BE(0) > 0;
}

/** RFC 8106 5.2: names, then zeros up to a multiple of eight octets; the first zero ends the last name. */
function unpadded(names: Uint8Array): Uint8Array {
  let end = names.length;
  while (end > 1 && names[end - 1] === 0 && names[end - 2] === 0) end -= 1;
  return names.subarray(0, end);
}

/** @param where the interface */
export function factsOfRouter({ dnssl, captivePortals }: RouterAdvertisement, where: string): Facts {
  const from = `router advertisement on ${where}`;
  const domains = dnssl.map((domain) => ({ domain, kind: 'router' as const, family: 6 as const, from }));
  return { ...NO_FACTS, domains, captivePortals };
}

const SOLICITATION = 133;
const SOURCE_LINK_LAYER_ADDRESS = 1;

/** RFC 4861 4.1: type, code, checksum (left to who sends it), reserved, and our link-layer address of six octets. */
export function writeSolicitation(mac: Uint8Array): Uint8Array {
  return Uint8Array.from([
    SOLICITATION,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    SOURCE_LINK_LAYER_ADDRESS,
    1,
    ...mac.subarray(0, 6),
  ]);
}
