/**
 * A call whose way has broken: an address of ours that it uses is gone, or nothing is heard although we listen.
 *
 * The cure for both is a re-INVITE whose way is looked for anew: it finds the family that still works, and its offer
 * names an address of that one. If the peer answers, all is well, even if it stays silent: there are peers that send
 * nothing in a pause of speech, and so that they are not bothered, silence counts once in half a minute. If it cannot
 * be reached at all (a direct call to an address of the dead family), the call is held: the network may come back.
 * After 20 s it is given up.
 *
 * A machine without effects: it is told what happens, and says when to ask and when to give up.
 */
import type { Family } from '#address/endpoint.ts';
import { en } from './texts/en.ts';
import { filled } from './texts.ts';

/** Milliseconds. */
const HELD = 20_000;
/** A peer that answers at once need not show on the display. */
const UNSEEN = 1_000;
/** Between two questions, where the network refused to carry the first. */
const AGAIN = 2_000;
const BETWEEN_SILENCES = 30_000;
const NEVER = Number.POSITIVE_INFINITY;

interface Trouble {
  readonly kind: 'gone' | 'silent';
  readonly family: Family;
  /** ms on the clock of `now`. */
  readonly giveUpAt: number;
  showAt: number;
  askAt: number;
}

export class Rescue {
  #trouble: Trouble | undefined;
  #shown = false;
  #silenceCountsAt = Number.NEGATIVE_INFINITY;

  /** What there is to read on a display of 20 columns; undefined: nothing. */
  get reason(): string | undefined {
    if (this.#trouble === undefined || !this.#shown) return undefined;
    const { kind, family } = this.#trouble;
    return filled(kind === 'gone' ? en.noAddress : en.noSound, family);
  }

  get deadline(): number {
    const { giveUpAt, showAt, askAt } = this.#trouble ?? { giveUpAt: NEVER, showAt: NEVER, askAt: NEVER };
    return Math.min(giveUpAt, this.#shown ? NEVER : showAt, askAt);
  }

  /** The result of each of these: whether to ask now. */
  gone(family: Family, now: number): boolean {
    if (this.#trouble?.kind !== 'gone') this.#begin('gone', family, now, 0);
    return this.#ask();
  }

  silent(family: Family, now: number): boolean {
    if (this.#trouble !== undefined || now < this.#silenceCountsAt) return false;
    this.#silenceCountsAt = now + BETWEEN_SILENCES;
    this.#begin('silent', family, now, UNSEEN);
    return this.#ask();
  }

  /** Addresses or routes have changed, and the call's own are there. */
  mended(): boolean {
    if (this.#trouble === undefined) return false;
    // The address came back: as soon as something is heard, all is well.
    this.#trouble = { ...this.#trouble, kind: 'silent' };
    return this.#ask();
  }

  /** Packets of the peer arrive. */
  heard(): void {
    if (this.#trouble?.kind === 'silent') this.over();
  }

  /** The peer has answered. */
  over(): void {
    this.#trouble = undefined;
    this.#shown = false;
  }

  /** The question never reached anybody. */
  unreached(now: number): void {
    if (this.#trouble !== undefined) this.#trouble.askAt = now + AGAIN;
  }

  /** What is due. */
  due(now: number): 'ask' | 'give-up' | undefined {
    const trouble = this.#trouble;
    if (trouble === undefined) return undefined;
    if (now >= trouble.showAt) this.#shown = true;
    if (now >= trouble.giveUpAt) return 'give-up';
    return now >= trouble.askAt && this.#ask() ? 'ask' : undefined;
  }

  #begin(kind: Trouble['kind'], family: Family, now: number, unseen: number): void {
    const giveUpAt = this.#trouble?.giveUpAt ?? now + HELD;
    this.#trouble = { kind, family, giveUpAt, showAt: now + unseen, askAt: NEVER };
    this.#shown ||= unseen === 0;
  }

  #ask(): boolean {
    if (this.#trouble !== undefined) this.#trouble.askAt = NEVER;
    return this.#trouble !== undefined;
  }
}
