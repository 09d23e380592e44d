/** What the main thread and the keeper of harmful outputs tell each other. */
import type { LineHandle } from './gpio/types.ts';

/** How an output is put to rest from another thread. */
export type Kept =
  /** Goes to logical 0. */
  | { readonly by: 'line'; readonly line: LineHandle }
  /** The folder of an exported channel. */
  | { readonly by: 'sysfs PWM'; readonly folder: string }
  /** The shared memory of a thread that toggles a line (pwm_control.ts). */
  | { readonly by: 'toggled line'; readonly control: SharedArrayBuffer };

export interface KeeperStart {
  /** One i32, which counts signs of life of the main thread. */
  readonly beats: SharedArrayBuffer;
}

/** `id` stands for the outputs of one guard. */
export type ToKeeper =
  | { readonly kind: 'keep'; readonly id: number; readonly outputs: readonly Kept[] }
  | { readonly kind: 'on'; readonly id: number; readonly limit: number }
  | { readonly kind: 'off'; readonly id: number }
  | { readonly kind: 'forget'; readonly id: number }
  | { readonly kind: 'end' };

export type FromKeeper =
  /** `error`: it cannot be put to rest from that thread. */
  | { readonly kind: 'kept'; readonly id: number; readonly error?: string }
  | { readonly kind: 'forgotten'; readonly id: number }
  /** The main thread gave no sign of life. */
  | { readonly kind: 'silence'; readonly id: number };
