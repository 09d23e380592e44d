import type { AudioDevices } from '#media/types.ts';
import type { NumberingOptions } from './numbering.ts';
import type { Contact } from './phone_book.ts';
import type { ProgressTones } from './progress_tones.ts';
import type { PhoneTimings } from './timings.ts';

/** An account as the telephone knows it; its secrets stay in the SIP room. */
export interface PhoneAccount {
  /** The id that `SipCommand` and `SipEvent` use. */
  readonly id: string;
  /** Address of record, `alice@example.test`, with or without `sip:`. */
  readonly aor: string;
  /** What the display calls it. */
  readonly label: string;
  /** What the messages key dials. */
  readonly voicemail?: string;
  /** Best first; absent: those of `PhoneOptions`. */
  readonly codecs?: readonly string[];
}

export interface PhoneOptions {
  /** The first one that is registered makes the calls. */
  readonly accounts: readonly PhoneAccount[];
  readonly extension: string;
  /** Shown to others. */
  readonly name: string;
  /** Of the display; absent, or one that is not spoken: English. See texts.ts. */
  readonly language?: string;
  readonly tones: ProgressTones;
  /** ms on, off, … of the bell, repeated. */
  readonly ring: readonly number[];
  /** Best first, names as in the configuration; for calls without an account. */
  readonly codecs: readonly string[];
  readonly rtpPorts: readonly [first: number, last: number];
  readonly dial?: NumberingOptions;
  /** The phone book. */
  readonly contacts?: readonly Contact[];
  readonly audio: AudioDevices;
  /** Uniform in [0, 1): session ids of SDP. */
  readonly random: () => number;
  readonly timings?: Partial<PhoneTimings>;
}
