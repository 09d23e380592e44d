/** The shapes that all of provisioning shares: layers of a configuration, files read, places to ask, facts of the network. */
import type { Mapping } from './schema_shape.ts';

/** Where a value comes from, in the order in which layers are merged: the later one wins. */
export const ORIGINS = ['factory', 'board', 'drop file', 'server common', 'server device', 'local'] as const;
export type Origin = (typeof ORIGINS)[number];

/** A partial configuration in the form of our schema. */
export interface Layer {
  readonly origin: Origin;
  /** File or URL, without credentials. */
  readonly from: string;
  /** `null` takes back what earlier layers of the same origin said: the value of the lower origins shows again. */
  readonly value: Mapping;
}

export type FileFormat = 'dualtone' | 'yealink' | 'snom' | 'grandstream' | 'cisco-spa' | 'fanvil';

/** A configuration file of any format, read. */
export interface ProvisionedFile {
  readonly format: FileFormat;
  readonly value: Mapping;
  /** Keys without an equivalent, in the file's own words. */
  readonly unknown: readonly string[];
  readonly warnings: readonly string[];
}

/** The paths to a configuration, in the order in which their answers are ranked. */
export const STEPS = ['drop file', 'pinned', 'dhcp', 'sfua', 'pnp', 'dns-sd', 'redirect'] as const;
export type Step = (typeof STEPS)[number];

/** A place that may have a configuration for us. */
export interface Candidate {
  readonly step: Step;
  readonly url: string;
  /** Over which family it became known. */
  readonly family: 4 | 6 | undefined;
  /** `DHCPv6 option 59 on eth0`. */
  readonly from: string;
  /** Inside the step; smaller first. */
  readonly order: number;
  /** Found by RFC 6011: the service's domain, which TLS asks for and the certificate may name (2.4.1). */
  readonly domain?: string;
}

export interface DomainFact {
  readonly domain: string;
  readonly from: string;
  readonly family: 4 | 6;
}

/** A SIP server that the network names (RFC 3361, RFC 3319): a name or an address. */
export interface RegistrarFact {
  readonly host: string;
  readonly from: string;
  readonly family: 4 | 6;
}

/** What DHCP, router advertisements and leases tell. */
export interface NetworkFacts {
  readonly candidates: readonly Candidate[];
  readonly domains: readonly DomainFact[];
  readonly registrars: readonly RegistrarFact[];
  /** Names or addresses. */
  readonly ntp: readonly string[];
  /** Of the time zone database: `Europe/Amsterdam` (RFC 4833). */
  readonly timezone?: string;
  /** Names or addresses of TFTP servers. */
  readonly tftp: readonly string[];
}
