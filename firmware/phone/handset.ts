/** The handset: its place in the table, whether somebody holds it, and the timer of the state it is in. */
import type { SoundRoute } from '#hal/types.ts';
import { type HandsetAction, type HandsetEvent, type HandsetState, transition } from './handset_states.ts';
import type { PhoneTimings } from './timings.ts';

/** How long a state lasts before `timeout`; dialling sets its own after each key. */
const LIMIT: Partial<Record<HandsetState, keyof PhoneTimings>> = {
  ringing: 'ringing',
  'dial-tone': 'firstDigit',
  busy: 'untilHowler',
  congestion: 'untilHowler',
  'special-information': 'untilHowler',
};

export class Handset {
  readonly #timings: PhoneTimings;
  #state: HandsetState = 'idle';
  #lifted = false;
  #handsFree = false;
  /** The loudspeaker is on although somebody holds the receiver. */
  #aloud = false;
  #headset = false;
  #deadline = Number.POSITIVE_INFINITY;

  constructor(timings: PhoneTimings) {
    this.#timings = timings;
  }

  get state(): HandsetState {
    return this.#state;
  }

  /** Somebody holds the receiver; else whatever goes on is hands-free. */
  get lifted(): boolean {
    return this.#lifted;
  }

  /** The line is seized, by the hook switch or hands-free. */
  get offHook(): boolean {
    return this.#lifted || this.#handsFree;
  }

  /** Where the voice goes; undefined: nobody talks. */
  get route(): SoundRoute | undefined {
    if (!this.offHook) return undefined;
    if (this.#lifted && !this.#aloud) return 'handset';
    return this.#headset ? 'headset' : 'speaker';
  }

  get deadline(): number {
    return this.#deadline;
  }

  /**
   * The event that the hook switch makes of its new position, if any: lifting takes a hands-free call over, and what
   * is on the loudspeaker goes on there when the receiver is put down.
   */
  hook(position: 'on' | 'off'): HandsetEvent | undefined {
    const was = { offHook: this.offHook, lifted: this.#lifted };
    const goesOn = position === 'on' && this.#lifted && this.#aloud;
    this.#lifted = position === 'off';
    this.#aloud = false;
    if (goesOn) {
      this.#handsFree = true;
      return undefined;
    }
    if (position === 'on') return 'on-hook';
    return was.offHook || was.lifted ? undefined : 'off-hook';
  }

  /** A headset was plugged in or pulled out. */
  plug(plugged: boolean): void {
    this.#headset = plugged;
  }

  /**
   * The key that talks without the receiver: seizes the line or answers, and ends what it began. With the receiver in
   * hand it changes between that and the loudspeaker. The result is its event in the table, if any.
   */
  speakerKey(): HandsetEvent | undefined {
    if (this.#lifted) {
      this.#aloud = !this.#aloud;
      return undefined;
    }
    if (this.#handsFree) return 'on-hook';
    this.#handsFree = true;
    return this.can('answer') ? 'answer' : 'off-hook';
  }

  /** The same on the headset; without one it does nothing. */
  headsetKey(): HandsetEvent | undefined {
    return this.#headset ? this.speakerKey() : undefined;
  }

  /** Off hook without a hand: dialled or answered from command line or page. */
  goHandsFree(): void {
    this.#handsFree = !this.#lifted;
  }

  /** Why no number can be dialled now, for people; undefined: it can. */
  get engaged(): string | undefined {
    if (this.can('placed')) return undefined;
    return this.#state === 'ringing'
      ? 'the telephone is ringing: answer or hang up that call first'
      : 'the handset is in use: hang up first';
  }

  can(event: HandsetEvent): boolean {
    return transition(this.#state, event) !== undefined;
  }

  /** Moves through the table; the result is what to do. */
  raise(event: HandsetEvent, now: number): HandsetAction | undefined {
    const taken = transition(this.#state, event);
    if (taken === undefined) return undefined;
    if (taken.to !== this.#state) this.#enter(taken.to, now);
    return taken.action;
  }

  /** `timeout` comes after `ms`, unless another state is entered before. */
  limit(ms: number, now: number): void {
    this.#deadline = now + ms;
  }

  /** True once when the timer is due. */
  due(now: number): boolean {
    if (now < this.#deadline) return false;
    this.#deadline = Number.POSITIVE_INFINITY;
    return true;
  }

  #enter(state: HandsetState, now: number): void {
    this.#state = state;
    const limit = LIMIT[state];
    this.#deadline = limit === undefined ? Number.POSITIVE_INFINITY : now + this.#timings[limit];
    if (state === 'idle' || this.#lifted) this.#handsFree = false;
    if (state === 'idle') this.#aloud = false;
  }
}
