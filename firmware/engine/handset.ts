/**
 * The handset: mouth and ear on the devices that the configuration names, with volume, muting, progress tones and the
 * bell. ALSA's devices are one `SoundCard`, which nobody else opens.
 */
import { mixInto, scale } from '#media/level.ts';
import { Ringer } from '#media/ringer.ts';
import { ToneGenerator } from '#media/tone.ts';
import type { AudioDevices, EngineEvent, RingSound, SoundRoute, Tone } from '#media/types.ts';
import type { AnalogLine } from './analog_line.ts';
import { NOWHERE, openSink, type Sink } from './sinks.ts';
import { SoundCard } from './sound/sound_card.ts';
import { isCardName, openRecording, openSource, SILENCE, type Source } from './sources.ts';
import type { WebSound } from './web_sound.ts';

const FRAME = 160;
/** ms for which it rings on after a sign of life of the main thread, which alone knows when to stop. */
const RINGS_ON = 1000;

export class Handset {
  readonly #web: WebSound;
  readonly #tell: (event: EngineEvent) => void;
  readonly #beat: (frames: number) => void;
  readonly mouth = new Int16Array(FRAME);
  readonly ear = new Int16Array(FRAME);
  readonly #tone = new Int16Array(FRAME);
  #devices: AudioDevices = { input: 'silence', output: 'null' };
  #source: Source = SILENCE;
  #sink: Sink = NOWHERE;
  #generator: ToneGenerator | undefined;
  #ringer: Ringer | undefined;
  #card: SoundCard | undefined;
  #route: SoundRoute = 'handset';
  #inUse = false;
  #standsBy = false;
  #open = false;
  #recorded = '';
  #volume = 1;
  muted = false;
  /** Has the last word on what the ear hears. */
  line: Pick<AnalogLine, 'playing' | 'toEar'> | undefined;

  /** `beat`: a sound card has counted so many frames, and is the clock while it does. */
  constructor(web: WebSound, tell: (event: EngineEvent) => void, beat: (frames: number) => void = () => {}) {
    this.#web = web;
    this.#tell = tell;
    this.#beat = beat;
  }

  /** Whether it needs its frames: somebody holds it, it rings, or its line plays. */
  get active(): boolean {
    return this.#inUse || this.#ringer !== undefined || this.line?.playing === true;
  }

  /** 0–1. */
  set volume(volume: number) {
    this.#volume = volume;
    if (this.#card !== undefined) this.#card.volume = volume;
  }

  /** Names the devices; they are opened when the handset is in use or rings. */
  setDevices(devices: AudioDevices): void {
    this.#setOpen(false);
    this.#card?.close();
    this.#devices = devices;
    this.#card = this.#cardOf(devices);
    if (this.#standsBy) this.#card?.standBy();
    this.#setOpen(this.active);
  }

  /** From now on a card can be used at once: what that takes is loaded. */
  standBy(): void {
    this.#standsBy = true;
    this.#card?.standBy();
  }

  setInUse(inUse: boolean): void {
    if (inUse === this.#inUse) return;
    this.#inUse = inUse;
    if (!inUse) {
      this.#generator = undefined;
      this.#sink.endCall();
      this.#recorded = '';
    }
    this.#setOpen(this.active);
  }

  /** Rings through the sound card; where the ear is none, something else is the bell. */
  ring(ring: RingSound | undefined): void {
    this.#ringer = undefined;
    if (ring !== undefined && isCardName(this.#devices.output)) {
      const { sound } = ring;
      const recording = sound && this.#tried('output', sound, () => openRecording(sound));
      this.#ringer = new Ringer(ring.cadence, recording || undefined);
      this.stillRings();
    }
    this.#setOpen(this.active);
  }

  /** Who made it ring lives. */
  stillRings(): void {
    this.#ringer?.allow(RINGS_ON);
  }

  /** The line plays, or no longer. */
  lineChanged(): void {
    this.#setOpen(this.active);
  }

  set route(route: SoundRoute) {
    this.#route = route;
    if (this.#card !== undefined) this.#card.route = route;
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

  /** Plays `ear`, which holds the call, with tone, volume and bell. `now`: ms. */
  writeEar(now = performance.now()): void {
    if (!this.#open) return;
    if (!this.#inUse) this.ear.fill(0);
    if (this.#generator !== undefined) {
      this.#tone.fill(0);
      this.#generator.addTo(this.#tone);
      mixInto(this.ear, this.#tone);
    }
    if (!this.#mixerHasVolume()) scale(this.ear, this.#volume);
    this.#ringer?.addTo(this.ear);
    this.line?.toEar(this.ear, now);
    this.#sink.write(this.ear);
  }

  close(): void {
    this.#ringer = undefined;
    this.setInUse(false);
    this.#setOpen(false);
    this.#card?.close();
    this.#card = undefined;
  }

  /** Tones and bell go on ahead of the clock; of the call there is nothing yet. */
  #lead(frames: number): void {
    for (let n = 0; n < frames; n++) {
      this.ear.fill(0);
      this.writeEar();
    }
  }

  #setOpen(open: boolean): void {
    if (open === this.#open) return;
    this.#open = open;
    if (open) this.#openDevices();
    else this.#closeDevices();
  }

  #openDevices(): void {
    const { input, output } = this.#devices;
    const card = this.#card;
    const failed = (note: string) => this.#tellState('output', 'failed', note);
    this.#source = isCardName(input)
      ? (card?.source ?? SILENCE)
      : (this.#tried('input', input, () => openSource(input, this.#web)) ?? SILENCE);
    this.#sink = isCardName(output)
      ? (card?.sink ?? NOWHERE)
      : (this.#tried('output', output, () => openSink(output, this.#web, failed)) ?? NOWHERE);
    card?.start();
  }

  #closeDevices(): void {
    this.#card?.rest();
    this.#sink.close();
    this.#source = SILENCE;
    this.#sink = NOWHERE;
  }

  /** The card of the devices that are ALSA's; it tells by itself whether they can be used. */
  #cardOf({ input, output, sound = {} }: AudioDevices): SoundCard | undefined {
    if (!isCardName(input) && !isCardName(output)) return undefined;
    const card = new SoundCard({
      input: isCardName(input) ? input : undefined,
      output: isCardName(output) ? output : undefined,
      setup: sound,
      tell: ({ part, state, note }) => this.#tellState(part, state, note),
      beat: this.#beat,
      lead: (frames) => this.#lead(frames),
    });
    card.route = this.#route;
    card.volume = this.#volume;
    return card;
  }

  #mixerHasVolume(): boolean {
    return this.#devices.sound?.mixer?.routes[this.#route]?.volume !== undefined;
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
