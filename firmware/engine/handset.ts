/** The handset: mouth and ear on the devices that the configuration names, with volume, muting and progress tones. */
import { mixInto, scale } from '#media/level.ts';
import { ToneGenerator } from '#media/tone.ts';
import type { AudioDevices, EngineEvent, Tone } from '#media/types.ts';
import { NOWHERE, openSink, type Sink } from './sinks.ts';
import { openSource, SILENCE, type Source } from './sources.ts';
import type { WebSound } from './web_sound.ts';

const FRAME = 160;

export class Handset {
  readonly #web: WebSound;
  readonly #tell: (event: EngineEvent) => void;
  readonly mouth = new Int16Array(FRAME);
  readonly ear = new Int16Array(FRAME);
  readonly #tone = new Int16Array(FRAME);
  #devices: AudioDevices = { input: 'silence', output: 'null' };
  #source: Source = SILENCE;
  #sink: Sink = NOWHERE;
  #generator: ToneGenerator | undefined;
  #inUse = false;
  #recorded = '';
  volume = 1;
  muted = false;

  constructor(web: WebSound, tell: (event: EngineEvent) => void) {
    this.#web = web;
    this.#tell = tell;
  }

  get inUse(): boolean {
    return this.#inUse;
  }

  /** Names the devices; they are opened when the handset is in use. */
  setDevices(devices: AudioDevices): void {
    const inUse = this.#inUse;
    this.setInUse(false);
    this.#devices = devices;
    this.setInUse(inUse);
  }

  setInUse(inUse: boolean): void {
    if (inUse === this.#inUse) return;
    this.#inUse = inUse;
    if (inUse) this.#open();
    else this.#close();
  }

  /** A call (or the echo) is heard from now on; recordings begin anew where it is another than before. */
  beginCall(name: string): void {
    if (!this.#inUse || name === this.#recorded) return;
    this.#recorded = name;
    this.#source.restart();
    this.#sink.beginCall();
  }

  /** This call is over; what is heard now is no part of it. */
  endCall(name: string): void {
    if (name !== this.#recorded) return;
    this.#recorded = '';
    this.#sink.endCall();
  }

  play(tone: Tone | undefined): void {
    this.#generator = tone === undefined ? undefined : new ToneGenerator(tone);
  }

  /** Fills `mouth` with the next frame; silence while muted or at rest. */
  readMouth(): void {
    if (!this.#inUse) {
      this.mouth.fill(0);
      return;
    }
    this.#source.read(this.mouth);
    if (this.muted) this.mouth.fill(0);
  }

  /** Plays `ear`, which holds the call, with tone and volume. */
  writeEar(): void {
    if (!this.#inUse) return;
    if (this.#generator !== undefined) {
      this.#tone.fill(0);
      this.#generator.addTo(this.#tone);
      mixInto(this.ear, this.#tone);
    }
    scale(this.ear, this.volume);
    this.#sink.write(this.ear);
  }

  close(): void {
    this.setInUse(false);
  }

  #open(): void {
    const { input, output } = this.#devices;
    this.#source = this.#tried('input', input, () => openSource(input, this.#web)) ?? SILENCE;
    const failed = (note: string) => this.#tellState('output', 'failed', note);
    this.#sink = this.#tried('output', output, () => openSink(output, this.#web, failed)) ?? NOWHERE;
  }

  #close(): void {
    this.#sink.close();
    this.#source = SILENCE;
    this.#sink = NOWHERE;
    this.#generator = undefined;
    this.#recorded = '';
  }

  #tried<T>(part: 'input' | 'output', name: string, open: () => T): T | undefined {
    try {
      const opened = open();
      this.#tellState(part, 'ok', name);
      return opened;
    } catch (error) {
      this.#tellState(part, 'failed', error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  #tellState(part: 'input' | 'output', state: 'ok' | 'failed', note: string): void {
    this.#tell({ kind: 'device', part, state, note });
  }
}
