/**
 * One direction of a sound card: mono, 16 bits, blocking. Start is by hand, underruns and overruns are counted and
 * recovered; what cannot be recovered in a few tries is reported as a device that is gone, never tried for ever (a
 * sound server that dies makes libasound fail at once, millions of times a second).
 */
import type { Alsa, Handle, Out } from './alsa.ts';

const PLAYBACK = 0;
const CAPTURE = 1;
const RW_INTERLEAVED = 3;
const S16_LE = 2;
const EPIPE = -32;
const ESTRPIPE = -86;
const ENODATA = -61;
const EBADFD = -77;
/**
 * Playback that has this much starts by itself, ms: sound servers take it for what has to be there again before they
 * go on after they ran dry, and tell nobody.
 */
const START_MS = 20;
/** Failures in a row after which a device is gone. */
const PATIENCE = 3;
/** A device that gives no period for so long is gone, ms. */
const STUCK_MS = 1000;
/** In this order, as far as the card has them itself: ratios to 8 kHz that are whole first. */
const RATES = [48_000, 16_000, 8000, 32_000, 24_000, 96_000, 44_100, 22_050, 11_025];

export interface PcmOptions {
  /** An ALSA name; `plughw:CARD=id` for a card. */
  readonly name: string;
  readonly direction: 'capture' | 'playback';
  /** ms of a period and how many make the buffer; the card may choose near ones. */
  readonly periodMs: number;
  readonly periods: number;
}

/** A device that cannot be used, with the reason and what to do. */
export class PcmError extends Error {
  readonly code = 'PCM_UNUSABLE';
}

const ADVICE: Readonly<Record<number, string>> = {
  [-2]: 'no such device; "aplay -L" lists the names',
  [-19]: 'no such card; is it plugged in?',
  [-16]: 'in use by another program',
  [-13]: 'not permitted; add this user to the group "audio"',
  [-111]: 'the sound server does not run',
  [-22]: 'it takes no 16-bit mono sound; put "plug" before its name',
};

export class Pcm {
  readonly name: string;
  /** Samples a second, in a period and in the buffer, as the card has them. */
  readonly rate: number;
  readonly period: number;
  readonly buffer: number;
  readonly #alsa: Alsa;
  readonly #pcm: Handle;
  readonly #direction: PcmOptions['direction'];
  readonly #delay = [0];
  #failures = 0;
  #closed = false;
  /** Overruns or underruns. */
  xruns = 0;

  /** @throws PcmError */
  constructor(alsa: Alsa, { name, direction, periodMs, periods }: PcmOptions) {
    this.#alsa = alsa;
    this.name = name;
    this.#direction = direction;
    const out: Out<Handle> = [null];
    const result = alsa.pcmOpen(out, name, direction === 'capture' ? CAPTURE : PLAYBACK, 0);
    const [pcm] = out;
    if (result < 0 || !pcm) throw this.#error(result);
    this.#pcm = pcm;
    try {
      this.rate = this.#allocated(alsa.hwParamsMalloc, alsa.hwParamsFree, (params) =>
        this.#setHardware(params, periodMs, periods),
      );
      [this.period, this.buffer] = this.#sizes;
      this.#allocated(alsa.swParamsMalloc, alsa.swParamsFree, (params) => this.#setSoftware(params));
      this.prepare();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #sizes: [period: number, buffer: number] = [0, 0];

  /** Ready to be filled and started. @throws PcmError */
  prepare(): void {
    this.#check(this.#alsa.pcmPrepare(this.#pcm));
  }

  /** Forgets what was not played; to be filled and started again. @throws PcmError */
  empty(): void {
    this.#alsa.pcmDrop(this.#pcm);
    this.prepare();
  }

  /** Nothing where it has started by itself. @throws PcmError */
  start(): void {
    const result = this.#alsa.pcmStart(this.#pcm);
    if (result !== EBADFD) this.#check(result);
  }

  /** Waits for `count` samples; 0 when some were lost and it begins anew. @throws PcmError when it is gone. */
  read(into: Int16Array, count: number): number {
    if (this.#alsa.pcmWait(this.#pcm, STUCK_MS) === 0) throw new PcmError(`${this.name}: gives no sound`);
    const result = Number(this.#alsa.pcmReadi(this.#pcm, into, count));
    if (result > 0) {
      this.#failures = 0;
      return result;
    }
    this.#recover(result);
    this.start();
    return 0;
  }

  /**
   * Writes `count` samples, waiting for room. False after an underrun: nothing was written, and it has to be filled
   * and started. @throws PcmError when it is gone.
   */
  write(from: Int16Array, count: number): boolean {
    const result = Number(this.#alsa.pcmWritei(this.#pcm, from, count));
    if (result > 0) {
      this.#failures = 0;
      return true;
    }
    this.#recover(result);
    return false;
  }

  /** Samples captured and not read yet, or room for so many: all of the buffer after an underrun. @throws PcmError */
  waiting(): number {
    const available = Number(this.#alsa.pcmAvailUpdate(this.#pcm));
    if (available >= 0) return available;
    // An overrun is found, and counted, by the next read; an underrun by whoever finds nothing left to play.
    if (this.#direction === 'capture') return 0;
    this.prepare();
    return this.buffer;
  }

  /** Samples until what is written now is heard, or since what is read now was spoken. */
  delay(): number {
    return this.#alsa.pcmDelay(this.#pcm, this.#delay) < 0 ? 0 : Number(this.#delay[0]);
  }

  /** At once: what was not played is forgotten. May be called again. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#alsa.pcmDrop(this.#pcm);
    this.#alsa.pcmClose(this.#pcm);
  }

  #recover(result: number): void {
    const isLoss = result === EPIPE || result === ESTRPIPE || result === ENODATA;
    if (isLoss) this.xruns++;
    if (!isLoss || ++this.#failures > PATIENCE) throw this.#error(result);
    this.prepare();
  }

  #setHardware(params: Handle, periodMs: number, periods: number): number {
    const alsa = this.#alsa;
    const pcm = this.#pcm;
    this.#check(alsa.hwParamsAny(pcm, params));
    // The plug layer's own conversion of rates is linear; ours is not.
    alsa.hwParamsSetRateResample(pcm, params, 0);
    this.#check(alsa.hwParamsSetAccess(pcm, params, RW_INTERLEAVED));
    this.#check(alsa.hwParamsSetFormat(pcm, params, S16_LE));
    this.#check(alsa.hwParamsSetChannels(pcm, params, 1));
    const rate = [RATES.find((each) => alsa.hwParamsTestRate(pcm, params, each, 0) === 0) ?? 48_000];
    this.#check(alsa.hwParamsSetRateNear(pcm, params, rate, null));
    const [chosen = 48_000] = rate.map(Number);
    const period = [Math.round((chosen * periodMs) / 1000)];
    const buffer = [(period[0] ?? 0) * periods];
    this.#check(alsa.hwParamsSetPeriodSizeNear(pcm, params, period, null));
    this.#check(alsa.hwParamsSetBufferSizeNear(pcm, params, buffer));
    this.#check(alsa.hwParams(pcm, params));
    this.#sizes = [Number(period[0]), Number(buffer[0])];
    return chosen;
  }

  #setSoftware(params: Handle): void {
    const alsa = this.#alsa;
    this.#check(alsa.swParamsCurrent(this.#pcm, params));
    this.#check(alsa.swParamsSetStartThreshold(this.#pcm, params, Math.round((this.rate * START_MS) / 1000)));
    this.#check(alsa.swParamsSetAvailMin(this.#pcm, params, this.#sizes[0]));
    this.#check(alsa.swParams(this.#pcm, params));
  }

  #allocated<T>(
    allocate: (out: Out<Handle>) => number,
    free: (params: Handle) => void,
    use: (params: Handle) => T,
  ): T {
    const out: Out<Handle> = [null];
    this.#check(allocate(out));
    const [params] = out;
    if (!params) throw this.#error(-12);
    try {
      return use(params);
    } finally {
      free(params);
    }
  }

  #check(result: number): void {
    if (result < 0) throw this.#error(result);
  }

  #error(result: number): PcmError {
    return new PcmError(`${this.name}: ${ADVICE[result] ?? this.#alsa.strerror(result)}`);
  }
}
