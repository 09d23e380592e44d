/** The options of DHCPv4 that concern a telephone, and what they say. */
import { Buffer } from 'node:buffer';
import { candidatesOf, type Facts, type NetworkDomain, NO_FACTS, type OPTION_ORDER } from './facts.ts';
import { domainOf, domainsIn, ipv4In, textIn } from './octets.ts';
import { bareServerUrls, enterpriseUrls, joinedUrls, serverUrlIn, vendorSpecificUrls } from './server_url.ts';

/** By code; what came in several pieces is one value (RFC 3396). */
export type Options4 = ReadonlyMap<number, Uint8Array>;

/** What we ask for. 159 and 160 were never assigned to it, but that is where makers look for their server. */
export const OPTION4 = {
  domain: 15,
  ntp: 42,
  vendorSpecific: 43,
  tftpServer: 66,
  bootFile: 67,
  posixTimezone: 100,
  timezone: 101,
  captivePortal: 114,
  search: 119,
  sipServers: 120,
  vendorIdentifying: 125,
  serviceDomains: 141,
  voipServers: 150,
  url159: 159,
  url160: 160,
} as const;

const PAD = 0;
const END = 255;

/** Code, length and value, one after another (RFC 2132 2). What is cut short ends the reading; what was read stays. */
export function readOptions4(octets: Uint8Array): Options4 {
  const options = new Map<number, Uint8Array>();
  for (let at = 0; at < octets.length; ) {
    const code = octets[at] ?? END;
    if (code === END) break;
    if (code === PAD) {
      at += 1;
      continue;
    }
    const end = at + 2 + (octets[at + 1] ?? 0);
    if (at + 2 > octets.length || end > octets.length) break;
    addOption4(options, code, octets.subarray(at + 2, end));
    at = end;
  }
  return options;
}

/** RFC 3396 5: an option that comes again goes on. */
export function addOption4(options: Map<number, Uint8Array>, code: number, value: Uint8Array): void {
  const before = options.get(code);
  options.set(code, before === undefined ? value : Buffer.concat([before, value]));
}

/** @param where the interface, and the lease where it is one: `eth0`, `eth0, lease of dhcpcd` */
export function factsOf4(options: Options4, where: string): Facts {
  const named = (code: number) => `DHCPv4 option ${code} on ${where}`;
  const value = (code: number) => options.get(code) ?? new Uint8Array(0);
  const text = (code: number) => textIn(value(code));
  const candidates = (code: number, order: keyof typeof OPTION_ORDER, urls: readonly string[]) =>
    candidatesOf(urls, order, 4, named(code));
  const domains = (code: number, kind: NetworkDomain['kind']) =>
    domainsIn(value(code)).map((domain) => ({ domain, kind, family: 4 as const, from: named(code) }));
  const only = (url: string | undefined) => (url === undefined ? [] : [url]);
  const [tftpServer, bootFile] = [text(OPTION4.tftpServer), text(OPTION4.bootFile)];
  const voipServers = ipv4In(value(OPTION4.voipServers));
  const timezone = timezoneOf(text(OPTION4.timezone));
  const posixTimezone = posixTimezoneOf(text(OPTION4.posixTimezone));
  return {
    ...NO_FACTS,
    candidates: [
      ...candidates(125, 'vendorIdentifying4', identifiedUrls(value(OPTION4.vendorIdentifying))),
      ...candidates(160, '160', only(serverUrlIn(value(OPTION4.url160)))),
      ...candidates(159, '159', only(serverUrlIn(value(OPTION4.url159)))),
      ...candidates(tftpServer === undefined ? 67 : 66, 'tftpServer4', joinedUrls(tftpServer, bootFile)),
      ...candidates(43, 'vendorSpecific4', vendorSpecificUrls(value(OPTION4.vendorSpecific))),
      ...candidates(150, 'voip4', voipServers.flatMap(bareServerUrls)),
    ],
    domains: [
      ...domains(OPTION4.serviceDomains, 'service'),
      ...domains(OPTION4.domain, 'network'),
      ...domains(OPTION4.search, 'network'),
    ],
    registrars: sipServers(value(OPTION4.sipServers)).map((host) => ({
      host,
      family: 4,
      from: named(OPTION4.sipServers),
    })),
    ntp: ipv4In(value(OPTION4.ntp)),
    tftp: [...voipServers, ...only(domainOf(tftpServer ?? '') ?? ipv4Text(tftpServer))],
    captivePortals: only(serverUrlIn(value(OPTION4.captivePortal))),
    ...(timezone === undefined ? {} : { timezone }),
    ...(posixTimezone === undefined ? {} : { posixTimezone }),
  };
}

function ipv4Text(text: string | undefined): string | undefined {
  return text !== undefined && /^\d+(?:\.\d+){3}$/.test(text) ? text : undefined;
}

/** RFC 3361 3: the first octet says whether names (0) or addresses (1) follow. */
function sipServers(octets: Uint8Array): readonly string[] {
  if (octets[0] === 0) return domainsIn(octets.subarray(1));
  return octets[0] === 1 ? ipv4In(octets.subarray(1)) : [];
}

/**
 * RFC 3925 4: for each enterprise its number in four octets, a length in one, and its own options.
 *
 *     | enterprise-number 4 | data-len 1 | subopt-code 1 | subopt-len 1 | … | …
 */
function identifiedUrls(octets: Uint8Array): readonly string[] {
  const urls: string[] = [];
  const view = Buffer.from(octets);
  for (let at = 0; at + 5 <= view.length; ) {
    const end = at + 5 + view.readUInt8(at + 4);
    if (end > view.length) break;
    urls.push(...enterpriseUrls(view.readUInt32BE(at), octets.subarray(at + 5, end), 1));
    at = end;
  }
  return urls;
}

/** A name of the time zone database, by its form: whether there is such a zone, who has the database knows. */
export function timezoneOf(text: string | undefined): string | undefined {
  return text !== undefined && /^[A-Za-z][\w+-]{0,30}(?:\/[A-Za-z][\w+-]{0,30}){0,2}$/.test(text)
    ? text
    : undefined;
}

/** Of the form of a TZ variable (RFC 4833 4): `EST5EDT4,M3.2.0/02:00,M11.1.0/02:00`. */
export function posixTimezoneOf(text: string | undefined): string | undefined {
  return text !== undefined && /^(?:[A-Za-z]{3,10}|<[\w+-]{1,10}>)[+-]?\d[\w,./:<>+-]{0,80}$/.test(text)
    ? text
    : undefined;
}

/** For the parameter request list. */
export const ASKED4: readonly number[] = Object.values(OPTION4);
