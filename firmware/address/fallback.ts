/**
 * When the 6bed4 tunnel shall be up.
 *
 *   mode     native IPv6                                the tunnel
 *   ------   ----------------------------------------   -----------------------------------------------
 *   off      whatever                                   closed
 *   any      whatever, but there is no IPv4             closed: there is nothing to tunnel through
 *   always   whatever                                   open
 *   auto     none, or none that answers for 60 s        open
 *   auto     arrived while the tunnel is open           open until IPv6 has answered, 30 s at most, and beyond
 *                                                       that as long as a call uses it
 *   auto     there                                      closed
 *
 * Open needs a router: those of the configuration; else those that DNS names, which are looked up half a second after
 * each change of the network (the first registration goes before it), then every hour; else the list in the image.
 * While there is none DNS is asked again after 30 s, 1, 2, 4 … min, an hour at most. A question that nobody answered
 * changes nothing. An answer that names none any more is believed when it comes again 5 min later, and acted upon when
 * no call uses the tunnel.
 *
 * A machine: it is told what happens and says what to do.
 */

/** `192.0.2.1:25790`. Empty: nobody runs a router for everybody. */
export const ROUTERS_OF_THE_IMAGE: readonly string[] = [];

/** ms without an answer after which native IPv6 counts as missing. */
export const SILENCE = 60_000;
/** ms that the tunnel waits for native IPv6 to answer before it closes. */
export const HANDOVER = 30_000;
/** ms: after a change, while there is a router, when it is in doubt, and while there is none. */
const ASKING = { soon: 500, again: 3_600_000, doubt: 300_000, least: 30_000, most: 3_600_000 } as const;

const NEVER = Number.POSITIVE_INFINITY;

export type FallbackMode = 'off' | 'auto' | 'always';

export interface FallbackOptions {
  readonly mode: FallbackMode;
  /** Known without asking anybody; empty: DNS is asked. */
  readonly routers: readonly string[];
  /** Where DNS knows none. */
  readonly image?: readonly string[];
}

export type FallbackInput =
  /** Told at the start and at every change; another `place`: another network, or other addresses there. */
  | { readonly kind: 'network'; readonly native6: boolean; readonly ipv4: boolean; readonly place: string }
  /** A packet went out to, or came from, the world over native IPv6. */
  | { readonly kind: 'sent' }
  | { readonly kind: 'heard' }
  /** Answers `look-up`. Absent: nobody could be asked. */
  | { readonly kind: 'routers'; readonly ticket: number; readonly routers?: readonly string[] }
  /** Whether a call uses an address of the tunnel. */
  | { readonly kind: 'use'; readonly inUse: boolean }
  | { readonly kind: 'tick' };

export type FallbackEffect =
  /** Also for another list of routers. */
  | { readonly kind: 'open'; readonly routers: readonly string[] }
  | { readonly kind: 'close' }
  | { readonly kind: 'renew' }
  | { readonly kind: 'look-up'; readonly ticket: number };

/** Why the tunnel is open, or is not. */
export type FallbackReason =
  | 'switched-off'
  | 'no-ipv4'
  | 'native'
  | 'looking'
  | 'no-router'
  | 'always'
  | 'missing'
  | 'silent'
  | 'handover';

export class Fallback {
  readonly #options: FallbackOptions;
  readonly #image: readonly string[];
  #latest = 0;
  #place: string | undefined;
  #native6 = false;
  #ipv4 = false;
  #inUse = false;
  /** When the first packet left over native IPv6 that nothing has come after, ms. */
  #unanswered = NEVER;
  /** Native IPv6 has answered since it came. */
  #proven = false;
  #handover = 0;
  #opened: readonly string[] | undefined;
  #found: readonly string[] = [];
  /** Since when DNS names those that were found no more, ms. */
  #doubtedSince = NEVER;
  /** The last question; every network has its own. */
  #ticket = 0;
  #asking = false;
  #askAt = 0;
  #vain = 0;

  constructor(options: FallbackOptions) {
    this.#options = options;
    this.#image = options.image ?? ROUTERS_OF_THE_IMAGE;
  }

  handle(input: FallbackInput, now: number): FallbackEffect[] {
    this.#latest = now;
    const effects = this.#take(input, now);
    return [...effects, ...this.#settle(now)];
  }

  /** ms on the clock of `now`; Infinity: nothing to wait for. */
  get deadline(): number {
    const waits = [
      this.#wanted && !this.#asking && this.#options.routers.length === 0 ? this.#askAt : NEVER,
      this.#native6 ? this.#unanswered + SILENCE : NEVER,
      this.#opened !== undefined && !this.#proven ? this.#handover : NEVER,
    ];
    return Math.min(...waits.map((at) => (at > this.#latest ? at : NEVER)));
  }

  /** Native IPv6 is there, and nobody answers over it. */
  get silent(): boolean {
    return this.#native6 && this.#latest - this.#unanswered >= SILENCE;
  }

  /** Native IPv6 has taken over: the tunnel's addresses are for nothing new. */
  get handingOver(): boolean {
    return this.#opened !== undefined && this.#reason === 'handover';
  }

  /** Whether it should be open, and is. */
  get state(): { readonly wanted: boolean; readonly open: boolean; readonly why: FallbackReason } {
    return { wanted: this.#wanted, open: this.#opened !== undefined, why: this.#reason };
  }

  #take(input: FallbackInput, now: number): FallbackEffect[] {
    switch (input.kind) {
      case 'network':
        return this.#network(input, now);
      case 'sent':
        if (this.#native6) this.#unanswered = Math.min(this.#unanswered, now);
        break;
      case 'heard':
        this.#unanswered = NEVER;
        this.#proven = this.#native6;
        break;
      case 'routers':
        if (input.ticket === this.#ticket) this.#answered(input.routers, now);
        break;
      case 'use':
        this.#inUse = input.inUse;
    }
    return [];
  }

  #network({ native6, ipv4, place }: Extract<FallbackInput, { kind: 'network' }>, now: number) {
    if (native6 && !this.#native6) {
      this.#proven = false;
      this.#handover = now + HANDOVER;
    }
    this.#native6 = native6;
    this.#ipv4 = ipv4;
    if (place === this.#place) return [];
    this.#place = place;
    this.#unanswered = NEVER;
    this.#askAt = now + ASKING.soon;
    this.#asking = false;
    this.#ticket += 1;
    this.#vain = 0;
    return this.#opened === undefined ? [] : [{ kind: 'renew' } as const];
  }

  #answered(routers: readonly string[] | undefined, now: number): void {
    this.#asking = false;
    if (routers !== undefined) this.#believe(routers, now);
    if (this.#found.length > 0) {
      this.#askAt = now + (this.#doubtedSince === NEVER ? ASKING.again : ASKING.doubt);
      this.#vain = 0;
    } else {
      this.#askAt = now + Math.min(ASKING.most, ASKING.least * 2 ** this.#vain);
      this.#vain += 1;
    }
  }

  /** A tunnel that is open is not given up for one answer. */
  #believe(routers: readonly string[], now: number): void {
    const isDoubt = routers.length === 0 && this.#opened !== undefined && this.#found.length > 0;
    if (isDoubt && this.#doubtedSince === NEVER) this.#doubtedSince = now;
    else if (!isDoubt || (now - this.#doubtedSince >= ASKING.doubt && !this.#inUse)) {
      this.#found = routers;
      this.#doubtedSince = NEVER;
    }
  }

  #settle(now: number): FallbackEffect[] {
    if (!this.#wanted) {
      if (this.#opened === undefined) return [];
      this.#opened = undefined;
      return [{ kind: 'close' }];
    }
    const effects: FallbackEffect[] = [];
    const routers = this.#routers;
    if (routers.length > 0 && !areSame(routers, this.#opened)) {
      this.#opened = routers;
      effects.push({ kind: 'open', routers });
    } else if (routers.length === 0 && this.#opened !== undefined) {
      this.#opened = undefined;
      effects.push({ kind: 'close' });
    }
    if (this.#options.routers.length === 0 && !this.#asking && now >= this.#askAt) {
      this.#asking = true;
      this.#ticket += 1;
      effects.push({ kind: 'look-up', ticket: this.#ticket });
    }
    return effects;
  }

  get #routers(): readonly string[] {
    return [this.#options.routers, this.#found, this.#image].find(({ length }) => length > 0) ?? [];
  }

  get #wanted(): boolean {
    return !NOT_WANTED.has(this.#ground);
  }

  /** Why it is wanted or not, were there a router. */
  get #ground(): FallbackReason {
    const { mode } = this.#options;
    if (mode === 'off') return 'switched-off';
    if (!this.#ipv4) return 'no-ipv4';
    if (!this.#native6) return 'missing';
    if (this.silent) return 'silent';
    if (mode === 'always') return 'always';
    const holds = this.#inUse || (!this.#proven && this.#latest < this.#handover);
    return this.#opened !== undefined && holds ? 'handover' : 'native';
  }

  get #reason(): FallbackReason {
    const ground = this.#ground;
    if (NOT_WANTED.has(ground) || this.#routers.length > 0) return ground;
    return this.#vain === 0 ? 'looking' : 'no-router';
  }
}

/** In whatever order: DNS draws it anew for each answer, and to open anew costs the address, and calls with it. */
function areSame(routers: readonly string[], opened: readonly string[] = []): boolean {
  return routers.toSorted().join() === opened.toSorted().join();
}

const NOT_WANTED: ReadonlySet<FallbackReason> = new Set(['switched-off', 'no-ipv4', 'native']);
