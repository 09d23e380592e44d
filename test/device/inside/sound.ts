/**
 * The other end of the sound card inside the guest: snd-aloop joins device 0, which the telephone has, to device 1, where
 * its sound is recorded and something is said to it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';

/** Samples a second, of 16 bits, mono: what the telephone chooses on such a card. */
export const RATE = 48_000;
const OCTETS_PER_MS = (RATE * 2) / 1000;
/** µs of a period, and of the buffer: the card's clock is the guest's timer tick, of 10 ms. */
const PERIOD = ['--period-time=20000', '--buffer-time=400000'];
const FORMAT = ['--quiet', '--file-type=raw', '--format=S16_LE', `--rate=${RATE}`, '--channels=1'];

export interface Recorded {
  /** ms of the guest's `performance.now()` at the first sample. */
  readonly startedAt: number;
  readonly ms: number;
}

/** What the telephone plays, from now on, silence included. */
export class Recorder {
  readonly #child: ChildProcess;
  readonly #file: number;
  #octets = 0;
  #startedAt = Number.POSITIVE_INFINITY;

  /** @param file of raw samples, which grows. */
  constructor(card: string, file: string) {
    this.#file = openSync(file, 'w');
    this.#child = spawn('arecord', [`--device=hw:CARD=${card},DEV=1`, ...FORMAT, ...PERIOD], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.#octets += chunk.length;
      this.#startedAt = Math.min(this.#startedAt, performance.now() - this.#octets / OCTETS_PER_MS);
      writeSync(this.#file, chunk);
    });
  }

  /** What is in the file by now, also for whoever reads it from outside of the guest. */
  recorded(): Recorded {
    fsyncSync(this.#file);
    return { startedAt: this.#startedAt, ms: this.#octets / OCTETS_PER_MS };
  }

  close(): void {
    this.#child.kill('SIGKILL');
    closeSync(this.#file);
  }
}

/** Says a file of raw samples to the telephone. */
export function say(card: string, file: string): ChildProcess {
  return spawn('aplay', [`--device=hw:CARD=${card},DEV=1`, ...FORMAT, ...PERIOD, file], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
