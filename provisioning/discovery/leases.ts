/**
 * What the system's DHCP clients keep of their servers' answers: texts of systemd-networkd, packets and the dump of
 * dhcpcd. (Those of dhclient: lease_dhclient.ts.) No octets make these readers throw.
 */
import { readReply4 } from './dhcp4_message.ts';
import { factsOf4 } from './dhcp4_options.ts';
import { factsOf6, readOptions6 } from './dhcp6_options.ts';
import { type Facts, merged, NO_FACTS } from './facts.ts';
import { options4Of, options6Of, type Told } from './lease_values.ts';
import { domainOf, ipv6In, piecesIn } from './octets.ts';

export interface Lease {
  /**
   * What it gave us. A lease of which the interface has no address is one of another day: clients keep them. Empty:
   * the lease does not say, for it gave no address.
   */
  readonly addresses: readonly string[];
  readonly facts: Facts;
}

/** Longer lines and more of them are no lease. */
const LONGEST = 65_536;

/** `KEY=value` lines; quotes around a value are taken off. */
function linesOf(text: string): readonly Told[] {
  return text
    .slice(0, LONGEST)
    .split('\n')
    .flatMap((line): readonly Told[] => {
      const [, name = '', value = ''] = /^([A-Za-z]\w{0,63})=(.*)$/.exec(line.trim()) ?? [];
      return value === '' ? [] : [[name, value.replace(/^(['"])(.*)\1$/, '$2')]];
    });
}

const value = (told: readonly Told[], name: string) => told.find(([key]) => key === name)?.[1];

/** /run/systemd/netif/leases/N, of DHCPv4. It hides what its `RequestOptions=` fetched below 224. */
export function readNetworkdLease(text: string, name: string): Lease {
  const told = linesOf(text);
  const address = value(told, 'ADDRESS');
  const facts = factsOf4(options4Of(told, 'networkd'), `${name}, lease of systemd-networkd`);
  return { addresses: address === undefined ? [] : [address], facts };
}

/** /run/systemd/netif/links/N: what DHCPv6 and routers told is only here, mixed with DHCPv4's. */
export function readNetworkdLink(text: string, name: string): Facts {
  const told = linesOf(text);
  const words = (key: string) => (value(told, key) ?? '').split(/\s+/).filter((word) => word !== '');
  const from = `systemd-networkd on ${name}`;
  const domains = words('DOMAINS').flatMap((word) => domainOf(word) ?? []);
  return {
    ...NO_FACTS,
    domains: domains.map((domain) => ({ domain, kind: 'network', family: 6, from })),
    ntp: words('NTP'),
  };
}

/** /var/lib/dhcpcd/NAME.lease: the server's ACK as it came. Undefined: it is none. */
export function readDhcpcdLease4(octets: Uint8Array, name: string): Lease | undefined {
  const reply = readReply4(octets);
  if (reply === undefined) return undefined;
  const address = [reply.yiaddr, reply.ciaddr].filter((text) => text !== '0.0.0.0').slice(0, 1);
  return { addresses: address, facts: factsOf4(reply.options, `${name}, lease of dhcpcd`) };
}

const REPLY_HEADER = 4;
const IA_NA = 3;
const IA_ADDRESS = 5;
/** RFC 8415 21.4: IAID, T1 and T2 stand before the options of an IA_NA. */
const IA_HEADER = 12;

/** /var/lib/dhcpcd/NAME.lease6: the server's Reply as it came. Undefined: it is none. */
export function readDhcpcdLease6(octets: Uint8Array, name: string): Lease | undefined {
  const options = octets.length < REPLY_HEADER ? undefined : readOptions6(octets.subarray(REPLY_HEADER));
  if (options === undefined) return undefined;
  const addresses = (options.get(IA_NA) ?? []).flatMap((ia) =>
    (piecesIn(ia.subarray(IA_HEADER), 2) ?? []).flatMap(([code, value]) =>
      code === IA_ADDRESS ? ipv6In(value.subarray(0, 16)) : [],
    ),
  );
  return { addresses, facts: factsOf6(options, `${name}, lease of dhcpcd`) };
}

/**
 * `dhcpcd -U NAME`: a paragraph for each protocol, of which `protocol=` says which. What the running client has, so
 * never one of another day; but options that it has no name for are missing.
 */
export function readDhcpcdDump(text: string, name: string): Facts {
  const where = `${name}, told by dhcpcd`;
  const facts = text
    .slice(0, LONGEST)
    .split(/\n\s*\n/)
    .map((paragraph): Facts => {
      const told = linesOf(paragraph);
      switch (value(told, 'protocol')) {
        case 'dhcp':
          return factsOf4(options4Of(told, 'dhcpcd'), where);
        case 'dhcp6':
          return factsOf6(options6Of(unprefixed(told, /^dhcp6_/), 'dhcpcd'), where);
        case 'ra': {
          const search = told.filter(([key]) => /^nd\d+_dnssl\d+_search$/.test(key));
          const domains = search
            .flatMap(([, words]) => words.split(/\s+/))
            .flatMap((word) => domainOf(word) ?? []);
          const from = `router advertisement on ${where}`;
          return {
            ...NO_FACTS,
            domains: domains.map((domain) => ({ domain, kind: 'router', family: 6, from })),
          };
        }
        default:
          return NO_FACTS;
      }
    });
  return merged(facts);
}

function unprefixed(told: readonly Told[], prefix: RegExp): readonly Told[] {
  return told.flatMap(([key, text]): readonly Told[] =>
    prefix.test(key) ? [[key.replace(prefix, ''), text]] : [],
  );
}
