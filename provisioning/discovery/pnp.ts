/**
 * SIP plug and play: asks the LAN's multicast group for a configuration, and collects the URLs of all who answer.
 *
 *     burst  0 s, 1 s, 3 s, 6 s, 10 s: the same octets again, for datagrams get lost; over when URLs were collected
 *     then   once an hour, while the telephone has no configuration
 *
 * One socket for each interface with an IPv4 address; each asks with a Call-ID of its own.
 */
import type { DeviceIdentity } from '../identity.ts';
import type { Candidate } from '../types.ts';
import { type PnpRefusal, readPnpAnswer } from './pnp_answer.ts';
import { PNP_GROUP, pnpSubscribe } from './pnp_subscribe.ts';

/** ms after the first. */
const REPEATS = [1_000, 3_000, 6_000, 10_000];
const EVERY = 3_600_000;
/** After the first URL the others are waited for so long, in ms. */
const COLLECTING = 2_000;
/** URLs kept of one burst, and answers to NOTIFY sent in it: what is more is counted and ignored. */
const MOST_URLS = 16;
/** Of them from one address: one talkative server shall not keep the others out. */
const MOST_OF_ONE = 4;
const MOST_REPLIES = 64;

/** A socket of ours on one interface. */
export interface PnpDoor {
  readonly interface: string;
  /** IPv4, and the port of our own choice. */
  readonly address: string;
  readonly port: number;
}

export interface PnpEnd {
  readonly address: string;
  readonly port: number;
}

export type PnpInput =
  /** The sockets that are open now; those not named are gone. Asks on new ones at once. */
  | { readonly kind: 'doors'; readonly doors: readonly PnpDoor[] }
  | {
      readonly kind: 'received';
      readonly interface: string;
      readonly from: PnpEnd;
      readonly octets: Uint8Array;
    }
  /** A configuration is there, or is gone again: asked is only without. */
  | { readonly kind: 'claimed'; readonly claimed: boolean }
  | { readonly kind: 'tick' };

export type PnpEffect =
  | { readonly kind: 'send'; readonly interface: string; readonly to: PnpEnd; readonly octets: Uint8Array }
  /** All that the last burst of each interface brought, in the order of arrival. */
  | { readonly kind: 'candidates'; readonly candidates: readonly Candidate[] }
  | { readonly kind: 'dropped'; readonly why: PnpRefusal | 'unasked' | 'too many'; readonly from: PnpEnd };

export interface PnpOptions {
  readonly identity: DeviceIdentity;
  /** Unpredictable hexadecimal text, 16 characters or more, new each time. */
  readonly random: () => string;
}

/** What is under way on one interface. */
interface Burst {
  readonly door: PnpDoor;
  readonly callId: string;
  readonly octets: Uint8Array;
  readonly begun: number;
  /** How often it was sent. */
  sent: number;
  replies: number;
  readonly urls: Map<string, PnpEnd>;
  /** When what came is handed on; Infinity: nothing came. */
  handOn: number;
  /** When it is sent again, or the next burst begins. */
  next: number;
}

export class Pnp {
  readonly #options: PnpOptions;
  readonly #bursts = new Map<string, Burst>();
  #claimed = false;
  #count = 0;
  #effects: PnpEffect[] = [];

  constructor(options: PnpOptions) {
    this.#options = options;
  }

  /** ms on the clock of `now`; Infinity: claimed, or no interface. */
  get deadline(): number {
    const all = [...this.#bursts.values()];
    return all.reduce((least, { handOn, next }) => Math.min(least, handOn, next), Number.POSITIVE_INFINITY);
  }

  handle(input: PnpInput, now: number): PnpEffect[] {
    switch (input.kind) {
      case 'doors':
        this.#doors(input.doors, now);
        break;
      case 'received':
        this.#received(input, now);
        break;
      case 'claimed':
        this.#claim(input.claimed, now);
        break;
      case 'tick':
        for (const burst of this.#bursts.values()) this.#tick(burst, now);
    }
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  #doors(doors: readonly PnpDoor[], now: number): void {
    for (const [name, { door }] of this.#bursts) {
      const same = doors.some((one) => isSame(one, door));
      if (!same) this.#bursts.delete(name);
    }
    for (const door of doors) if (!this.#bursts.has(door.interface)) this.#begin(door, now);
  }

  #claim(claimed: boolean, now: number): void {
    if (claimed === this.#claimed) return;
    this.#claimed = claimed;
    for (const burst of [...this.#bursts.values()]) {
      if (claimed) Object.assign(burst, { handOn: Number.POSITIVE_INFINITY, next: Number.POSITIVE_INFINITY });
      else this.#begin(burst.door, now);
    }
  }

  #begin(door: PnpDoor, now: number): void {
    const { identity, random } = this.#options;
    this.#count += 1;
    const callId = `${random().slice(0, 16)}-${String(this.#count).padStart(4, '0')}@${door.address}`;
    const parts = { branch: random().slice(0, 8), tag: random().slice(0, 8), callId };
    const burst: Burst = {
      door,
      callId,
      octets: pnpSubscribe({ identity, local: door, ...parts }),
      begun: now,
      sent: 0,
      replies: 0,
      urls: new Map(),
      handOn: Number.POSITIVE_INFINITY,
      next: Number.POSITIVE_INFINITY,
    };
    this.#bursts.set(door.interface, burst);
    if (!this.#claimed) this.#ask(burst, now);
  }

  #ask(burst: Burst, now: number): void {
    this.#effects.push({
      kind: 'send',
      interface: burst.door.interface,
      to: PNP_GROUP,
      octets: burst.octets,
    });
    const repeat = REPEATS[burst.sent];
    burst.sent += 1;
    // A machine that slept through some of them does not make up for it.
    burst.next = repeat === undefined ? burst.begun + EVERY : Math.max(burst.begun + repeat, now + 1);
  }

  #tick(burst: Burst, now: number): void {
    if (now >= burst.handOn) this.#handOn(burst);
    if (now < burst.next) return;
    if (now >= burst.begun + EVERY) this.#begin(burst.door, now);
    else this.#ask(burst, now);
  }

  #received({ interface: name, from, octets }: Extract<PnpInput, { kind: 'received' }>, now: number): void {
    const burst = this.#bursts.get(name);
    const tag = this.#options.random().slice(0, 8);
    const answer = readPnpAnswer(octets, (callId) => callId === burst?.callId, tag);
    if (answer.kind === 'refused') this.#drop(answer.why, from);
    else if (burst === undefined || this.#claimed) this.#drop('unasked', from);
    else if (answer.kind === 'url') this.#offered(burst, answer, from, now);
  }

  #offered(
    burst: Burst,
    { url, reply }: { readonly url: string; readonly reply: Uint8Array },
    from: PnpEnd,
    now: number,
  ): void {
    if (burst.replies >= MOST_REPLIES) {
      this.#drop('too many', from);
      return;
    }
    burst.replies += 1;
    this.#effects.push({ kind: 'send', interface: burst.door.interface, to: from, octets: reply });
    if (burst.urls.has(url)) return;
    const ofThisOne = burst.urls.values().filter(({ address }) => address === from.address);
    if (burst.urls.size >= MOST_URLS || ofThisOne.toArray().length >= MOST_OF_ONE) {
      this.#drop('too many', from);
      return;
    }
    burst.urls.set(url, from);
    if (burst.handOn === Number.POSITIVE_INFINITY) burst.handOn = now + COLLECTING;
  }

  /** Later ones of the same burst are handed on together with these, once more. */
  #handOn(burst: Burst): void {
    burst.handOn = Number.POSITIVE_INFINITY;
    burst.next = burst.begun + EVERY;
    const candidates = [...this.#bursts.values()].flatMap(candidatesOf);
    this.#effects.push({ kind: 'candidates', candidates });
  }

  #drop(why: Extract<PnpEffect, { kind: 'dropped' }>['why'], from: PnpEnd): void {
    this.#effects.push({ kind: 'dropped', why, from });
  }
}

function isSame(one: PnpDoor, other: PnpDoor): boolean {
  return one.interface === other.interface && one.address === other.address && one.port === other.port;
}

function candidatesOf({ door, urls }: Burst): readonly Candidate[] {
  return [...urls].map(([url, { address }], order) => ({
    step: 'pnp',
    url,
    family: 4,
    from: `SIP plug and play from ${address} on ${door.interface}`,
    order,
  }));
}
