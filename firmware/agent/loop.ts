/**
 * The loop: an input goes to its machine, the effects go where they belong, and some of them are inputs of the
 * other machine. All of it is drained before anything else happens; then one timer waits for the nearest deadline.
 */
import type { PhoneEffect, PhoneInput } from '#phone/types.ts';
import type { SipEffect, SipEvent, SipInput } from '#sip/types.ts';

export interface Machine<Input, Effect> {
  handle(input: Input, now: number): readonly Effect[];
  /** ms on the clock of `now`; Infinity: nothing to wait for. */
  readonly deadline: number;
}

export type SipIo = Exclude<SipEffect, SipEvent>;
export type PhoneIo = Exclude<PhoneEffect, { kind: 'sip' }>;

export interface LoopParts {
  readonly sip: Machine<SipInput, SipEffect>;
  readonly phone: Machine<PhoneInput, PhoneEffect>;
  /** Effects that leave the machines. May give new inputs to the loop. */
  readonly perform: (effect: SipIo | PhoneIo) => void;
  /** Sees every passage between the machines; what it returns goes on instead. */
  readonly sipEvent: (event: SipEvent) => SipInput | SipEvent;
  readonly sipCommand: (command: SipInput) => SipInput | SipEvent;
  /** A machine or an effect threw: the input is lost, the agent goes on. */
  readonly failed: (where: string, error: unknown) => void;
  /** Everything has been drained. */
  readonly drained: () => void;
}

const IO_KINDS: ReadonlySet<string> = new Set<SipIo['kind']>([
  'send',
  'connect',
  'disconnect',
  'locate',
  'dropped',
  'resync',
  'monitored',
  'quiet',
]);
const EVENT_KINDS: ReadonlySet<string> = new Set<SipEvent['kind']>([
  'describe',
  'incoming',
  'progress',
  'answer',
  'established',
  'reinvite-refused',
  'ended',
  'registration',
]);
/** Of setTimeout (2^31 - 1 ms); a longer wait is cut in two. */
const LONGEST_TIMER = 0x7fff_ffff;
/** A machine whose deadline stays in the past must not take the whole processor. ms */
const PATIENCE_WITH_THE_LATE = 20;

export class Loop {
  readonly #parts: LoopParts;
  readonly #queue: (() => void)[] = [];
  #draining = false;
  #timer: NodeJS.Timeout | undefined;
  #armedFor = Number.POSITIVE_INFINITY;
  #stopped = false;

  constructor(parts: LoopParts) {
    this.#parts = parts;
  }

  sip(input: SipInput): void {
    this.#queue.push(() => this.#runSip(input));
    this.#drain();
  }

  phone(input: PhoneInput): void {
    this.#queue.push(() => this.#runPhone(input));
    this.#drain();
  }

  /** No input is handled any more and no timer is left. */
  stop(): void {
    this.#stopped = true;
    this.#queue.length = 0;
    clearTimeout(this.#timer);
  }

  #drain(): void {
    if (this.#draining || this.#stopped) return;
    this.#draining = true;
    for (let step = this.#queue.shift(); step; step = this.#queue.shift()) step();
    this.#draining = false;
    this.#guard('drained', this.#parts.drained);
    this.#arm();
  }

  #runSip(input: SipInput): void {
    this.#guard(`sip/${input.kind}`, () => {
      for (const effect of this.#parts.sip.handle(input, performance.now())) this.#afterSip(effect);
    });
  }

  #runPhone(input: PhoneInput): void {
    this.#guard(`phone/${input.kind}`, () => {
      for (const effect of this.#parts.phone.handle(input, performance.now())) this.#afterPhone(effect);
    });
  }

  #afterSip(effect: SipEffect): void {
    if (isIo(effect)) this.#queue.push(() => this.#perform(effect));
    else this.#pass(this.#parts.sipEvent(effect));
  }

  #afterPhone(effect: PhoneEffect): void {
    if (effect.kind === 'sip') this.#pass(this.#parts.sipCommand(effect.command));
    else this.#queue.push(() => this.#perform(effect));
  }

  #pass(message: SipInput | SipEvent): void {
    this.#queue.push(() => {
      if (isEvent(message)) this.#runPhone({ kind: 'sip', event: message });
      else this.#runSip(message);
    });
  }

  #perform(effect: SipIo | PhoneIo): void {
    this.#guard(effect.kind, () => this.#parts.perform(effect));
  }

  #guard(where: string, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#parts.failed(where, error);
    }
  }

  #arm(): void {
    const deadline = Math.min(this.#parts.sip.deadline, this.#parts.phone.deadline);
    if (this.#stopped || (deadline === this.#armedFor && this.#timer !== undefined)) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#armedFor = deadline;
    if (deadline === Number.POSITIVE_INFINITY) return;
    const wait = Math.max(0, Math.ceil(deadline - performance.now()));
    this.#timer = setTimeout(() => this.#tick(), Math.min(wait, LONGEST_TIMER));
  }

  #tick(): void {
    this.#timer = undefined;
    const now = performance.now();
    const { sip, phone } = this.#parts;
    if (sip.deadline <= now) this.#queue.push(() => this.#runSip({ kind: 'tick' }));
    if (phone.deadline <= now) this.#queue.push(() => this.#runPhone({ kind: 'tick' }));
    this.#drain();
    if (this.#stopped || Math.min(sip.deadline, phone.deadline) > now) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tick(), PATIENCE_WITH_THE_LATE);
  }
}

function isIo(effect: SipEffect): effect is SipIo {
  return IO_KINDS.has(effect.kind);
}

function isEvent(message: SipInput | SipEvent): message is SipEvent {
  return EVENT_KINDS.has(message.kind);
}
