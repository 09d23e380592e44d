/** The outside of the telephone: display, lamps, bell, ear, all as they follow from its state. */
import type { LampPattern, PartStatus, SoundRoute } from '#hal/types.ts';
import { toneOfKey } from '#media/dtmf.ts';
import type { DtmfKey, Tone } from '#media/types.ts';
import { TEST_TONE } from './features.ts';
import type { HandsetState } from './handset_states.ts';
import type { PhoneOptions } from './options.ts';
import { Outputs, type Wanted } from './outputs.ts';
import type { PhoneCall } from './phone_call.ts';
import { toneOfState } from './progress_tones.ts';
import { screen } from './screen.ts';
import { Selftest } from './selftest.ts';
import type { ServiceCall } from './service_call.ts';
import { callerId, lineWanted } from './subscriber_line.ts';
import { en } from './texts/en.ts';
import { filled, type Texts, translated } from './texts.ts';
import type {
  AccountStatus,
  Front,
  LocalAddresses,
  PhoneEffect,
  PhoneInput,
  PhoneNeighbour,
  ShownTime,
} from './types.ts';

const VOLUME_STEP = 0.1;
const NEVER = Number.POSITIVE_INFINITY;
/** ms: who comes at the full second shall find it full, although times are sums of fractions. */
const ROUNDING = 1e-3;
/** The sound of the call is heard here; while we hold it, it is not. */
const HEARS_CALL: ReadonlySet<HandsetState> = new Set(['ringback', 'early-media', 'talking']);
const SHOWS_TIMER: ReadonlySet<HandsetState> = new Set(['talking', 'holding']);

/** What the panel shows of the telephone. */
export interface Situation {
  readonly state: HandsetState;
  readonly offHook: boolean;
  readonly route: SoundRoute | undefined;
  readonly digits: string;
  readonly call: PhoneCall | undefined;
  readonly service: ServiceCall | undefined;
  readonly accounts: readonly AccountStatus[];
  readonly addresses: LocalAddresses;
  readonly statusLamp: LampPattern;
  /** An open phone book, instead of the state. */
  readonly book: readonly string[] | undefined;
}

export class Panel {
  /** Calls that rang or were refused while the handset was in use, since it was last lifted. */
  missed = 0;
  /** Undefined: nobody knows what time it is. */
  clock: ShownTime | undefined;
  readonly #options: PhoneOptions;
  readonly #texts: Texts;
  readonly selftest: Selftest;
  readonly #outputs = new Outputs();
  #extension: string;
  #neighbours: readonly PhoneNeighbour[] = [];
  #atRest = true;
  #volume = 1;
  #muted = false;
  /** Parts of the board that do not work. */
  readonly #faults = new Set<string>();
  #hook: Front['hook'] = 'on';
  #notice = { text: '', until: NEVER };
  /** What is shown after it. */
  #later: { readonly text: string; readonly ms: number } | undefined;
  /** When the call's timer on the display moves on. */
  #second = NEVER;

  constructor(options: PhoneOptions, texts: Texts) {
    this.#options = options;
    this.#texts = texts;
    this.selftest = new Selftest(texts);
    this.#extension = options.extension;
  }

  get deadline(): number {
    return Math.min(this.#notice.until, this.#second, this.selftest.deadline);
  }

  front(): Front {
    const { lines, lamps, bell } = this.#outputs.now;
    return { lines, lamps, hook: this.#hook, bell: bell ?? null, volume: this.#volume };
  }

  /** What the engine is told first: devices and volume. */
  start(): PhoneEffect[] {
    return [
      { kind: 'media', command: { kind: 'devices', devices: this.#options.audio } },
      this.turnVolume(0),
    ];
  }

  turnVolume(steps: number): PhoneEffect {
    const volume = Math.min(1, Math.max(0, this.#volume + steps * VOLUME_STEP));
    this.#volume = Math.round(volume * 10) / 10;
    return { kind: 'media', command: { kind: 'volume', ear: this.#volume } };
  }

  /** A part of the board works, or does not; what an operator shall know of it, for the log. */
  partIs({ part, state, driver, note }: PartStatus): PhoneEffect | undefined {
    const name = `${part} (${driver})`;
    if (state === 'failed') {
      this.#faults.add(part);
      return { kind: 'log', level: 'warn', text: `${name}: ${note}` };
    }
    return this.#faults.delete(part)
      ? { kind: 'log', level: 'info', text: `${name}: works again` }
      : undefined;
  }

  /** The mute key; who is not on the telephone has nothing to mute. */
  turnMute(): void {
    this.#muted = !this.#muted;
  }

  /** The tone of a key in the own ear, `ms` long. */
  keyTone(key: DtmfKey, ms: number): PhoneEffect {
    return this.#outputs.playOnce(toneOfKey(key, ms));
  }

  /**
   * A line that says why a call did not come about, in English as all say it that know no display; empty: none. Stays
   * until `until`.
   */
  notify(text: string, until = NEVER): void {
    this.#notice = { text: translated(text, this.#texts), until };
    this.#later = undefined;
  }

  /** Who is on the LAN. Whoever is new is shown once, `ms` long, to who is not on the telephone. */
  lan({ extension, neighbours, met }: Extract<PhoneInput, { kind: 'lan' }>, now: number, ms: number): void {
    this.#extension = extension;
    this.#neighbours = neighbours.filter(({ fresh }) => fresh);
    if (!this.#atRest || met.length === 0) return;
    const text = filled(en.newNeighbour, met.join(', '));
    // Nobody loses a warning to a visitor.
    if (this.#notice.text === '') this.notify(text, now + ms);
    else this.#later = { text, ms };
  }

  /** The handset rests: what there is to read goes after a while. */
  rest(until: number): void {
    if (this.#notice.text !== '') this.#notice.until = until;
  }

  /** Everything that has to change for `situation`. */
  show(situation: Situation, now: number): PhoneEffect[] {
    if (now >= this.#notice.until) {
      const { text, ms } = this.#later ?? { text: '', ms: NEVER };
      this.notify(text, now + ms);
    }
    this.#atRest = situation.state === 'idle';
    this.#hook = situation.offHook ? 'off' : 'on';
    this.#muted &&= situation.offHook;
    const tried = this.selftest.look(situation.state, now);
    return [...this.#outputs.become(this.selftest.over(this.#wanted(situation, now))), ...tried];
  }

  #wanted(situation: Situation, now: number): Wanted {
    const { state, offHook, route, call, service, statusLamp } = situation;
    const muted = this.#muted;
    const heard = call && !call.ended && call.agreed && HEARS_CALL.has(state);
    return {
      inUse: offHook,
      muted,
      route,
      session: heard ? call.id : undefined,
      echo: service?.number.service === 'echo',
      tone: this.#tone(state, service),
      bell: state === 'ringing' ? this.#options.ring : undefined,
      caller: state === 'ringing' && call ? callerId(call) : undefined,
      line: lineWanted(state, call),
      lamps: {
        status: statusLamp,
        line: lineLamp(state, offHook),
        ...(muted && { mute: 'on' }),
        ...(route !== undefined && route !== 'handset' && { [route]: 'on' }),
      },
      lines: situation.book ?? this.#lines(situation, now),
    };
  }

  #tone(state: HandsetState, service: ServiceCall | undefined): Tone | undefined {
    if (service?.number.service === 'tone') return TEST_TONE;
    // While dialling the last key's tone ends by itself.
    return state === 'dialling' ? this.#outputs.now.tone : toneOfState(state, this.#options.tones);
  }

  #lines(situation: Situation, now: number): readonly string[] {
    const { state, call, service, digits, accounts, addresses } = situation;
    const since = SHOWS_TIMER.has(state) ? call?.answeredAt : undefined;
    const seconds = since === undefined ? 0 : Math.floor((now - since + ROUNDING) / 1000);
    this.#second = since === undefined ? NEVER : since + (seconds + 1) * 1000;
    const { name } = this.#options;
    return screen({
      texts: this.#texts,
      state,
      name,
      extension: this.#extension,
      accounts,
      neighbours: this.#neighbours,
      addresses,
      digits,
      call: call && {
        name: call.name,
        peer: call.peer,
        keys: call.keys,
        answered: call.answeredAt !== undefined,
        seconds,
        heldByPeer: call.heldByPeer,
        trouble: call.trouble,
        muted: this.#muted,
      },
      service: service?.number,
      notice: this.#notice.text,
      missed: this.missed,
      clock: this.clock,
      faults: [...this.#faults],
    });
  }
}

function lineLamp(state: HandsetState, offHook: boolean): LampPattern {
  if (state === 'ringing' || state === 'holding') return 'slow';
  return offHook ? 'on' : 'off';
}
