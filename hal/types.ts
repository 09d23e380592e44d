/**
 * What a telephone's hardware is, in the field's words. Events go up, commands go down; every part is optional
 * and the rest of the phone cannot tell a real one from a simulated one.
 */

export type Key = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9' | '*' | '#';

/** Lamp patterns: `breathing` for voicemail, `fast` for a fault (telephone convention of this project). */
export type LampPattern = 'off' | 'on' | 'slow' | 'double' | 'fast' | 'breathing';

export type HalEvent =
  | { readonly kind: 'hook'; readonly state: 'on' | 'off' }
  /** A short break of the loop, told apart from hanging up by the hook's driver. */
  | { readonly kind: 'flash' }
  | { readonly kind: 'key'; readonly key: Key; readonly down: boolean }
  | { readonly kind: 'volume'; readonly step: 1 | -1 }
  | { readonly kind: 'part'; readonly status: PartStatus };

/** State of one part for `status` and `selftest`. */
export interface PartStatus {
  readonly part: string;
  readonly state: 'ok' | 'absent' | 'failed';
  readonly driver: string;
  readonly note: string;
}

export type HalCommand =
  /** Lines of the display, top first, UTF-8; the driver cuts and pads. */
  | { readonly kind: 'display'; readonly lines: readonly string[] }
  | { readonly kind: 'lamp'; readonly name: string; readonly pattern: LampPattern }
  /** Rings by the cadence (ms on, ms off, …, repeated) or, absent, is at rest. */
  | { readonly kind: 'bell'; readonly cadence?: readonly number[] };

/** A handset: real (hal/linux) or simulated (hal/sim). */
export interface Hardware {
  /** Starts delivering events; the current hook state comes first. */
  start(listener: (event: HalEvent) => void): Promise<void>;
  perform(command: HalCommand): void;
  parts(): readonly PartStatus[];
  /** Puts every output to rest. */
  stop(): Promise<void>;
}
