/**
 * A part of a board: a pure machine of hal/parts joined to its lines or its bus. Parts are opened, watched and opened
 * again by the supervisor; each may fail for itself.
 */

import type { LineTimings } from '../parts/line_timings.ts';
import type { HalCommand, HalEvent, PartStatus } from '../types.ts';
import type { HalError } from './error.ts';
import type { GpioLineConfig, GpioLines } from './gpio/types.ts';
import type { I2cBus } from './i2c/types.ts';
import type { PwmOutput } from './pwm.ts';
import type { SysfsPwmPlace } from './pwm_sysfs.ts';

export interface Part {
  /** As the profile's `kind`, or `kind name` where a board has several. */
  readonly name: string;
  /** Gets every command and takes those that are its own. What it throws is a failure of the part. */
  perform?(command: HalCommand): void;
  status(): PartStatus;
  /** Puts its outputs to rest and gives everything back. Never rejects, may be called again. */
  close(): Promise<void>;
}

/** What a part may use of the machine that it runs on. */
export interface Drivers {
  /** Lines of the board's GPIO chip. Rejects with a HalError. */
  lines(lines: readonly GpioLineConfig[], consumer: string): Promise<GpioLines>;
  /** For status: which GPIO driver serves the lines. */
  readonly gpio: string;
  /** A bus of the board, shared by its parts: they do not close it. Rejects with a HalError. */
  i2c(bus: number | string): Promise<I2cBus>;
  /** A line of a request that swings, or a channel of the chip, watched over as by `guard`. Rejects with a HalError. */
  pwm(place: PwmLine | SysfsPwmPlace, failed: (error: HalError) => void): Promise<PwmOutput>;
  /**
   * Has a thread of its own watch over outputs of a request that could do harm. Rejects with a HalError.
   *
   * @param failed they were put to rest against our will: this thread had stood still, or nobody watches any more
   */
  guard(lines: GpioLines, offsets: readonly number[], failed: (error: HalError) => void): Promise<Guard>;
  readonly timing: Timing;
  /** Flash window, pulse coding and frequency of the bell, as the country has them. */
  readonly country: LineTimings;
}

/** Outputs of an open request that swing: one, or two in opposite phase (the ends of a bell's coil). */
export interface PwmLine {
  readonly lines: GpioLines;
  readonly offset: number;
  readonly opposite?: number;
}

/** Who watches over outputs, and puts them to rest (logical 0) whatever becomes of the thread that drives them. */
export interface Guard {
  /**
   * They go on now, for so many ms at most (Infinity: as long as the thread lives); called before it is so. Throws a
   * HalError when nobody watches any more.
   */
  on(limit: number): void;
  /** They are at rest. */
  off(): void;
  /** To be awaited before their lines are closed. May be called again. */
  close(): Promise<void>;
}

/** A steady clock, so that tests may jump. */
export interface Timing {
  /** ms, of `performance.now()`, as the time stamps of GPIO edges. */
  now(): number;
  /** Does `action` in so many ms; the result takes that back. */
  after(ms: number, action: () => void): () => void;
  /** Stands still for a fraction of a millisecond. */
  pause(ms: number): void;
}

export interface PartEvents {
  emit(event: HalEvent): void;
  /** The part cannot go on: it will be closed, and opened again later. */
  failed(error: HalError): void;
  /** The status has changed otherwise. */
  changed(): void;
}

/** Opens a part by its place in the board profile. Rejects with a HalError that says what to do. */
export type OpenPart<Profile> = (profile: Profile, drivers: Drivers, events: PartEvents) => Promise<Part>;
