/** A line that swings: a buzzer, a coil, the ring generator's forward-reverse. By PWM of the chip, or by a thread. */
import type { HalError } from './error.ts';
import type { GpioLines } from './gpio/types.ts';
import type { Keeper } from './keeper.ts';
import type { Kept } from './keeper_messages.ts';
import { openSysfsPwm, type SysfsPwmPlace } from './pwm_sysfs.ts';
import { openToggledLine } from './pwm_toggled.ts';

export interface Wave {
  /** Hz. */
  readonly frequency: number;
  /** Part of each period that is high: 0 to 1. */
  readonly duty: number;
}

/**
 * An output that is at rest unless started, and never swings for longer than it was told, nor while the main thread
 * stands still.
 */
export interface PwmOutput {
  readonly driver: 'sysfs PWM' | 'toggled line';
  /**
   * Swings from now on, at most for `limit` milliseconds; called again, it goes over to the new wave and limit. With a
   * limit of Infinity it is a level that does no harm, which nobody watches over. Throws a HalError.
   */
  start(wave: Wave, limit: number): void;
  /** To rest, at once. */
  stop(): void;
  /** How late the edges were since the last start; undefined where the chip makes them. */
  jitter(): Jitter | undefined;
  /** To rest, and given back. May be called again. */
  close(): Promise<void>;
}

/** Milliseconds by which edges came after their time. */
export interface Jitter {
  readonly edges: number;
  readonly mean: number;
  /** 99 of 100 edges were less late; in steps of 0.1 ms, 20 at most. */
  readonly p99: number;
  readonly most: number;
}

export type PwmPlace =
  | ({ readonly by: 'sysfs' } & SysfsPwmPlace)
  /**
   * An output of lines that were requested, or two of them in opposite phase, as the ends of a bell's coil; they stay
   * the caller's, to be closed after the PWM.
   */
  | {
      readonly by: 'line';
      readonly lines: GpioLines;
      readonly offset: number;
      readonly opposite?: number;
    };

/**
 * Rejects with a HalError.
 *
 * @param failed as that of the keeper
 */
export async function openPwm(
  place: PwmPlace,
  keeper: Pick<Keeper, 'guard'>,
  failed: (error: HalError) => void,
): Promise<PwmOutput> {
  const guard = (kept: Kept) => keeper.guard([kept], failed);
  if (place.by === 'sysfs') return openSysfsPwm(place, guard);
  const { lines, offset, opposite } = place;
  const other = opposite === undefined ? undefined : lines.handle(opposite);
  return openToggledLine(lines.handle(offset), other, guard, failed);
}
