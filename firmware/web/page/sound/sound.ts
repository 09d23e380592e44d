/**
 * Everything that this page does with sound. Browsers let a page be heard only after a gesture, so the context
 * is made by `unlock` at the first click or key; microphone and ear work while the handset is lifted here.
 */
import { Bell } from './bell.ts';
import { installMeasuring, measuring } from './measure.ts';
import { INSECURE, type Microphone, openMicrophone, troubleOf } from './microphone.ts';
import workletAddress from './worklet.ts?worker&url';

export interface SoundState {
  /** Whether this page is the phone's handset. */
  readonly handset: 'off' | 'on' | 'taken';
  readonly microphone: Microphone;
  /** A gesture was made: the bell can be heard. */
  readonly unlocked: boolean;
}

interface Wire {
  sendFrame(frame: ArrayBuffer): void;
  sendSound(on: boolean): void;
  changed(state: SoundState): void;
}

export class Sound {
  readonly #wire: Wire;
  #state: SoundState = { handset: 'off', microphone: { state: 'off' }, unlocked: false };
  #context: AudioContext | undefined;
  #node: Promise<AudioWorkletNode> | undefined;
  #ear: MessagePort | undefined;
  #bell: Bell | undefined;
  #cadence: readonly number[] | null = null;
  #source: MediaStreamAudioSourceNode | undefined;
  /** Counts liftings, so that a microphone that comes late is not opened for a handset laid down. */
  #lifting = 0;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  /** Call it from a gesture. */
  unlock(): void {
    if (typeof AudioContext === 'undefined') return;
    this.#context ??= new AudioContext({ sampleRate: 48_000, latencyHint: 'interactive' });
    this.#bell ??= new Bell(this.#context);
    this.#bell.ring(this.#cadence);
    this.#wake();
    if (!this.#state.unlocked) this.#set({ unlocked: true });
  }

  ring(cadence: readonly number[] | null): void {
    this.#cadence = cadence;
    this.#bell?.ring(cadence);
    this.#wake();
  }

  /** Makes this page the handset. Call it from a gesture. */
  async lift(): Promise<void> {
    const lifting = ++this.#lifting;
    this.unlock();
    const context = this.#context;
    if (context === undefined || !window.isSecureContext || context.audioWorklet === undefined) {
      this.#set({ microphone: INSECURE });
      return;
    }
    this.#set({ handset: 'on', microphone: { state: 'asking' } });
    this.#wake();
    this.#wire.sendSound(true);
    try {
      const [node, stream] = await Promise.all([this.#open(context), openMicrophone(measuring)]);
      if (lifting !== this.#lifting) return stop(stream);
      this.#source = new MediaStreamAudioSourceNode(context, { mediaStream: stream });
      this.#source.connect(node);
      if (measuring) installMeasuring(context, this.#source, node);
      this.#set({ microphone: { state: 'on' } });
    } catch (error) {
      if (lifting === this.#lifting) this.#set({ microphone: troubleOf(error) });
    }
  }

  /** The handset is laid down: the microphone is closed, the browser's sign goes out. */
  layDown(): void {
    if (this.#state.handset === 'on') this.#wire.sendSound(false);
    this.#leave('off');
  }

  /** Another page is the handset now. */
  taken(): void {
    this.#leave('taken');
  }

  /** A frame for the ear; its buffer is given away. */
  hear(frame: ArrayBuffer): void {
    if (this.#state.handset === 'on') this.#ear?.postMessage(frame, [frame]);
  }

  /** The connection is new: the server has to hear again who is the handset. */
  reconnected(): void {
    if (this.#state.handset === 'on') this.#wire.sendSound(true);
  }

  #leave(handset: 'off' | 'taken'): void {
    this.#lifting++;
    this.#source?.disconnect();
    if (this.#source !== undefined) stop(this.#source.mediaStream);
    this.#source = undefined;
    this.#ear?.postMessage(null);
    this.#set({ handset, microphone: { state: 'off' } });
    this.#wake();
  }

  /** The sound card runs only while it is needed. */
  #wake(): void {
    const needed = this.#state.handset === 'on' || this.#cadence !== null;
    const context = this.#context;
    if (context !== undefined) void (needed ? context.resume() : context.suspend()).catch(() => {});
  }

  #open(context: AudioContext): Promise<AudioWorkletNode> {
    this.#node ??= this.#load(context).catch((error: unknown) => {
      this.#node = undefined;
      throw error;
    });
    return this.#node;
  }

  async #load(context: AudioContext): Promise<AudioWorkletNode> {
    await context.audioWorklet.addModule(workletAddress);
    const node = new AudioWorkletNode(context, 'handset', { outputChannelCount: [1] });
    node.port.onmessage = (message: MessageEvent<ArrayBuffer>) => {
      if (this.#state.handset === 'on') this.#wire.sendFrame(message.data);
    };
    node.connect(context.destination);
    this.#ear = node.port;
    return node;
  }

  #set(change: Partial<SoundState>): void {
    this.#state = { ...this.#state, ...change };
    this.#wire.changed(this.#state);
  }
}

function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
