/** The bell: two tones that take turns, switched by the phone's cadence. */

const HIGH_HZ = 1175;
const LOW_HZ = 932;
const WARBLE_HZ = 14;
const LOUDNESS = 0.12;
/** Seconds; shorter edges click. */
const EDGE = 0.006;

export class Bell {
  readonly #context: AudioContext;
  readonly #gain: GainNode;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #cadence = '';

  constructor(context: AudioContext) {
    this.#context = context;
    this.#gain = new GainNode(context, { gain: 0 });
    const tone = new OscillatorNode(context, { type: 'triangle', frequency: (HIGH_HZ + LOW_HZ) / 2 });
    const warble = new OscillatorNode(context, { type: 'square', frequency: WARBLE_HZ });
    const swing = new GainNode(context, { gain: (HIGH_HZ - LOW_HZ) / 2 });
    warble.connect(swing).connect(tone.frequency);
    tone.connect(this.#gain).connect(context.destination);
    tone.start();
    warble.start();
  }

  /** Milliseconds on, off, …, repeated; null: silence. */
  ring(cadence: readonly number[] | null): void {
    const named = cadence?.join() ?? '';
    if (named === this.#cadence) return;
    this.#cadence = named;
    clearTimeout(this.#timer);
    if (cadence === null || cadence.length === 0) this.#sound(false);
    else this.#step(cadence, 0);
  }

  #step(cadence: readonly number[], index: number): void {
    this.#sound(index % 2 === 0);
    const next = (index + 1) % (cadence.length + (cadence.length % 2));
    this.#timer = setTimeout(() => this.#step(cadence, next), Math.max(20, cadence[index] ?? 20));
  }

  #sound(on: boolean): void {
    this.#gain.gain.setTargetAtTime(on ? LOUDNESS : 0, this.#context.currentTime, EDGE);
  }
}
