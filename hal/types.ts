/**
 * What a telephone's hardware is, in the field's words. Events go up, commands go down; every part is optional
 * and the rest of the phone cannot tell a real one from a simulated one.
 */

export type Key = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9' | '*' | '#';

/** Keys that are no digits. A recall key (R) is told as `flash`, volume keys as `volume`. */
export type FunctionKey =
  | 'redial'
  | 'mute'
  /** Talks without the handset; pressed again, ends that. */
  | 'speaker'
  | 'headset'
  | 'hold'
  | 'phone-book'
  | 'messages';

/** Lamp patterns: `breathing` for voicemail, `fast` for a fault (telephone convention of this project). */
export type LampPattern = 'off' | 'on' | 'slow' | 'double' | 'fast' | 'breathing';

/** Where the voice goes: the route of ear and mouth. */
export type SoundRoute = 'handset' | 'speaker' | 'headset';

export type HalEvent =
  | { readonly kind: 'hook'; readonly state: 'on' | 'off' }
  /** A short break of the loop, told apart from hanging up by the hook's driver. */
  | { readonly kind: 'flash' }
  | { readonly kind: 'key'; readonly key: Key; readonly down: boolean }
  | { readonly kind: 'function'; readonly key: FunctionKey; readonly down: boolean }
  | { readonly kind: 'volume'; readonly step: 1 | -1 }
  /** A headset is in its socket, or no longer. */
  | { readonly kind: 'headset'; readonly plugged: boolean }
  /**
   * This board's bell is a loudspeaker: whoever has the sound card plays ringing in this cadence (ms on, off, …), or
   * stops where it is absent. `wav`: a file that is played, in place of gongs.
   */
  | { readonly kind: 'ringer'; readonly cadence?: readonly number[]; readonly wav?: string }
  /** The telephone on the line listens now: whoever has the sound plays `caller` to it, by this scheme. */
  | {
      readonly kind: 'caller-id';
      readonly scheme: CallerIdScheme;
      readonly caller: CallerId;
      readonly hook: 'on' | 'off';
    }
  | { readonly kind: 'part'; readonly status: PartStatus };

/** State of one part for `status` and `selftest`. */
export interface PartStatus {
  readonly part: string;
  readonly state: 'ok' | 'absent' | 'failed';
  readonly driver: string;
  readonly note: string;
}

/** Who calls, for a telephone that is told between two rings. */
export interface CallerId {
  /** As to be dialled. Absent: not known, or withheld. */
  readonly number?: string;
  readonly name?: string;
  readonly withheld?: boolean;
}

/** How a telephone on a line is told of a caller (parts/caller_id_procedure.ts). */
export type CallerIdScheme =
  | 'bellcore'
  | 'etsi-between-rings'
  | 'etsi-ring-pulse'
  | 'etsi-dtas'
  | 'etsi-reversal-dtas'
  | 'sin227'
  | 'dtmf';

export type HalCommand =
  /** Lines of the display, top first, UTF-8; the driver cuts and pads. */
  | { readonly kind: 'display'; readonly lines: readonly string[] }
  | { readonly kind: 'lamp'; readonly name: string; readonly pattern: LampPattern }
  /** Rings by the cadence (ms on, ms off, …, repeated) or, absent, is at rest. */
  | { readonly kind: 'bell'; readonly cadence?: readonly number[]; readonly caller?: CallerId }
  /** Where the voice goes; absent: nobody talks. */
  | { readonly kind: 'route'; readonly to?: SoundRoute }
  /** Whether the telephone awaits digits: a line tells a dial's pulse from a flash by it. */
  | { readonly kind: 'dialling'; readonly dialling: boolean }
  /** Polarity of a subscriber's line: reversed while a call that we made is answered. */
  | { readonly kind: 'polarity'; readonly reversed: boolean }
  /** Tells a telephone in a call, by its line, who else calls. */
  | { readonly kind: 'call-waiting'; readonly caller: CallerId }
  /** Breaks the current of a subscriber's line for so many ms: the far end has hung up. */
  | { readonly kind: 'loop-break'; readonly ms: number };

/** What a display can show; its driver draws lines of text in either case. */
export type DisplayShape =
  | { readonly kind: 'lines'; readonly columns: number; readonly lines: number }
  | {
      readonly kind: 'pixels';
      readonly width: number;
      readonly height: number;
      readonly columns: number;
      readonly lines: number;
    };

/** A handset: real (hal/linux) or simulated (hal/sim). */
export interface Hardware {
  /** Absent: there is no display, or nobody knows. */
  readonly display?: DisplayShape;
  /** Starts delivering events; the current hook state comes first. */
  start(listener: (event: HalEvent) => void): Promise<void>;
  perform(command: HalCommand): void;
  parts(): readonly PartStatus[];
  /** Puts every output to rest. */
  stop(): Promise<void>;
}
