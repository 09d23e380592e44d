/**
 * Who may ring the telephone (`security.acceptFrom`, `security.allow`). A stranger gets no answer at all: a scanner
 * learns nothing, not even that there is a telephone. Requests inside our dialogs are let in by their tags, elsewhere.
 */
import { contains, type IpPrefix, isLoopback, parseIp, parsePrefix, unmapped } from '#address/ip.ts';
import type { Core } from './core.ts';
import type { SipMessage } from './message/message.ts';
import { parseUri } from './message/uri.ts';
import type { Flow } from './types.ts';

export interface AdmissionPolicy {
  readonly acceptFrom: 'known' | 'anyone';
  /** Prefixes (`192.0.2.0/24`, `2001:db8::1`) and domain names. */
  readonly allow: readonly string[];
}

/** What a neighbour may: ring, take it back, and ask whether there is anybody, as the race for a flow does. */
const OF_NEIGHBOURS: ReadonlySet<string> = new Set(['INVITE', 'CANCEL', 'ACK', 'OPTIONS']);

/** How often the names of `allow` are looked up again, in ms. */
const RENEWAL = 600_000;
/** And how soon when a stranger knocks: it may be a friend who has moved. Its INVITE comes again by itself. */
const AFTER_STRANGER = 10_000;

export class Admission {
  readonly #anyone: boolean;
  readonly #prefixes: readonly IpPrefix[];
  /** Names of `allow`: whoever sends from an address of theirs is known. */
  readonly #domains: readonly string[];
  readonly #contactUsers: ReadonlySet<string>;
  readonly #addresses = new Set<string>();
  #neighbours: ReadonlySet<string> = new Set();
  /** The last source asked about: most requests come from one server. */
  #last = { address: '', known: false };
  /** When `renew` is wanted, in ms; Infinity without names. */
  renewAt: number;
  #renewedAt = Number.NEGATIVE_INFINITY;

  /** `contactUsers`: the random user parts of the Contacts that we register. */
  constructor(policy: AdmissionPolicy, contactUsers: Iterable<string>) {
    this.#anyone = policy.acceptFrom === 'anyone';
    this.#prefixes = policy.allow.flatMap((entry) => parsePrefix(entry) ?? []);
    this.#domains = policy.allow.filter((entry) => parsePrefix(entry) === undefined);
    this.#contactUsers = new Set(contactUsers);
    this.renewAt = this.#domains.length === 0 ? Number.POSITIVE_INFINITY : 0;
  }

  /** Looks the names up. */
  renew(core: Core): void {
    this.#renewedAt = core.now;
    this.renewAt = core.now + RENEWAL;
    for (const host of this.#domains)
      core.locate({ host, secure: false }, ({ groups }) => {
        for (const { remote } of groups.flat()) this.learn(remote.address);
      });
  }

  /** With other addresses of ours names may lead elsewhere: by IPv6, which only now is there. */
  networkChanged(now: number): void {
    if (this.#domains.length > 0) this.renewAt = now;
  }

  /** Somebody was turned away. */
  strangerCame(now: number): void {
    if (this.#domains.length === 0) return;
    this.renewAt = Math.min(this.renewAt, Math.max(now, this.#renewedAt + AFTER_STRANGER));
  }

  /** An account's server, or a name of `allow`, has this address. */
  learn(address: string): void {
    this.#addresses.add(plain(address));
    this.#last = { address: '', known: false };
  }

  /** Telephones on our links, heard of lately; link-local addresses with their zone. */
  neighbours(addresses: readonly string[]): void {
    this.#neighbours = new Set(addresses.map(plain));
  }

  /** Whether the sender may send as much as it likes: a server of ours, or one of `allow`. */
  trusts({ remote }: Flow): boolean {
    return this.#knows(remote.address);
  }

  /** Whether a request from outside of any dialog is answered. */
  admits(request: SipMessage, flow: Flow): boolean {
    const { address } = flow.remote;
    if (this.#anyone || this.#knows(address) || this.#isForOurContact(request.uri)) return true;
    return OF_NEIGHBOURS.has(request.method) && this.#neighbours.has(plain(address));
  }

  #knows(address: string): boolean {
    if (address !== this.#last.address) this.#last = { address, known: this.#isKnown(address) };
    return this.#last.known;
  }

  #isKnown(address: string): boolean {
    const ip = parseIp(address);
    if (ip === undefined) return false;
    const source = unmapped(ip);
    return (
      this.#addresses.has(source.text) ||
      isLoopback(source) ||
      this.#prefixes.some((prefix) => contains(prefix, source))
    );
  }

  #isForOurContact(requestUri: string): boolean {
    const uri = parseUri(requestUri);
    return (
      (uri?.scheme === 'sip' || uri?.scheme === 'sips') &&
      uri.user !== undefined &&
      this.#contactUsers.has(uri.user)
    );
  }
}

function plain(address: string): string {
  const ip = parseIp(address);
  return ip === undefined ? address : unmapped(ip).text;
}
