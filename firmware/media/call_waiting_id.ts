/**
 * Tells a telephone in a call who else calls (GR-575-CORE, ETSI EN 300 659-2):
 *
 *   call waiting tone │ CAS │ the telephone mutes itself, presses D or A │ data │ the call goes on
 *                            └── 160 ms, and what sound takes there and back
 *
 * Without the key nothing more is sent: this telephone does not know about it.
 */
import { ACKNOWLEDGEMENT, CAS, callWaitingSound } from './caller_id.ts';
import { tonesOf } from './tones_by_country.ts';
import type { CallerIdentity, CallerIdScheme, CallTime, DtmfKey, Tone } from './types.ts';

export interface SecondCaller {
  readonly scheme: CallerIdScheme;
  /** ISO 3166, two letters. */
  readonly country: string;
  readonly caller: CallerIdentity;
  readonly time: CallTime;
}

export type CallWaitingInput =
  /** What was to be played is over. */
  { readonly kind: 'played' } | { readonly kind: 'key'; readonly key: DtmfKey } | { readonly kind: 'tick' };

/** What is played now, alone; `done`: the call goes on. */
export type CallWaitingEffect =
  | { readonly kind: 'tone'; readonly tone: Tone }
  | { readonly kind: 'data'; readonly samples: Int16Array }
  | { readonly kind: 'done' };

/** ms that sound may take to the line and back, through a sound card's buffers both ways. */
const THERE_AND_BACK = 200;
/** ms of the call waiting tone in front, where the country's goes on for longer. */
const TONE_MS = 300;

export class CallWaitingId {
  readonly #data: Int16Array | undefined;
  readonly #tone: Tone;
  #state: 'alerting' | 'awaiting' | 'telling' | 'done' = 'alerting';
  /** ms. */
  deadline = Number.POSITIVE_INFINITY;

  constructor({ scheme, country, caller, time }: SecondCaller) {
    this.#data = callWaitingSound(scheme, caller, time);
    const { intro, loop, level } = tonesOf(country).callWaiting;
    const [first = { hz: [440], ms: TONE_MS }] = [...intro, ...loop];
    const alert = { ...first, ms: Math.min(TONE_MS, first.ms || TONE_MS) };
    this.#tone = { intro: [alert], loop: [], ...(level !== undefined && { level }) };
  }

  /** Two tones of different level, one after the other. Without data there is nothing to ask for. */
  start(): readonly CallWaitingEffect[] {
    const tone = { kind: 'tone', tone: this.#tone } as const;
    return this.#data === undefined ? [tone] : [tone, { kind: 'tone', tone: CAS }];
  }

  /** Whether the far end is neither heard nor hears. */
  get alone(): boolean {
    return this.#state !== 'done';
  }

  handle(input: CallWaitingInput, now: number): readonly CallWaitingEffect[] {
    if (this.#state === 'alerting' && input.kind === 'played') {
      if (this.#data === undefined) return this.#end();
      this.#state = 'awaiting';
      this.deadline = now + ACKNOWLEDGEMENT.within + THERE_AND_BACK;
    } else if (this.#state === 'awaiting' && input.kind === 'key') {
      if (this.#data === undefined || !ACKNOWLEDGEMENT.keys.includes(input.key)) return [];
      this.#state = 'telling';
      this.deadline = Number.POSITIVE_INFINITY;
      return [{ kind: 'data', samples: this.#data }];
    } else if (this.#state === 'telling' && input.kind === 'played') return this.#end();
    return now >= this.deadline ? this.#end() : [];
  }

  #end(): readonly CallWaitingEffect[] {
    if (this.#state === 'done') return [];
    this.#state = 'done';
    this.deadline = Number.POSITIVE_INFINITY;
    return [{ kind: 'done' }];
  }
}
