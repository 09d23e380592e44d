/** The options of DHCPv6 that concern a telephone, and what they say. */
import { Buffer } from 'node:buffer';
import { posixTimezoneOf, timezoneOf } from './dhcp4_options.ts';
import { candidatesOf, type Facts, type NetworkDomain, NO_FACTS } from './facts.ts';
import { domainsIn, ipv6In, piecesIn, textIn } from './octets.ts';
import { enterpriseUrls, serverUrlIn } from './server_url.ts';

/** By code, in the order of the message: an option may come several times. */
export type Options6 = ReadonlyMap<number, readonly Uint8Array[]>;

/** What we ask for. */
export const OPTION6 = {
  vendor: 17,
  sipDomains: 21,
  sipAddresses: 22,
  dnsServers: 23,
  search: 24,
  sntp: 31,
  posixTimezone: 41,
  timezone: 42,
  ntp: 56,
  serviceDomains: 58,
  bootFile: 59,
  captivePortal: 103,
} as const;

/** For the option request option. */
export const ASKED6: readonly number[] = Object.values(OPTION6);

/** RFC 8415 21.1: code and length of two octets each. Undefined: they do not fill the octets. */
export function readOptions6(octets: Uint8Array): Options6 | undefined {
  const pieces = piecesIn(octets, 2);
  if (pieces === undefined) return undefined;
  const options = new Map<number, Uint8Array[]>();
  for (const [code, value] of pieces) {
    const there = options.get(code);
    if (there === undefined) options.set(code, [value]);
    else there.push(value);
  }
  return options;
}

/** @param where the interface, and the lease where it is one: `eth0`, `eth0, lease of dhcpcd` */
export function factsOf6(options: Options6, where: string): Facts {
  const named = (code: number) => `DHCPv6 option ${code} on ${where}`;
  const values = (code: number) => options.get(code) ?? [];
  const first = (code: number) => values(code)[0] ?? new Uint8Array(0);
  const domains = (code: number, kind: NetworkDomain['kind']) =>
    values(code)
      .flatMap(domainsIn)
      .map((domain) => ({ domain, kind, family: 6 as const, from: named(code) }));
  const urls = (code: number) => values(code).flatMap((value) => serverUrlIn(value) ?? []);
  const registrars = (code: number, hosts: readonly string[]) =>
    hosts.map((host) => ({ host, family: 6 as const, from: named(code) }));
  const timezone = timezoneOf(textIn(first(OPTION6.timezone)));
  const posixTimezone = posixTimezoneOf(textIn(first(OPTION6.posixTimezone)));
  return {
    ...NO_FACTS,
    candidates: [
      ...candidatesOf(urls(OPTION6.bootFile), 'bootFile6', 6, named(OPTION6.bootFile)),
      ...candidatesOf(values(OPTION6.vendor).flatMap(vendorUrls), 'vendor6', 6, named(OPTION6.vendor)),
    ],
    domains: [
      ...domains(OPTION6.serviceDomains, 'service'),
      ...domains(OPTION6.search, 'network'),
      ...domains(OPTION6.sipDomains, 'sip'),
    ],
    registrars: [
      ...registrars(OPTION6.sipDomains, values(OPTION6.sipDomains).flatMap(domainsIn)),
      ...registrars(OPTION6.sipAddresses, values(OPTION6.sipAddresses).flatMap(ipv6In)),
    ],
    ntp: [...values(OPTION6.ntp).flatMap(ntpServers), ...values(OPTION6.sntp).flatMap(ipv6In)],
    captivePortals: urls(OPTION6.captivePortal),
    ...(timezone === undefined ? {} : { timezone }),
    ...(posixTimezone === undefined ? {} : { posixTimezone }),
  };
}

/** RFC 8415 21.17: the enterprise's number in four octets, then its own options. */
function vendorUrls(octets: Uint8Array): readonly string[] {
  if (octets.length < 4) return [];
  const enterprise = Buffer.from(octets.subarray(0, 4)).readUInt32BE(0);
  return enterpriseUrls(enterprise, octets.subarray(4), 2);
}

/** RFC 5908 4: an address, a multicast group that we do not join, or a name. */
const NTP_ADDRESS = 1;
const NTP_NAME = 3;

function ntpServers(octets: Uint8Array): readonly string[] {
  return (piecesIn(octets, 2) ?? []).flatMap(([code, value]) => {
    if (code === NTP_ADDRESS) return ipv6In(value);
    return code === NTP_NAME ? domainsIn(value) : [];
  });
}
