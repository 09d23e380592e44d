/**
 * Hears the keys of a push-button telephone in sound (ITU-T Q.23, Q.24). Blocks of 102 samples, as in most detectors
 * of the field: short enough for a key of 40 ms to fill two, long enough to part the frequencies.
 *
 *   sound     ____/~~~~~~~ key, 40 ms ~~~~~~~\____
 *   blocks   |      |      |      |      |      |      12.75 ms each
 *             no     maybe  key ▲   …      no     no  ▲ three misses: up
 *                               down
 *
 * A block is suspicious when two tones, one of each group, hold most of its energy. The key is down when two of them in
 * a row agree, when the phase from one to the next says that both tones have the right frequency, and when what was
 * heard is long enough. The tests of level, twist and share come after correction by that frequency. So speech, which
 * for moments sounds like anything, is no key: its frequencies never stay.
 *
 * Frequencies and twist are taken from the block under a Hann window, where the stronger tone does not leak into the
 * weaker one; shares from the plain block, where half a block of tone counts as half.
 */
import { COLUMNS_HZ, PAD, ROWS_HZ } from './dtmf.ts';
import { captured, deviation, Goertzel, HANN, hannWindow, type Parts, RECTANGLE } from './goertzel.ts';
import { HighPass } from './high_pass.ts';
import { amplitudeOf } from './level.ts';
import type { DtmfKey } from './types.ts';

export type DtmfEvent =
  | { readonly kind: 'down'; readonly key: DtmfKey }
  /** `ms` for which it was heard, to a block. */
  | { readonly kind: 'up'; readonly key: DtmfKey; readonly ms: number };

const RATE = 8000;
const BLOCK = 102;
const BLOCK_MS = (BLOCK * 1000) / RATE;
const MISSES_TO_END = 3;
/** Energy of the weakest tone of a pair, -45 dBm0 for a block. */
const WEAKEST = (amplitudeOf(-45) ** 2 * BLOCK) / 2;
/** Of the block's energy: to be suspicious, and to be a key at its true frequencies, however the line hisses. */
const SHARE = { suspicious: 0.6, key: 0.78 };
/**
 * Rows may be 8 dB above columns, for lines weaken these more, columns 4 dB above rows; as ratios of energy. Before
 * their frequencies are known, tones may be 3 dB more apart.
 */
const TWIST = { rows: 10 ** 0.8, columns: 10 ** 0.4, slack: 2 };
/** Ratio of energy to the second best of the group: 5 dB, for the other group leaks into it; frequency decides later. */
const PEAK = 10 ** 0.5;
/** Of the frequency: 1.5 % and 2 Hz must be accepted, 3.5 % rejected. */
const OFF = 0.022;
/** Blocks' worth of sound: 23 ms must be rejected, at 40 ms there are three. */
const LONG_ENOUGH = 1.86;

const WINDOW = hannWindow(BLOCK);
const HZ = [...ROWS_HZ, ...COLUMNS_HZ];
const NONE = -1;
const NOTHING: readonly DtmfEvent[] = [];

export class DtmfDetector {
  readonly #goertzel = new Goertzel(HZ, RATE);
  readonly #block = new Float64Array(BLOCK);
  readonly #highPass = new HighPass();
  #filled = 0;
  #now: Parts = this.#goertzel.empty();
  /** Under the window, of suspicious blocks only. */
  readonly #windowed = new Float64Array(BLOCK);
  #sharpNow: Parts = this.#goertzel.empty();
  #sharpBefore: Parts = this.#goertzel.empty();
  #before: Parts = this.#goertzel.empty();
  /** Place on the pad of the two strongest tones, and for how many blocks' worth of sound they have been it. */
  #strongest = NONE;
  #worth = 0;
  /** Place on the pad; NONE: the last block was not suspicious. */
  #suspect = NONE;
  #down = NONE;
  #heard = 0;
  #misses = 0;
  /**
   * A dial tone is being played into the same line and comes back: what is below 600 Hz is left out. Not for
   * conversations, where it is what tells speech from keys.
   */
  dialTone = false;

  /** Whether a key is down or the newest block sounds like one. */
  get suspicious(): boolean {
    return this.#down !== NONE || this.#suspect !== NONE;
  }

  /** Takes sound of 8 kHz, any number of samples, and tells of keys that it made sure of. */
  read(samples: Int16Array): readonly DtmfEvent[] {
    let events = NOTHING;
    for (let i = 0; i < samples.length; i++) {
      const sample = samples[i] ?? 0;
      this.#block[this.#filled++] = this.dialTone ? this.#highPass.next(sample) : sample;
      if (this.#filled < BLOCK) continue;
      this.#filled = 0;
      const told = this.#look();
      if (told.length > 0) events = [...events, ...told];
    }
    return events;
  }

  /** Forgets what was heard; a key that is down is let go without a word. */
  reset(): void {
    this.#filled = this.#worth = this.#heard = this.#misses = 0;
    this.#strongest = this.#suspect = this.#down = NONE;
    this.#highPass.reset();
  }

  /** A block is full. */
  #look(): readonly DtmfEvent[] {
    [this.#before, this.#now] = [this.#now, this.#before];
    const now = this.#now;
    this.#goertzel.analyse(this.#block, now);
    const row = strongest(now.energy, 0);
    const column = strongest(now.energy, 4);
    const strongestNow = 4 * row + column - 4;
    const share = now.total === 0 ? 0 : ((now.energy[row] ?? 0) + (now.energy[column] ?? 0)) / now.total;
    this.#worth = strongestNow === this.#strongest ? this.#worth + share : share;
    this.#strongest = strongestNow;
    const before = this.#suspect;
    this.#suspect = isSuspicious(now, row, column, share) ? strongestNow : NONE;
    if (this.#suspect !== NONE) this.#lookSharply();
    if (this.#suspect !== NONE && this.#suspect === before && this.#suspect !== this.#down) {
      if (this.#isKey(row, column, share)) return this.#press(this.#suspect);
    }
    return this.#hold();
  }

  #lookSharply(): void {
    [this.#sharpBefore, this.#sharpNow] = [this.#sharpNow, this.#sharpBefore];
    for (let i = 0; i < BLOCK; i++) this.#windowed[i] = (this.#block[i] ?? 0) * (WINDOW[i] ?? 0);
    this.#goertzel.analyse(this.#windowed, this.#sharpNow);
  }

  /** Of two suspicious blocks in a row that sound alike. */
  #isKey(row: number, column: number, share: number): boolean {
    const rowOff = this.#off(row);
    const columnOff = this.#off(column);
    if (Math.abs(rowOff) > OFF * (HZ[row] ?? 0) || Math.abs(columnOff) > OFF * (HZ[column] ?? 0))
      return false;
    const sharp = (index: number) =>
      (this.#sharpNow.energy[index] ?? 0) + (this.#sharpBefore.energy[index] ?? 0);
    const rows = sharp(row) / captured(rowOff, BLOCK, RATE, HANN);
    const columns = sharp(column) / captured(columnOff, BLOCK, RATE, HANN);
    if (rows > columns * TWIST.rows || columns > rows * TWIST.columns) return false;
    const plain = (parts: Parts) =>
      (parts.energy[row] ?? 0) / captured(rowOff, BLOCK, RATE, RECTANGLE) +
      (parts.energy[column] ?? 0) / captured(columnOff, BLOCK, RATE, RECTANGLE);
    const now = plain(this.#now) / this.#now.total;
    if (now < SHARE.key || plain(this.#before) < SHARE.key * this.#before.total) return false;
    return (this.#worth * now) / share >= LONG_ENOUGH;
  }

  /** Hz. */
  #off(index: number): number {
    return deviation(this.#sharpBefore, this.#sharpNow, index, HZ[index] ?? 0, BLOCK, RATE);
  }

  #press(place: number): readonly DtmfEvent[] {
    const events: DtmfEvent[] = this.#down === NONE ? [] : [this.#release()];
    this.#down = place;
    this.#heard = 2;
    this.#misses = 0;
    return [...events, { kind: 'down', key: keyAt(place) }];
  }

  #hold(): readonly DtmfEvent[] {
    if (this.#down === NONE) return NOTHING;
    if (this.#suspect === this.#down) {
      this.#heard += this.#misses + 1;
      this.#misses = 0;
      return NOTHING;
    }
    return ++this.#misses < MISSES_TO_END ? NOTHING : [this.#release()];
  }

  #release(): DtmfEvent {
    const key = keyAt(this.#down);
    this.#down = NONE;
    return { kind: 'up', key, ms: Math.round(this.#heard * BLOCK_MS) };
  }
}

function isSuspicious({ energy }: Parts, row: number, column: number, share: number): boolean {
  const rows = energy[row] ?? 0;
  const columns = energy[column] ?? 0;
  if (!(share >= SHARE.suspicious) || rows < WEAKEST || columns < WEAKEST) return false;
  const { slack } = TWIST;
  if (rows > columns * TWIST.rows * slack || columns > rows * TWIST.columns * slack) return false;
  for (let index = 0; index < energy.length; index++) {
    const best = index < 4 ? row : column;
    if (index !== best && (energy[index] ?? 0) * PEAK > (energy[best] ?? 0)) return false;
  }
  return true;
}

/** Of the group of four that begins at `from`. */
function strongest(energy: Float64Array, from: number): number {
  let best = from;
  for (let index = from + 1; index < from + 4; index++)
    if ((energy[index] ?? 0) > (energy[best] ?? 0)) best = index;
  return best;
}

function keyAt(place: number): DtmfKey {
  return PAD[place] ?? '1';
}
