/**
 * The sound thread's loop: it blocks in the card and nowhere else. Capture is the clock: with each frame of the mouth
 * the media thread is woken, and what it answers is played. Without a microphone playback is the clock; without
 * either the media thread beats by itself, and the cards are tried again from time to time.
 */
import { CapturePath } from './capture_path.ts';
import { BEATS, COMMAND, OVERRUNS, PLAYBACK_DELAY, RUN, type SharedSound, UNDERRUNS } from './cells.ts';
import { type CardPcm, Device, type DeviceState } from './device.ts';
import { PlaybackPath } from './playback_path.ts';
import { SampleRing } from './ring.ts';

const FRAME = 160;
/** The media thread's answer to a frame comes within a millisecond; a busy machine is given more, ms. */
const ANSWER_MS = 8;

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
  readonly #answerMs: number;

  constructor(shared: SharedSound, options: LoopOptions, tell: (state: DeviceState) => void) {
    const { input, output, periodMs, sidetone, answerMs = ANSWER_MS, tend = () => {} } = options;
    this.#cells = shared.cells;
    this.#mouth = new SampleRing(shared.mouth);
    this.#ear = new SampleRing(shared.ear);
    const capture = input && (() => new CapturePath(input(), this.#mouth, periodMs));
    const playback = output && (() => new PlaybackPath(output(), this.#ear, sidetone));
    this.#capture = new Device('input', capture, tell);
    this.#playback = new Device('output', playback, tell);
    this.#tend = tend;
    this.#answerMs = answerMs;
  }

  /** Until the command is another. */
  run(): void {
    this.#ear.keep(0);
    while (Atomics.load(this.#cells, COMMAND) === RUN) {
      this.#turn();
      this.#tend();
    }
    this.#capture.close();
    this.#playback.close();
  }

  #turn(): void {
    const now = performance.now();
    this.#playback.tick(now, () => 'playing');
    this.#capture.tick(now, () => 'capturing');
    if (this.#capture.opened !== undefined) this.#duplex(now);
    else if (this.#playback.opened !== undefined) this.#playOnly(now);
    else this.#pause(Math.min(this.#capture.deadline, this.#playback.deadline) - now);
  }

  #duplex(now: number): void {
    const frames = this.#capture.attempt(now, stepCapture);
    if (frames === undefined) return;
    if (frames > 0) this.#beat(frames);
    this.#playback.attempt(now, this.#answer);
    this.#report();
  }

  readonly #answer = (path: PlaybackPath): void => {
    const now = performance.now();
    if (!path.flush(this.#capture.opened?.frame, now)) path.fill(now);
  };

  #playOnly(now: number): void {
    this.#playback.attempt(now, this.#nextFrame);
    this.#report();
  }

  readonly #nextFrame = (path: PlaybackPath): void => {
    this.#pause(path.spare);
    this.#beat(1);
    const now = performance.now();
    if (!path.flush(undefined, now)) path.rest(now);
  };

  /** Wakes the media thread and gives it time to answer. */
  #beat(frames: number): void {
    Atomics.add(this.#cells, BEATS, frames);
    Atomics.notify(this.#cells, BEATS);
    if (this.#playback.opened !== undefined) this.#ear.await(frames * FRAME, this.#answerMs);
  }

  /** Sleeps, but hears a command. */
  #pause(ms: number): void {
    if (ms > 0) Atomics.wait(this.#cells, COMMAND, RUN, ms);
  }

  #report(): void {
    const playback = this.#playback.opened;
    Atomics.store(this.#cells, OVERRUNS, this.#capture.opened?.xruns ?? 0);
    Atomics.store(this.#cells, UNDERRUNS, playback?.xruns ?? 0);
    Atomics.store(this.#cells, PLAYBACK_DELAY, Math.round(playback?.delay ?? 0));
  }
}

const stepCapture = (path: CapturePath): number => path.step();
