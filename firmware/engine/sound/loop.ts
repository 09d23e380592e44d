/**
 * The sound thread's loop: it blocks in the card and nowhere else. Capture is the clock: with each frame of the mouth
 * the media thread is woken, and what it answers is played. Until the first period is captured the media thread beats by
 * itself; without a microphone playback is the clock; without either the cards are tried again from time to time.
 *
 * Playback does not wait for the clock to begin: it asks for frames ahead, so that a tone is heard from its beginning.
 */
import { CapturePath } from './capture_path.ts';
import { BEATS, COMMAND, LEAD, REST, RUN, type SharedSound, WAKE } from './cells.ts';
import { type CardPcm, Device, type DeviceState } from './device.ts';
import { PlaybackPath } from './playback_path.ts';
import { SampleRing } from './ring.ts';

const FRAME = 160;
/** The media thread's answer to a frame comes within a millisecond; a busy machine is given more, ms. */
const ANSWER_MS = 8;
/** The same where the card would run dry meanwhile. */
const HURRIED_MS = 3;
/** Between two looks for the first period, ms. */
const LOOK_MS = 2;
/** Of a rehearsal: ms, and frames of silence that it plays. */
const REHEARSAL_MS = 100;
const REHEARSED = 4;

/** How the cards are used. */
export interface LoopOptions {
  /** ms between two wake-ups. */
  readonly periodMs: number;
  /** 0–1. */
  readonly sidetone: number;
  /** Absent: that direction is no card. */
  readonly input: (() => CardPcm) | undefined;
  readonly output: (() => CardPcm) | undefined;
  /** How long the media thread's answer to a frame is awaited, ms; absent: 8. */
  readonly answerMs?: number;
  /** Done in every turn: what else is the card's. */
  readonly tend?: () => void;
}

export class SoundLoop {
  readonly #cells: Int32Array;
  readonly #mouth: SampleRing;
  readonly #ear: SampleRing;
  readonly #capture: Device<CapturePath>;
  readonly #playback: Device<PlaybackPath>;
  readonly #tend: () => void;
  /** Under which it turns; another one ends that. */
  #command: typeof REST | typeof RUN = RUN;
  readonly #answerMs: number;

  constructor(shared: SharedSound, options: LoopOptions, tell: (state: DeviceState) => void) {
    const { input, output, periodMs, sidetone, answerMs = ANSWER_MS, tend = () => {} } = options;
    this.#cells = shared.cells;
    this.#mouth = new SampleRing(shared.mouth);
    this.#ear = new SampleRing(shared.ear);
    const capture = input && (() => new CapturePath(input(), this.#mouth, periodMs, performance.now()));
    const playback = output && (() => new PlaybackPath(output(), this.#ear, sidetone));
    this.#capture = new Device('input', capture, tell);
    this.#playback = new Device('output', playback, tell);
    this.#tend = tend;
    this.#answerMs = answerMs;
  }

  /**
   * Plays and hears a moment of silence, so that a first use finds everything loaded (libasound's configuration, the
   * drivers' code, filters), and tells of a card that is missing before somebody wants to talk. Whether all is well.
   */
  rehearse(): boolean {
    const silence = new Int16Array(FRAME);
    const end = performance.now() + REHEARSAL_MS;
    this.#command = REST;
    this.#ear.keep(0);
    for (let frame = 0; frame < REHEARSED; frame++) this.#ear.write(silence);
    do {
      this.#tend();
      this.#turn();
    } while (performance.now() < end && Atomics.load(this.#cells, COMMAND) === REST);
    const failing = this.#capture.failing || this.#playback.failing;
    this.#close();
    return !failing;
  }

  /** Until the command is another. */
  run(): void {
    this.#command = RUN;
    this.#ear.keep(0);
    while (Atomics.load(this.#cells, COMMAND) === RUN) {
      this.#tend();
      this.#turn();
    }
    this.#close();
  }

  #turn(): void {
    const now = performance.now();
    this.#playback.tick(now, () => 'playing');
    this.#capture.tick(now, () => 'capturing');
    this.#playback.attempt(now, this.#lead);
    if (this.#capture.opened !== undefined) this.#duplex(now);
    else if (this.#playback.opened !== undefined) this.#playOnly(now);
    else this.#pause(Math.min(this.#capture.deadline, this.#playback.deadline) - now);
  }

  readonly #lead = (path: PlaybackPath): void => {
    const wanted = path.wanted(performance.now());
    if (wanted === 0) return;
    const patience = path.begun ? Math.min(HURRIED_MS, this.#answerMs) : this.#answerMs;
    const answered = this.#wake(LEAD, wanted, patience);
    const now = performance.now();
    if (!answered) path.fill(now);
    else if (!path.begin(now)) path.flush(undefined, now);
  };

  #duplex(now: number): void {
    const frames = this.#capture.attempt(now, stepCapture);
    if (frames === undefined) return;
    if (frames > 0) this.#wake(BEATS, frames);
    else if (this.#capture.opened?.flowing === false) this.#pause(LOOK_MS);
    this.#playback.attempt(now, this.#answer);
    this.#report(now);
  }

  readonly #answer = (path: PlaybackPath): void => {
    path.flush(this.#capture.opened?.frame, performance.now());
  };

  #playOnly(now: number): void {
    this.#playback.attempt(now, this.#nextFrame);
    this.#report(now);
  }

  readonly #nextFrame = (path: PlaybackPath): void => {
    this.#pause(path.spare);
    this.#wake(BEATS, 1);
    const now = performance.now();
    if (!path.flush(undefined, now)) path.rest(now);
  };

  /** Asks the media thread for frames, by the clock or ahead of it, and gives it time; whether it answered. */
  #wake(cell: typeof BEATS | typeof LEAD, frames: number, patience = this.#answerMs): boolean {
    Atomics.add(this.#cells, cell, frames);
    Atomics.add(this.#cells, WAKE, 1);
    Atomics.notify(this.#cells, WAKE);
    return this.#playback.opened !== undefined && this.#ear.await(frames * FRAME, patience);
  }

  /** Sleeps, but hears a command. */
  #pause(ms: number): void {
    if (ms > 0) Atomics.wait(this.#cells, COMMAND, this.#command, ms);
  }

  #close(): void {
    this.#capture.close();
    this.#playback.close();
  }

  #report(now: number): void {
    this.#capture.count(this.#capture.opened?.xruns ?? 0, now);
    this.#playback.count(this.#playback.opened?.xruns ?? 0, now);
  }
}

const stepCapture = (path: CapturePath): number => path.step(performance.now());
