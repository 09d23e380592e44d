/** What a network tells about itself, from however many servers and leases, put together. */
import type { Candidate, DomainFact, NetworkFacts } from '../types.ts';

/**
 * How a domain became known, in the order in which it is asked for its configuration service: said outright (DHCPv4 141,
 * DHCPv6 58), the domain of the network (15, 24, 119), that of a router (DNSSL), that of a SIP server (21).
 */
export const DOMAIN_KINDS = ['service', 'network', 'router', 'sip'] as const;
export type DomainKind = (typeof DOMAIN_KINDS)[number];

export interface NetworkDomain extends DomainFact {
  readonly kind: DomainKind;
}

export interface Facts extends NetworkFacts {
  readonly domains: readonly NetworkDomain[];
  /** A TZ string of POSIX, where no name of the database is told (RFC 4833 4). */
  readonly posixTimezone?: string;
  /** URLs of captive portals' interfaces (RFC 8910): they are no servers of configurations, whoever names them. */
  readonly captivePortals: readonly string[];
}

export const NO_FACTS: Facts = {
  candidates: [],
  domains: [],
  registrars: [],
  ntp: [],
  tftp: [],
  captivePortals: [],
};

/**
 * Which option that may name a server is asked first: smaller first. Tens, for an option may name several. IPv6 stands
 * before IPv4.
 */
export const OPTION_ORDER = {
  bootFile6: 0,
  vendor6: 10,
  vendorIdentifying4: 20,
  '160': 30,
  '159': 40,
  tftpServer4: 50,
  vendorSpecific4: 60,
  voip4: 70,
} as const;
const WITHIN_OPTION = 10;

/** Candidates that one option names. */
export function candidatesOf(
  urls: readonly string[],
  option: keyof typeof OPTION_ORDER,
  family: 4 | 6,
  from: string,
): readonly Candidate[] {
  return urls.slice(0, WITHIN_OPTION).map((url, at) => ({
    step: 'dhcp',
    url,
    family,
    from,
    order: OPTION_ORDER[option] + at,
  }));
}

/** Of each kind; a network that names more of them does so to keep us busy. */
const MOST = 64;

/** All that is known; what several tell is told once, by whom it was best told. */
export function merged(all: readonly Facts[]): Facts {
  const captivePortals = unique(all.flatMap((facts) => facts.captivePortals));
  const candidates = all
    .flatMap((facts) => facts.candidates)
    .filter(({ url }) => !captivePortals.includes(url))
    .toSorted((a, b) => a.order - b.order);
  const domains = all
    .flatMap((facts) => facts.domains)
    .toSorted((a, b) => DOMAIN_KINDS.indexOf(a.kind) - DOMAIN_KINDS.indexOf(b.kind));
  const timezone = all.find((facts) => facts.timezone !== undefined)?.timezone;
  const posixTimezone = all.find((facts) => facts.posixTimezone !== undefined)?.posixTimezone;
  return {
    candidates: firstOfEach(candidates, ({ url }) => url),
    domains: firstOfEach(domains, ({ domain, family }) => `${domain} ${family}`),
    registrars: firstOfEach(
      all.flatMap((facts) => facts.registrars),
      ({ host }) => host,
    ),
    ntp: unique(all.flatMap((facts) => facts.ntp)),
    tftp: unique(all.flatMap((facts) => facts.tftp)),
    captivePortals,
    ...(timezone === undefined ? {} : { timezone }),
    ...(posixTimezone === undefined ? {} : { posixTimezone }),
  };
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)].slice(0, MOST);
}

function firstOfEach<T>(all: readonly T[], keyOf: (one: T) => string): readonly T[] {
  const seen = new Map<string, T>();
  for (const one of all) if (!seen.has(keyOf(one))) seen.set(keyOf(one), one);
  return [...seen.values()].slice(0, MOST);
}
