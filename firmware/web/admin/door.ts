/**
 * Who may come in. A telephone that has no owner shows a PIN to whoever asks and stands before it; the PIN and a password
 * of one's own make one the owner. From then on the password opens, from wherever the owner is: a telephone hangs on
 * the wall, an adapter lies in a cupboard, and a PIN each time would send people to both. Who forgot it resets the
 * telephone, which again takes somebody who stands before it.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { Claim, type Pin } from './claim.ts';
import { Lockout } from './lockout.ts';
import type { Owner } from './owner.ts';
import { weaknessOf } from './password.ts';
import { type Opened, type Session, Sessions } from './sessions.ts';

export type Outcome =
  | { readonly kind: 'in'; readonly opened: Opened }
  /** ms that this source has to wait before it may try. */
  | { readonly kind: 'locked-out'; readonly ms: number }
  /** `ms`: the same for the next try. `over`: the PIN was wrong once too often, or too old, and is none any longer. */
  | { readonly kind: 'wrong'; readonly ms: number; readonly over?: boolean }
  | { readonly kind: 'weak'; readonly why: string }
  /** There is an owner already, or none yet. */
  | { readonly kind: 'claimed' }
  | { readonly kind: 'unclaimed' };

export interface DoorParts {
  readonly owner: Owner;
  /** Shows the PIN, or no longer. `left`: ms for which it is good. */
  readonly showPin: (pin: (Pin & { readonly left: number }) | undefined) => void;
  /** Somebody is the owner now. */
  readonly claimed: () => void;
  /** A session ended before its time. */
  readonly ended: () => void;
  readonly log: (level: 'info' | 'warn', text: string) => void;
  /** ms on a steady clock. */
  readonly clock: () => number;
  /** Calls back after `ms` unless it is called off; default: by the system's timer. */
  readonly after?: (ms: number, done: () => void) => () => void;
}

function after(ms: number, done: () => void): () => void {
  const timer = setTimeout(done, ms).unref();
  return () => clearTimeout(timer);
}

export class Door {
  readonly sessions = new Sessions(() => randomBytes(32).toString('base64url'));
  readonly #claim = new Claim((below) => randomInt(below));
  readonly #lockout = new Lockout();
  readonly #parts: DoorParts;
  /** Calls the hiding of a PIN that is shown off. */
  #stopHiding: (() => void) | undefined;

  constructor(parts: DoorParts) {
    this.#parts = parts;
  }

  get isClaimed(): boolean {
    return this.#parts.owner.claimed;
  }

  /** ms that `source` has to wait before its next try. */
  wait(source: string): number {
    return this.#lockout.wait(source, this.#parts.clock());
  }

  /** Shows the PIN on the telephone; ms for which it is good, undefined where there is an owner already. */
  showPin(): number | undefined {
    if (this.isClaimed) return undefined;
    const now = this.#parts.clock();
    const pin = this.#claim.show(now);
    this.#parts.showPin({ ...pin, left: pin.until - now });
    this.#stopHiding?.();
    this.#stopHiding = (this.#parts.after ?? after)(pin.until - now, () => this.#hidePin());
    return pin.until - now;
  }

  /** Rejects where the owner's password cannot be kept. */
  async claim(pin: string, password: string, source: string): Promise<Outcome> {
    if (this.isClaimed) return { kind: 'claimed' };
    const now = this.#parts.clock();
    const ms = this.#lockout.wait(source, now);
    if (ms > 0) return { kind: 'locked-out', ms };
    // Before the PIN is looked at: a password that will not do must not use it up.
    const why = weaknessOf(password);
    if (why !== undefined) return { kind: 'weak', why };
    this.#lockout.begin(source, now);
    if (!this.#claim.accept(pin, now)) {
      return { ...this.#wrong('PIN', source), over: this.#claim.current(now) === undefined };
    }
    this.#hidePin();
    await this.#parts.owner.setPassword(password);
    this.#lockout.passed(source);
    this.#parts.log('info', `the settings page was claimed from ${source}`);
    this.#parts.claimed();
    return this.#open();
  }

  async login(password: string, source: string): Promise<Outcome> {
    if (!this.isClaimed) return { kind: 'unclaimed' };
    const outcome = await this.#prove(password, source);
    if (outcome !== undefined) return outcome;
    this.#parts.log('info', `the owner logged in from ${source}`);
    return this.#open();
  }

  /** All sessions end but a new one. */
  async changePassword(before: string, password: string, source: string): Promise<Outcome> {
    const why = weaknessOf(password);
    if (why !== undefined) return { kind: 'weak', why };
    const outcome = await this.#prove(before, source);
    if (outcome !== undefined) return outcome;
    await this.#parts.owner.setPassword(password);
    this.sessions.endAll();
    this.#parts.log('info', `the owner's password was changed from ${source}`);
    this.#parts.ended();
    return this.#open();
  }

  logout(session: Session): void {
    this.sessions.end(session);
    this.#parts.ended();
  }

  close(): void {
    this.#hidePin();
  }

  /** Undefined: it was the owner's password. */
  async #prove(password: string, source: string): Promise<Outcome | undefined> {
    const now = this.#parts.clock();
    const ms = this.#lockout.wait(source, now);
    if (ms > 0) return { kind: 'locked-out', ms };
    this.#lockout.begin(source, now);
    if (!(await this.#parts.owner.knows(password))) return this.#wrong('password', source);
    this.#lockout.passed(source);
    return undefined;
  }

  #wrong(what: string, source: string): { readonly kind: 'wrong'; readonly ms: number } {
    this.#parts.log('warn', `a wrong ${what} for the settings page from ${source}`);
    if (this.#claim.current(this.#parts.clock()) === undefined) this.#hidePin();
    return { kind: 'wrong', ms: this.wait(source) };
  }

  #open(): Outcome {
    return { kind: 'in', opened: this.sessions.open(this.#parts.clock()) };
  }

  #hidePin(): void {
    if (this.#stopHiding === undefined) return;
    this.#stopHiding();
    this.#stopHiding = undefined;
    this.#parts.showPin(undefined);
  }
}
