/**
 * In which order servers are tried. First by the path by which they became known, for who can speak on it is ever less
 * bound to the owner of the network; then by how far the connection can be trusted; then IPv6 before IPv4, and the order
 * of the options.
 */
import { isLinkLocal, isLoopback, isPrivate, parseIp } from '#address/ip.ts';
import { isOnLink, type Network } from '#address/network.ts';
import { type Candidate, STEPS } from '../types.ts';

/** From the best; `first use`: HTTPS with a certificate that nobody vouches for, kept from then on. */
const TRUST = ['file', 'chain', 'first use', 'plain', 'tftp'] as const;
export type Trust = (typeof TRUST)[number];

export interface RankRules {
  readonly allowHttp: boolean;
  readonly allowTftp: boolean;
  /** URLs whose certificate turned out to be vouched for by nobody we know. */
  readonly untrusted: ReadonlySet<string>;
  readonly network: Network;
}

export interface Ranked {
  readonly candidate: Candidate;
  readonly trust: Trust;
}

export interface Refused {
  readonly candidate: Candidate;
  /** For people. */
  readonly why: string;
}

export interface Ranking {
  readonly order: readonly Ranked[];
  readonly refused: readonly Refused[];
}

export function ranking(candidates: readonly Candidate[], rules: RankRules): Ranking {
  const refused: Refused[] = [];
  const order = candidates.flatMap((candidate): readonly Ranked[] => {
    const judged = trustOf(candidate.url, rules);
    if ('why' in judged) refused.push({ candidate, why: judged.why });
    return 'why' in judged ? [] : [{ candidate, trust: judged.trust }];
  });
  return { order: order.toSorted(compare), refused };
}

function compare(a: Ranked, b: Ranked): number {
  const step = STEPS.indexOf(a.candidate.step) - STEPS.indexOf(b.candidate.step);
  const trust = TRUST.indexOf(a.trust) - TRUST.indexOf(b.trust);
  const order = a.candidate.order - b.candidate.order;
  return step || trust || order || (b.candidate.family ?? 0) - (a.candidate.family ?? 0);
}

function trustOf(url: string, rules: RankRules): { readonly trust: Trust } | { readonly why: string } {
  switch (schemeOf(url)) {
    case 'file:':
      return { trust: 'file' };
    case 'https:':
      return { trust: rules.untrusted.has(url) ? 'first use' : 'chain' };
    case 'http:':
      if (!rules.allowHttp && isFar(url, rules.network))
        return { why: 'HTTP without TLS, and not in our own network; provisioning.allowHttp would allow it' };
      return { trust: 'plain' };
    case 'tftp:':
      return rules.allowTftp ? { trust: 'tftp' } : { why: 'TFTP; provisioning.allowTftp would allow it' };
    default:
      return { why: 'no URL that we could ask' };
  }
}

/** Decidedly elsewhere. Where a name leads to is seen when it is asked. */
function isFar(url: string, network: Network): boolean {
  const ip = parseIp(parsed(url)?.hostname.replace(/^\[|\]$/g, '') ?? '');
  if (ip === undefined || isPrivate(ip) || isLinkLocal(ip) || isLoopback(ip)) return false;
  return !network.addresses.some((own) => isOnLink(network, own.interface, ip));
}

/** Scheme, host and port: who is asked. Empty for what is no URL. */
export function serverOf(url: string): string {
  const { protocol, host } = parsed(url) ?? {};
  return protocol === undefined ? '' : `${protocol}//${host ?? ''}`;
}

function schemeOf(url: string): string | undefined {
  return parsed(url)?.protocol;
}

function parsed(url: string): URL | undefined {
  try {
    return new URL(url);
  } catch {
    return undefined;
  }
}
