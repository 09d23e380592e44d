/**
 * Rings a telephone on a ringing module: bursts by the country's cadence, until it is stopped or the handset is lifted.
 *
 *   idle ── ring ──► ringing ── SHK says lifted (ring_trip.ts) ──► listening ── the loop is closed ──► idle, `trip`
 *                       ▲                                             │
 *                       └───────── it is not: a false alarm ──────────┘
 *
 * On the first suspicion both pins rest; without ringing voltage SHK is plain, so a closed loop is certain 20 ms later.
 * A load that makes false alarms is met with a higher threshold each time, at last only the pauses are believed.
 * While `ringing`, SHK's levels belong here, not to the subscriber's loop; after `trip` the loop is given the level.
 */
import { Contact, type ContactInput } from './contact.ts';
import {
  AT_REST,
  nextPins,
  pinsAt,
  RELEASE,
  type RingPins,
  type RingPlan,
  safeCadence,
} from './ring_plan.ts';
import { LIFTED_SHARE, RingTrip } from './ring_trip.ts';

export interface RingGeneratorOptions {
  /** Who toggles F/R: this machine's events, or a PWM channel that they switch. */
  readonly toggling: 'software' | 'pwm';
  /** ms of a burst. */
  readonly longestBurst?: number;
}

export type RingGeneratorInput =
  /** Cadence in ms on, off, … */
  | { readonly kind: 'ring'; readonly cadence: readonly number[]; readonly hertz: number }
  | { readonly kind: 'stop' }
  /** SHK: `closed` when the loop draws current. */
  | ContactInput;

export type RingGeneratorEvent =
  | { readonly kind: 'pins'; readonly pins: RingPins }
  /** A burst has ended; caller ID has `ms` until the next one. `burst` counts from 1. */
  | { readonly kind: 'pause'; readonly burst: number; readonly ms: number }
  /** The handset was lifted; the pins rest. */
  | { readonly kind: 'trip' };

interface Ring {
  readonly plan: RingPlan;
  /** ms: when the first burst began. */
  readonly began: number;
}

type State =
  | { readonly kind: 'idle' }
  | (Ring & { readonly kind: 'ringing'; readonly trip: RingTrip })
  | (Ring & {
      readonly kind: 'listening';
      readonly since: number;
      readonly loop: Contact;
      readonly inBurst: boolean;
    });

/** Of the trip's window in a burst: at first, and after each false alarm. Above 1 nothing trips it. */
const SHARES = [LIFTED_SHARE, 0.85, 0.95];
const NEVER_IN_A_BURST = 2;
/** ms without ringing voltage in which a lifted handset must have shown itself. */
const LISTENING = 100;

export class RingGenerator {
  readonly #options: RingGeneratorOptions;
  #state: State = { kind: 'idle' };
  #pins: RingPins = AT_REST;
  #loopClosed = false;
  /** ms: when the pins change by the plan; Infinity while none is followed. */
  #pinsChangeAt = Number.POSITIVE_INFINITY;
  /** ms: when RM falls after F/R was put to rest. */
  #releaseAt = Number.POSITIVE_INFINITY;
  #falseAlarms = 0;
  #bursts = 0;

  constructor(options: RingGeneratorOptions) {
    this.#options = options;
  }

  /** Whether SHK's levels belong here. */
  get ringing(): boolean {
    return this.#state.kind !== 'idle';
  }

  /** As last told. */
  get pins(): RingPins {
    return this.#pins;
  }

  get deadline(): number {
    const state = this.#state;
    if (state.kind === 'idle') return this.#releaseAt;
    if (state.kind === 'ringing') return Math.min(this.#pinsChangeAt, state.trip.deadline);
    return Math.min(this.#releaseAt, state.loop.deadline, state.since + LISTENING);
  }

  handle(input: RingGeneratorInput, now: number): RingGeneratorEvent[] {
    const events: RingGeneratorEvent[] = [];
    if (input.kind === 'ring') this.#start(input.cadence, input.hertz, now);
    else if (input.kind === 'stop') this.#state = { kind: 'idle' };
    else this.#hear(input, now, events);
    this.#drive(now, events);
    return events;
  }

  #start(cadence: readonly number[], hertz: number, now: number): void {
    const timeline = safeCadence(cadence, this.#options.longestBurst);
    const ring = { plan: { timeline, hertz, toggling: this.#options.toggling }, began: now };
    this.#falseAlarms = 0;
    this.#bursts = 0;
    // Who is off the hook already is not rung.
    this.#state = this.#loopClosed
      ? this.#listening(ring, now)
      : { ...ring, kind: 'ringing', trip: this.#newTrip(hertz, now) };
  }

  #hear(input: ContactInput, now: number, events: RingGeneratorEvent[]): void {
    if (input.kind === 'level') this.#loopClosed = input.closed;
    const state = this.#state;
    if (state.kind === 'ringing') {
      if (state.trip.handle(input, now, this.#share)) this.#state = this.#listening(state, now);
    } else if (state.kind === 'listening') {
      if (state.loop.handle(input, now).some(({ closed }) => closed)) {
        this.#state = { kind: 'idle' };
        events.push({ kind: 'trip' });
      } else if (now >= state.since + LISTENING) {
        if (state.inBurst) this.#falseAlarms++;
        const { plan, began } = state;
        this.#state = { kind: 'ringing', plan, began, trip: this.#newTrip(plan.hertz, now) };
      }
    }
  }

  get #share(): number {
    if (!this.#pins.ringMode) return LIFTED_SHARE;
    return SHARES[this.#falseAlarms] ?? NEVER_IN_A_BURST;
  }

  #newTrip(hertz: number, now: number): RingTrip {
    const trip = new RingTrip(hertz);
    trip.handle({ kind: 'level', closed: this.#loopClosed }, now);
    return trip;
  }

  #listening({ plan, began }: Ring, now: number): State {
    const loop = new Contact();
    loop.handle({ kind: 'level', closed: this.#loopClosed }, now);
    return { kind: 'listening', plan, began, since: now, loop, inBurst: this.#pins.ringMode };
  }

  /** Tells the pins of now where they differ from those told. A late call finds the plan further on: nothing is made up for. */
  #drive(now: number, events: RingGeneratorEvent[]): void {
    const wanted = this.#wanted(now);
    const { ringMode, forwardReverse } = this.#pins;
    if (wanted.ringMode === ringMode && wanted.forwardReverse === forwardReverse) return;
    this.#pins = wanted;
    events.push({ kind: 'pins', pins: wanted });
    if (this.#state.kind === 'ringing' && ringMode && !wanted.ringMode)
      events.push({ kind: 'pause', burst: ++this.#bursts, ms: this.#pinsChangeAt - now });
  }

  #wanted(now: number): RingPins {
    const state = this.#state;
    if (state.kind === 'ringing') {
      this.#releaseAt = Number.POSITIVE_INFINITY;
      this.#pinsChangeAt = state.began + nextPins(state.plan, now - state.began);
      return pinsAt(state.plan, now - state.began);
    }
    this.#pinsChangeAt = Number.POSITIVE_INFINITY;
    if (!this.#pins.ringMode) return AT_REST;
    if (this.#releaseAt === Number.POSITIVE_INFINITY) this.#releaseAt = now + RELEASE;
    if (now < this.#releaseAt) return { ringMode: true, forwardReverse: false };
    this.#releaseAt = Number.POSITIVE_INFINITY;
    return AT_REST;
  }
}
