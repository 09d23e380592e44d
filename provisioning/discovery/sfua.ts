/**
 * RFC 6011: the domain of the network names its configuration service in DNS. One NAPTR question, one HTTPS request,
 * over either family, and no option of any maker.
 */
import type { Candidate } from '../types.ts';
import { DOMAIN_KINDS, type Facts, type NetworkDomain } from './facts.ts';
import { serverUrl } from './server_url.ts';

/** RFC 3403 4.1, as far as it is looked at. */
export interface Naptr {
  readonly order: number;
  readonly preference: number;
  readonly flags: string;
  readonly services: string;
  readonly regexp: string;
}

const SERVICE = 'SFUA.CFG';
/** Each costs a question. */
const MOST_DOMAINS = 8;

/**
 * Domains to ask, in order. RFC 6011 2.1.2: that of the network counts only where no domain is said outright, for each
 * family by itself.
 */
export function serviceDomains(facts: Pick<Facts, 'domains'>): readonly NetworkDomain[] {
  const outright = new Set(facts.domains.flatMap(({ kind, family }) => (kind === 'service' ? [family] : [])));
  const kept = facts.domains.filter(({ kind, family }) => kind === 'service' || !outright.has(family));
  const rank = ({ kind, family }: NetworkDomain) => 2 * DOMAIN_KINDS.indexOf(kind) + (family === 6 ? 0 : 1);
  const sorted = kept.toSorted((a, b) => rank(a) - rank(b));
  const first = sorted.filter(
    ({ domain }, at) => sorted.findIndex((other) => other.domain === domain) === at,
  );
  return first.slice(0, MOST_DOMAINS);
}

/** Base URLs that the records of a domain name, in order (2.3.1.1). */
export function serviceUrls(records: readonly Naptr[]): readonly string[] {
  return records
    .filter(({ services, flags }) => services.toUpperCase() === SERVICE && flags.toLowerCase() === 'u')
    .toSorted((a, b) => a.order - b.order || a.preference - b.preference)
    .flatMap(({ regexp }) => uriOf(regexp) ?? []);
}

/**
 * `!^.*$!https://p1.example.net/cfg!`: the expression matches everything, so the URI is what stands between the second
 * and the third delimiter (2.3.1). Any delimiter that RFC 3402 3.2 allows, and the anchors that are left out in the
 * grammar of 2.3.1. Undefined: another expression, or no HTTPS.
 */
function uriOf(regexp: string): string | undefined {
  const delimiter = regexp.at(0) ?? '';
  if (!/^[^\w\\]$/.test(delimiter)) return undefined;
  const [, pattern, uri, flags, ...more] = regexp.split(delimiter);
  if (more.length > 0 || uri === undefined || !/^\^?\.\*\$?$/.test(pattern ?? '')) return undefined;
  if (flags === undefined || !/^i?$/i.test(flags)) return undefined;
  const url = serverUrl(uri);
  return url?.toLowerCase().startsWith('https:') ? url : undefined;
}

/** What a request says of us (2.3.2) is added when it is sent: fetch/plan.ts. */
export function serviceCandidates(
  { domain, family, from }: NetworkDomain,
  records: readonly Naptr[],
  order: number,
): readonly Candidate[] {
  return serviceUrls(records).map((url, at) => ({
    step: 'sfua',
    url,
    family,
    from: `configuration service of ${domain}, ${from}`,
    order: order + at,
    domain,
  }));
}
