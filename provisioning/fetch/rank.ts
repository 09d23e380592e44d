/**
 * Whom to ask first, and whom not at all. Of two places the first of these decides in which they differ:
 *
 *     told       where the pinned server, or a person, sends us
 *     step       by which path it became known: who can speak on it is ever less bound to the owner of the network
 *     way        how surely it will be known again: the table of ways
 *     order      of the options, of the records, of the answers
 *     family     IPv6 before IPv4
 */
import { isLinkLocal, isLoopback, isPrivate, parseIp, unmapped } from '#address/ip.ts';
import { type Candidate, STEPS } from '../types.ts';

/** From the best. Whether an authority vouches for a server of https is seen when it is asked. */
const WAYS = [
  { scheme: 'https:', firstUse: false },
  { scheme: 'https:', firstUse: true },
  { scheme: 'http:', firstUse: false },
  { scheme: 'tftp:', firstUse: false },
] as const;

export interface Ranked {
  readonly told: boolean;
  readonly candidate: Pick<Candidate, 'step' | 'order' | 'family'>;
  /** What is asked for first. */
  readonly url: string;
  /** In spite of that nobody vouches for its server. */
  readonly firstUse: boolean;
}

/** Below zero: `a` is asked before `b`. */
export function compareRanks(a: Ranked, b: Ranked): number {
  const differences = [
    Number(b.told) - Number(a.told),
    STEPS.indexOf(a.candidate.step) - STEPS.indexOf(b.candidate.step),
    wayOf(a) - wayOf(b),
    a.candidate.order - b.candidate.order,
    (b.candidate.family ?? 0) - (a.candidate.family ?? 0),
  ];
  return differences.find((difference) => difference !== 0) ?? 0;
}

function wayOf({ url, firstUse }: Ranked): number {
  const { protocol } = new URL(url);
  return WAYS.findIndex((way) => way.scheme === protocol && way.firstUse === firstUse);
}

export const REFUSED_PLAIN = 'http is for servers nearby (provisioning.allowHttp)';

/**
 * Whether the server at this address may be asked by http: whoever is on the way can be the server, so the way has to be
 * short, or the administrator has to want it. Where a name leads to is known only when it is asked.
 */
export function mayBePlain(
  address: string,
  { allowHttp, onLink }: { readonly allowHttp: boolean; readonly onLink?: (address: string) => boolean },
): boolean {
  const parsed = parseIp(address);
  if (parsed === undefined) return false;
  const ip = unmapped(parsed);
  return allowHttp || isLoopback(ip) || isLinkLocal(ip) || isPrivate(ip) || onLink?.(ip.text) === true;
}

/** Why this way is not open, for people; undefined: it is. */
export function closedWay(url: string, { allowTftp }: { readonly allowTftp: boolean }): string | undefined {
  return new URL(url).protocol === 'tftp:' && !allowTftp
    ? 'tftp is not allowed (provisioning.allowTftp)'
    : undefined;
}
