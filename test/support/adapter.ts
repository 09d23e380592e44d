/**
 * An analog telephone adapter on a clock that jumps: the telephone's machine, the line's card with an analog telephone
 * on it, and the sound of both directions in frames of 20 ms. SIP is played by the test, through `desk`.
 */
import { AnalogLine as AgentLine } from '#agent/analog_line.ts';
import { AnalogLine as EngineLine } from '#engine/analog_line.ts';
import { LineCard, type LineCardEvent, type LineCardInput } from '#hal/parts/line_card.ts';
import { lineTimingsOf } from '#hal/parts/line_timings.ts';
import type { HalCommand, HalEvent } from '#hal/types.ts';
import { mixInto } from '#media/level.ts';
import { ToneGenerator } from '#media/tone.ts';
import { tonesOf } from '#media/tones_by_country.ts';
import type { EngineCommand } from '#media/types.ts';
import { Clock } from './clock.ts';
import { Desk } from './desk.ts';
import { frames } from './keys.ts';
import { LineModel } from './models/line_card.ts';
import { seededRandom } from './mutate.ts';

const FRAME = 160;
const FRAME_MS = 20;
/** Part of what the telephone is played that comes back from the line. */
const HYBRID = 0.25;

export class Adapter {
  readonly clock = new Clock();
  readonly desk: Desk;
  readonly telephone: LineModel;
  /** What the telephone's ear hears, 8 kHz, while there is sound at all. */
  readonly heard: number[] = [];
  /** What leaves for the far end. */
  readonly left: number[] = [];
  readonly keys: string[] = [];
  readonly #toCard: (input: LineCardInput) => void;
  readonly #agent: AgentLine;
  readonly #engine: EngineLine;
  #mouth: Int16Array[] = [];
  #echo = new Int16Array(FRAME);
  #tone: ToneGenerator | undefined;
  #inUse = false;
  #beating = false;

  constructor(country: string) {
    const { flash, coding, ringHertz, callerId } = lineTimingsOf(country);
    const { clock } = this;
    const loop = { flashMin: flash.min, flashMax: flash.max, coding };
    const card = new LineCard({ loop, ringHertz, callerId, powerDown: true });
    this.telephone = new LineModel({
      clock: { now: () => clock.now, after: (ms, action) => clock.after(ms, action) },
      random: seededRandom(60),
      shk: (closed) => this.#toCard({ kind: 'level', closed }),
      hertz: ringHertz,
      load: 'follows',
    });
    this.#engine = new EngineLine((event) => void this.#agent.engine(event));
    this.#agent = new AgentLine({
      country,
      command: (command) => this.#media(command),
      key: (event) => this.#up(event),
    });
    const tones = tonesOf(country);
    this.desk = new Desk({
      clock,
      tones,
      ring: tones.ring,
      watch: (effect) => {
        if (effect.kind === 'hal') this.#down(effect.command);
        else if (effect.kind === 'media') this.#media(effect.command);
      },
    });
    this.#toCard = clock.drive<LineCardInput, LineCardEvent>(card, (event) => this.#card(event));
    const status = { part: 'line-interface', state: 'ok', driver: 'model', note: '' } as const;
    this.#up({ kind: 'part', status });
    this.#toCard({ kind: 'level', closed: false });
    this.run(200);
  }

  run(ms: number): void {
    this.clock.run(ms);
  }

  /** The telephone's mouth says this, one frame after the other from now on. */
  say(samples: Int16Array): void {
    this.#mouth = [...frames(samples)];
  }

  /** The call's sound that comes now is this for the ear: always silence. */
  #frame(): void {
    const mouth = (this.#mouth.shift() ?? new Int16Array(FRAME)).slice();
    mixInto(mouth, this.#echo);
    if (!this.#inUse) mouth.fill(0);
    this.#engine.fromMouth(mouth, this.clock.now);
    this.left.push(...mouth);
    const ear = new Int16Array(FRAME);
    this.#tone?.addTo(ear);
    this.#engine.toEar(ear, this.clock.now);
    this.heard.push(...ear);
    this.#echo = ear.map((value) => value * HYBRID);
    this.#beating = false;
    this.#beat();
  }

  #beat(): void {
    if (this.#beating || !(this.#inUse || this.#engine.playing)) return;
    this.#beating = true;
    this.clock.after(FRAME_MS, () => this.#frame());
  }

  #media(command: EngineCommand): void {
    if (command.kind === 'line-keys') this.#engine.on = command.on;
    else if (command.kind === 'caller-id') this.#engine.tellCaller(command);
    else if (command.kind === 'tone') {
      const tone = this.#engine.tone(command.tone);
      this.#tone = tone && new ToneGenerator(tone);
    } else if (command.kind === 'handset') {
      this.#engine.hookMoved();
      this.#inUse = command.inUse;
    }
    this.#beat();
  }

  #down(command: HalCommand): void {
    if (command.kind === 'bell') {
      const { cadence, caller } = command;
      this.#toCard(cadence === undefined ? { kind: 'stop' } : { kind: 'ring', cadence, caller });
    } else if (command.kind === 'dialling' || command.kind === 'polarity' || command.kind === 'loop-break')
      this.#toCard(command);
  }

  #card(event: LineCardEvent): void {
    if (event.kind === 'pins') this.telephone.set(event.pins);
    else if (event.kind === 'digit')
      for (const down of [true, false]) this.#up({ kind: 'key', key: event.digit, down });
    else if (event.kind !== 'misdialled') this.#up(event);
  }

  #up(event: HalEvent): void {
    if (event.kind === 'key' && event.down) this.keys.push(event.key);
    this.#agent.hardware(event, new Date(2026, 10, 20, 4, 34));
    this.desk.give({ kind: 'hal', event });
  }
}
