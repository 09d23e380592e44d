/**
 * The analog telephone whose line is mouth and ear of this engine: its keys are heard and silenced, so that they leave
 * as events alone; and it is told who calls, on the hook or in a call.
 *
 *   mouth → detector ─┬→ line-key              ear: the call, or alone what tells of a caller
 *                     └→ silence while suspicious → session
 *
 * Of a key 0 to 23 ms get through before its sound is suspicious: less than any detector takes for a key.
 */
import { type CallWaitingEffect, CallWaitingId } from '#media/call_waiting_id.ts';
import { callerIdSound } from '#media/caller_id.ts';
import { isKeyTone } from '#media/dtmf.ts';
import { DtmfDetector, type DtmfEvent } from '#media/dtmf_detector.ts';
import { ToneGenerator } from '#media/tone.ts';
import type { EngineCommand, EngineEvent, Tone } from '#media/types.ts';

const RATE = 8000;
/** ms of silence around what is played: a card that is just opened swallows the beginning, a closed one the end. */
const AROUND = { before: 40, after: 200 };
/** Frames for which a key that the ear has heard is not believed from the mouth: the line gives back what it gets. */
const ECHO_FRAMES = 10;

type CallerIdCommand = EngineCommand & { readonly kind: 'caller-id' };

export class AnalogLine {
  readonly #tell: (event: EngineEvent) => void;
  readonly #mouth = new DtmfDetector();
  readonly #ear = new DtmfDetector();
  #on = false;
  /** The key that was told to be down. */
  #told = '';
  #earKey = '';
  #earKeyAge = 0;
  /** What is played alone, one after the other. */
  #queue: Int16Array[] = [];
  #at = 0;
  #waiting: CallWaitingId | undefined;

  constructor(tell: (event: EngineEvent) => void) {
    this.#tell = tell;
  }

  set on(on: boolean) {
    if (on === this.#on) return;
    this.#on = on;
    this.#mouth.reset();
    this.#ear.reset();
  }

  /** Whether something is to be played, also to a telephone on the hook. */
  get playing(): boolean {
    return this.#queue.length > 0;
  }

  /** The tone that shall be heard. A key's own sound comes from the telephone: from here it would come back as a key. */
  tone(tone: Tone | undefined): Tone | undefined {
    if (!this.#on) return tone;
    const heard = tone !== undefined && isKeyTone(tone) ? undefined : tone;
    this.#mouth.dialTone = heard !== undefined;
    return heard;
  }

  tellCaller(command: CallerIdCommand): void {
    const { scheme, country, caller, time, hook } = command;
    if (hook === 'on') {
      this.#waiting = undefined;
      this.#queue = [silence(AROUND.before), callerIdSound(scheme, country, caller, time)];
      this.#queue.push(silence(AROUND.after));
      this.#at = 0;
    } else if (this.#waiting === undefined) {
      this.#waiting = new CallWaitingId({ scheme, country, caller, time });
      this.#obey(this.#waiting.start());
    }
  }

  /** The telephone was lifted or put down: what it was being told is over. */
  hookMoved(): void {
    this.#queue = [];
    this.#waiting = undefined;
    this.#mouth.reset();
  }

  /** 20 ms from the telephone: keys are told, and nothing of them is left. */
  fromMouth(frame: Int16Array, now: number): void {
    if (!this.#on) return;
    for (const event of this.#mouth.read(frame)) this.#key(event, now);
    if (this.#mouth.suspicious || this.#waiting?.alone) frame.fill(0);
    this.#obey(this.#waiting?.handle({ kind: 'tick' }, now) ?? []);
  }

  /** 20 ms to the telephone: the call, in whose place stands what is told of a caller. */
  toEar(frame: Int16Array, now: number): void {
    if (this.#on) this.#hear(frame);
    if (this.#waiting?.alone || this.playing) frame.fill(0);
    if (!this.playing) return;
    for (let from = 0; from < frame.length && this.playing; ) {
      const samples = this.#queue[0] ?? frame;
      const part = samples.subarray(this.#at, this.#at + frame.length - from);
      frame.set(part, from);
      from += part.length;
      this.#at += part.length;
      if (this.#at < samples.length) break;
      this.#queue.shift();
      this.#at = 0;
    }
    if (!this.playing) this.#obey(this.#waiting?.handle({ kind: 'played' }, now) ?? []);
  }

  #hear(frame: Int16Array): void {
    this.#earKeyAge++;
    for (const event of this.#ear.read(frame)) {
      this.#earKey = event.key;
      this.#earKeyAge = event.kind === 'down' ? Number.NEGATIVE_INFINITY : 0;
    }
  }

  #key(event: DtmfEvent, now: number): void {
    const { kind, key } = event;
    const isEcho = key === this.#earKey && this.#earKeyAge < ECHO_FRAMES;
    if (kind === 'down' ? isEcho : key !== this.#told) return;
    this.#told = kind === 'down' ? key : '';
    if (kind === 'down' && this.#waiting !== undefined)
      this.#obey(this.#waiting.handle({ kind: 'key', key }, now));
    this.#tell({ kind: 'line-key', key, down: kind === 'down' });
  }

  #obey(effects: readonly CallWaitingEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'tone') this.#queue.push(played(effect.tone));
      else if (effect.kind === 'data') this.#queue.push(effect.samples);
      else this.#waiting = undefined;
    }
  }
}

function silence(ms: number): Int16Array {
  return new Int16Array((ms * RATE) / 1000);
}

function played(tone: Tone): Int16Array {
  const samples = silence(tone.intro.reduce((sum, { ms }) => sum + ms, 0));
  new ToneGenerator(tone).addTo(samples);
  return samples;
}
