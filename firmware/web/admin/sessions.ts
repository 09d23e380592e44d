/**
 * Who is logged in. A session is known by a random token in a cookie, of which only the digest is kept here; it ends
 * after a time without a deed, and after a time whatever is done. The token is exchanged now and then, so that one that
 * got away is soon worth nothing.
 */
import { createHash } from 'node:crypto';

const MINUTE = 60_000;
export const IDLE = 30 * MINUTE;
export const ABSOLUTE = 12 * 60 * MINUTE;
export const ROTATE = 15 * MINUTE;
/** ms for which the token before is still good: requests cross each other. */
export const GRACE = 15_000;
export const MOST_SESSIONS = 8;

export interface Session {
  readonly id: number;
  /** Sent back with everything that changes something; never in a cookie. */
  readonly csrf: string;
}

export interface Opened {
  readonly session: Session;
  /** For the cookie. */
  readonly token: string;
}

interface Kept extends Session {
  readonly opened: number;
  digest: string;
  /** Of the token before, and until when it is good. */
  before: string;
  beforeUntil: number;
  rotated: number;
  last: number;
}

export class Sessions {
  readonly #random: () => string;
  #kept: Kept[] = [];
  #lastId = 0;

  /** `random`: at least 192 bits as text, fit for a cookie. */
  constructor(random: () => string) {
    this.#random = random;
  }

  /** The oldest makes room for one more than there may be. */
  open(now: number): Opened {
    this.#sweep(now);
    const token = this.#random();
    const session: Kept = {
      id: ++this.#lastId,
      csrf: this.#random(),
      opened: now,
      digest: digestOf(token),
      before: '',
      beforeUntil: 0,
      rotated: now,
      last: now,
    };
    this.#kept = [...this.#kept, session].slice(-MOST_SESSIONS);
    return { session, token };
  }

  /** `deed`: somebody did something; looking on does not keep a session alive. */
  find(token: string, now: number, deed: boolean): Session | undefined {
    this.#sweep(now);
    const digest = digestOf(token);
    const session = this.#kept.find(
      (kept) => kept.digest === digest || (kept.before === digest && now < kept.beforeUntil),
    );
    if (session !== undefined && deed) session.last = now;
    return session;
  }

  /** A new token where the time has come for it. */
  rotated({ id }: Session, now: number): string | undefined {
    const session = this.#kept.find((kept) => kept.id === id);
    if (session === undefined || now - session.rotated < ROTATE) return undefined;
    const token = this.#random();
    session.before = session.digest;
    session.beforeUntil = now + GRACE;
    session.digest = digestOf(token);
    session.rotated = now;
    return token;
  }

  isOpen({ id }: Session, now: number): boolean {
    this.#sweep(now);
    return this.#kept.some((kept) => kept.id === id);
  }

  end({ id }: Session): void {
    this.#kept = this.#kept.filter((kept) => kept.id !== id);
  }

  endAll(): void {
    this.#kept = [];
  }

  /** When the next session ends by itself, ms; Infinity: there is none. */
  get deadline(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.#kept.map(endOf));
  }

  #sweep(now: number): void {
    this.#kept = this.#kept.filter((kept) => now < endOf(kept));
  }
}

function endOf({ opened, last }: Kept): number {
  return Math.min(opened + ABSOLUTE, last + IDLE);
}

/** Compared in place of the token: how long that takes tells nothing of the token. */
function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
