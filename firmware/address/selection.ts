/**
 * Default address selection, RFC 6724: which of our addresses a packet leaves from (section 5), and in which order
 * the addresses of a destination are tried (section 6).
 *
 * The RFC compares in pairs, rule after rule. Here each rule gives a rank to one address by itself, the greater
 * the better, and the lists of ranks are compared from the left. That is the same order and needs no proof that it
 * is one: whatever the order of the input, the same source is chosen. Only rule 9 of section 6 compares in pairs of
 * one family, see there.
 *
 * 6bed4 is added: its addresses go with each other, native ones with native ones, and what is native goes first, of
 * whatever family. That is rule 7 of section 6, taken before labels and precedences.
 */
import { addressClass } from './classes.ts';
import { type IpAddress, parseIp, unmapped } from './ip.ts';
import type { OwnAddress } from './network.ts';
import { defaultPolicy, type Policy } from './policy.ts';
import { isWithin6bed4 } from './sixbed4.ts';

export interface Candidate extends OwnAddress {
  /** RFC 6724 3.5. */
  readonly home?: boolean;
  readonly careOf?: boolean;
}

export interface SelectionOptions {
  readonly policy?: Policy;
  /** The interface that routing gives for a destination; the zone of a destination goes before it. */
  readonly outgoing?: (destination: string) => string | undefined;
  /** Rule 7 of section 5 turned round: an address that lasts rather than one that hides. */
  readonly preferPublic?: boolean;
  /** Rule 1 of section 6: known not to answer. */
  readonly unreachable?: (destination: string) => boolean;
}

/** A destination with the address that it would be reached from; without one it cannot be. */
export interface Choice<Own extends Candidate = Candidate> {
  readonly destination: string;
  readonly source?: Own;
}

/** Compared from the left, the greater the better. */
type Ranks = readonly number[];

const LINK = 0x2;
const SITE = 0x5;
const GLOBAL = 0xe;

/** Scope as in multicast addresses (3.1); IPv4 has two (3.2). */
export function scopeOf(ip: IpAddress): number {
  switch (addressClass(ip)) {
    case 'link-local':
    case 'loopback':
      return LINK;
    case 'site-local':
      return SITE;
    case 'multicast':
      return ip.family === 6 ? Number((ip.bits >> 112n) & 0xfn) : GLOBAL;
    default:
      return GLOBAL;
  }
}

/** 2.2: leading bits in common, up to the length of the source's prefix. */
function commonPrefix(source: IpAddress, length: number, destination: IpAddress): number {
  const width = source.family === 6 ? 128 : 32;
  const different = (source.bits ^ destination.bits).toString(2);
  return Math.min(length, different === '0' ? width : width - different.length);
}

/** Section 4, and RFC 4862 5.4: an address that is being checked is not yet ours. */
function isCandidate(own: Candidate, ip: IpAddress, to: IpAddress, outgoing: string | undefined): boolean {
  if (own.tentative === true || own.dadfailed === true || ip.family !== to.family) return false;
  const kind = addressClass(ip);
  if (kind === 'multicast' || kind === 'unspecified') return false;
  // Behind its own prefix lies nothing but 6bed4.
  if (kind === '6bed4' && addressClass(to) !== '6bed4') return false;
  const onThisLink = addressClass(to) === 'multicast' || scopeOf(to) === LINK;
  return !onThisLink || outgoing === undefined || own.interface === outgoing;
}

/** 3.5 and rule 4 of both sections. */
function homeRank(own: Candidate): number {
  if (own.careOf !== true) return 1;
  return own.home === true ? 2 : 0;
}

/** Rule 2: the smallest scope that is large enough; if none is, the largest. */
function scopeRank(source: number, destination: number): number {
  return source >= destination ? 2 * GLOBAL - source : source - GLOBAL;
}

function sourceRanks(
  own: Candidate,
  ip: IpAddress,
  to: IpAddress,
  options: SelectionOptions & { readonly policy: Policy },
  outgoing: string | undefined,
): Ranks {
  const { policy } = options;
  return [
    Number(ip.bits === to.bits), // rule 1
    scopeRank(scopeOf(ip), scopeOf(to)), // rule 2
    sixbed4Rank(own, to),
    Number(own.deprecated !== true), // rule 3
    homeRank(own), // rule 4
    Number(own.interface === outgoing), // rule 5; 5.5 needs to know which router gave which prefix
    Number(policy(ip).label === policy(to).label), // rule 6
    Number((own.temporary === true) !== (options.preferPublic === true)), // rule 7
    commonPrefix(ip, own.prefixLength, to), // rule 8
  ];
}

/** As sources: 6bed4 to 6bed4 before native, and that before 6bed4 to what is native. */
function sixbed4Rank(own: Candidate, to: IpAddress): number {
  if (own.encapsulated !== '6bed4') return 1;
  return isWithin6bed4(own, to) ? 2 : 0;
}

/** As destinations: native to native before 6bed4 to 6bed4, and that before a mixed way. */
function nativeRank(source: Candidate, to: IpAddress): number {
  if (source.encapsulated === '6bed4') return isWithin6bed4(source, to) ? 1 : 0;
  return addressClass(to) === '6bed4' ? 0 : 2;
}

/** Section 5. Undefined: no candidate of that family, or `destination` is no address. */
export function selectSource<Own extends Candidate>(
  destination: string,
  candidates: readonly Own[],
  options: SelectionOptions = {},
): Own | undefined {
  const parsed = parseIp(destination);
  if (parsed === undefined) return undefined;
  const to = unmapped(parsed);
  const outgoing = parsed.zone ?? options.outgoing?.(destination);
  const complete = { ...options, policy: options.policy ?? defaultPolicy };
  return candidates
    .flatMap((own) => {
      const ip = parseIp(own.address);
      if (ip === undefined || !isCandidate(own, ip, to, outgoing)) return [];
      return [{ own, ip, ranks: sourceRanks(own, ip, to, complete, outgoing) }];
    })
    .sort((a, b) => compareRanks(a.ranks, b.ranks) || tieBreak(a, b))[0]?.own;
}

/** The RFC leaves the last word to us: the lower address, then the interface by name. */
function tieBreak(a: { own: Candidate; ip: IpAddress }, b: { own: Candidate; ip: IpAddress }): number {
  if (a.ip.bits !== b.ip.bits) return a.ip.bits < b.ip.bits ? -1 : 1;
  return a.own.interface < b.own.interface ? -1 : Number(a.own.interface > b.own.interface);
}

function compareRanks(a: Ranks, b: Ranks): number {
  const at = a.findIndex((rank, index) => rank !== b[index]);
  return at < 0 ? 0 : (b[at] ?? 0) - (a[at] ?? 0);
}

/** Section 6, rules 1 to 8. Without a source there is nothing to tell but that. */
function destinationRanks(to: IpAddress, source: Candidate, from: IpAddress, policy: Policy): Ranks {
  return [
    Number(scopeOf(to) === scopeOf(from)), // rule 2
    Number(source.deprecated !== true), // rule 3
    homeRank(source), // rule 4
    nativeRank(source, to),
    Number(policy(from).label === policy(to).label), // rule 5
    policy(to).precedence, // rule 6
    Number(source.encapsulated === undefined), // rule 7
    -scopeOf(to), // rule 8
  ];
}

/**
 * Section 6: the destinations in the order to try them, each with its source. Texts that are no address are left out.
 *
 * Rule 9 compares prefixes inside one family only. Taken in pairs it contradicts itself where a table of somebody's
 * own gives both families one precedence, so there, among those of the same ranks, the family that stood first in the
 * input goes first as a whole.
 */
export function orderDestinations<Own extends Candidate>(
  destinations: readonly string[],
  candidates: readonly Own[],
  options: SelectionOptions = {},
): Choice<Own>[] {
  const policy = options.policy ?? defaultPolicy;
  const known = destinations.flatMap((destination) => {
    const parsed = parseIp(destination);
    if (parsed === undefined) return [];
    const to = unmapped(parsed);
    const source = selectSource(destination, candidates, options);
    const from = source === undefined ? undefined : parseIp(source.address);
    if (source === undefined || from === undefined)
      return [{ choice: { destination }, family: to.family, ranks: [0], common: 0 }];
    const reachable = Number(options.unreachable?.(destination) !== true); // rule 1
    return [
      {
        choice: { destination, source },
        family: to.family,
        ranks: [1 + reachable, ...destinationRanks(to, source, from, policy)],
        common: commonPrefix(from, source.prefixLength, to),
      },
    ];
  });
  const firstFamily = new Map(known.toReversed().map(({ ranks, family }) => [ranks.join(), family]));
  return known
    .sort(
      (a, b) =>
        compareRanks(a.ranks, b.ranks) ||
        (a.family === b.family ? b.common - a.common : a.family === firstFamily.get(a.ranks.join()) ? -1 : 1),
    )
    .map(({ choice }) => choice);
}
