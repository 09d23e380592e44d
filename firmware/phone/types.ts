/** The doors of the telephone room: its inputs and effects, and what the command line and the page may see and do. */

import type { Family } from '#address/endpoint.ts';
import type { Network } from '#address/network.ts';
import type { Weight } from '#address/preference.ts';
import type { HalCommand, HalEvent, LampPattern, PartStatus } from '#hal/types.ts';
import type { EngineCommand, EngineEvent } from '#media/types.ts';
import type { RegistrationState, SipCommand, SipEvent, Transport } from '#sip/types.ts';
import type { Sixbed4Reason } from './sixbed4.ts';

/** Our own addresses, canonical text, best first. */
export interface LocalAddresses {
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
  /** What is known of them and of others that serve some peers only; absent: nothing. */
  readonly network?: Network;
  /** Whether the 6bed4 tunnel stands in for native IPv6. */
  readonly sixbed4?: { readonly state: Sixbed4Status['state']; readonly why: Sixbed4Reason };
}

/** As people read it where the telephone stands. */
export interface ShownTime {
  /** `Fri 20 Nov`. */
  readonly date: string;
  /** `14:05`. */
  readonly time: string;
}

export type PhoneInput =
  | { readonly kind: 'hal'; readonly event: HalEvent }
  | { readonly kind: 'sip'; readonly event: SipEvent }
  /** Keys of an analog telephone come as those of the handset. */
  | { readonly kind: 'media'; readonly event: Exclude<EngineEvent, { kind: 'line-key' | 'device' }> }
  | { readonly kind: 'addresses'; readonly addresses: LocalAddresses }
  /** The name servers are others: what could not be found may be there now. */
  | { readonly kind: 'resolvers' }
  /** Something to read on the display for `ms`, or a while; at most 20 characters. Empty: no longer. */
  | { readonly kind: 'notice'; readonly text: string; readonly ms?: number }
  /** What a clock on the display shows; absent: nobody knows what time it is. */
  | { readonly kind: 'clock'; readonly shown: ShownTime | undefined }
  /** Who is on the LAN, and our own number there. `met`: those seen for the first time, as they are shown. */
  | {
      readonly kind: 'lan';
      readonly extension: string;
      readonly neighbours: readonly PhoneNeighbour[];
      readonly met: readonly string[];
      /** Those who show another key than before; absent: none. They are not called. */
      readonly changed?: readonly Pick<PhoneNeighbour, 'extension' | 'name'>[];
    }
  /** Dial from command line or page, on hook or off; answered by `dialled`. */
  | { readonly kind: 'dial'; readonly request: number; readonly number: string }
  /** Answers what rings, as lifting the handset does. */
  | { readonly kind: 'answer' }
  /** Ends or rejects one call, or all of them. */
  | { readonly kind: 'hang-up'; readonly call?: string }
  /** Tries the outputs for four seconds; answered by `selftest-over`. */
  | { readonly kind: 'selftest' }
  | { readonly kind: 'tick' };

export type PhoneEffect =
  | { readonly kind: 'sip'; readonly command: SipCommand }
  | { readonly kind: 'media'; readonly command: EngineCommand }
  | { readonly kind: 'hal'; readonly command: HalCommand }
  /** The dial request is under way as `call`, or cannot be: `error` says why. */
  | { readonly kind: 'dialled'; readonly request: number; readonly call?: string; readonly error?: string }
  /** `error`: it could not begin, or ended early, and why. */
  | { readonly kind: 'selftest-over'; readonly error?: string }
  | { readonly kind: 'log'; readonly level: 'info' | 'warn'; readonly text: string };

export type CallState = 'calling' | 'ringing' | 'early' | 'talking' | 'held' | 'ended';

/** One call as `status --json` and `calls --json` print it. */
export interface CallStatus {
  readonly id: string;
  readonly state: CallState;
  readonly direction: 'in' | 'out';
  readonly peer: string;
  /** The peer's display name, where it has told one. */
  readonly name?: string;
  /** Why it ended, or cannot go on at present, for people. */
  readonly cause?: string;
  readonly signalling: { readonly family: FamilyName; readonly transport: Transport } | null;
  readonly media: {
    readonly family: FamilyName;
    readonly codec: string;
    readonly sent: number;
    readonly received: number;
    readonly lost: number;
    readonly jitterMs: number;
  } | null;
}

export type FamilyName = 'ipv4' | 'ipv6';
export function familyName(family: Family): FamilyName {
  return family === 4 ? 'ipv4' : 'ipv6';
}

export interface AccountStatus {
  readonly aor: string;
  readonly state: RegistrationState;
  readonly family: FamilyName | null;
  /** Its IPv6 goes through the tunnel. */
  readonly encapsulated?: '6bed4';
  readonly transport: Transport | null;
  readonly target: string | null;
  /** Seconds. */
  readonly expires: number | null;
  readonly error: string | null;
}

export interface Sixbed4Status {
  /** `waiting`: wanted, and there is no router, or none that answers. */
  readonly state: 'off' | 'waiting' | 'up';
  /** Ours inside. */
  readonly address: string | null;
  /** `192.0.2.1:25790`. */
  readonly router: string | null;
  /** Packets to the neighbour itself, and through a router. */
  readonly direct: number;
  readonly relayed: number;
  /** Why it is so, for people. */
  readonly note: string;
}

/** A telephone on the LAN that is called without any server. */
export interface PhoneNeighbour {
  readonly extension?: string;
  readonly name: string;
  /** What is called. */
  readonly uri: string;
  /** Heard of lately. */
  readonly fresh: boolean;
}

export interface NeighbourStatus {
  /** The same as long as it is the same telephone. */
  readonly key: string;
  /** Empty: it has none. */
  readonly extension: string;
  readonly name: string;
  /** In the order in which they are tried. */
  readonly addresses: readonly string[];
  /** The one that is tried first. */
  readonly family: FamilyName;
  /** Heard of within the time that it asked to be believed for: its calls ring. */
  readonly fresh: boolean;
  /** `open`: it shows no key; `pinned`: the key of the first contact; `changed`: another, and its calls do not ring. */
  readonly trust: 'open' | 'pinned' | 'changed';
  /** SHA-256 of the certificate that it shows, base64url; absent: it shows none. */
  readonly fp?: string;
}

/** What the telephone around the agent knows of itself, for its operators. */
export interface FleetStatus {
  readonly clock: {
    /** Who says what time it is. */
    readonly source: 'system' | 'sip' | 'ntp';
    /** What is added to the system's clock. */
    readonly offsetMs: number;
    /** Of the time zone database. */
    readonly zone: string;
  };
  readonly provisioning: {
    /** Whether the configuration in force has yet to prove itself. */
    readonly state: 'settled' | 'trial';
    /** Of the configuration in force. */
    readonly version?: string;
    readonly server?: string;
    /** So many configurations failed, and are not tried again. */
    readonly givenUp: number;
    /** The last answer that was of no use, in words. */
    readonly refused?: string;
    /** So many servers want to be ours, and wait for a person. */
    readonly changes: number;
  };
  /** Lines of the log; null: none are sent. */
  readonly syslog: { readonly lost: number; readonly waiting: number } | null;
  /** Absent: this system has no slots to be updated in. */
  readonly update?: UpdateStatus;
  /** Of the data directory; absent: not known. */
  readonly storage?: StorageStatus;
}

export interface StorageStatus {
  /** `full`: what changes is not remembered; `volatile`: nothing is, once it is switched off. Calls go on. */
  readonly state: 'ok' | 'full' | 'volatile';
  /** Octets. */
  readonly free: number;
}

/** Of a system that has two slots. */
export interface UpdateStatus {
  /** The one that runs. */
  readonly slot: 'a' | 'b';
  readonly version: string;
  readonly state: 'good' | 'trial';
  /** The way back; without a version it came with the card. */
  readonly other: { readonly version?: string; readonly good: boolean };
  /** The slot that was given up since the last installation. */
  readonly fell: 'a' | 'b' | null;
  /** Bundles are believed that are signed with a development key. */
  readonly development: boolean;
  /** Percent of an installation that is under way. */
  readonly installing?: number;
  /** `trial`: an installation, for the slot that runs to be found good; the others for nobody to use the telephone. */
  readonly waiting?: 'trial' | 'installation' | 'restart';
  /** A newer version that the channel has. */
  readonly available?: string;
  /** Why the last one was not taken, in words. */
  readonly refused?: string;
  /** The last one, as it was named: it was not installed, for it is what runs. */
  readonly present?: string;
}

/** What a person may want of updates. */
export interface UpdateDesk {
  /** Asks the channel; resolves when it has answered, or has not. */
  check(): Promise<UpdateStatus>;
  /** A file or an https URL, as soon as nobody uses the telephone. Rejects with a reason for people. */
  install(bundle: { readonly source: string; readonly allowOlder: boolean }): Promise<UpdateStatus>;
}

export interface Status extends Partial<FleetStatus> {
  readonly version: string;
  readonly extension: string;
  /** Seconds since start. */
  readonly uptime: number;
  readonly accounts: readonly AccountStatus[];
  readonly calls: readonly CallStatus[];
  readonly network: {
    readonly ipv4: readonly string[];
    readonly ipv6: readonly string[];
    readonly native6: boolean;
    readonly teredoSeen: boolean;
    readonly sixbed4: Sixbed4Status;
    /** The family weights of the destinations on this network. */
    readonly preference: readonly Weight[];
  };
  /** Telephones on the LAN. */
  readonly neighbours: readonly NeighbourStatus[];
  readonly hardware: readonly PartStatus[];
  /** Requests and octets that were ignored, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
}

/** What a person sees on the phone. */
export interface Front {
  readonly lines: readonly string[];
  readonly lamps: Readonly<Record<string, LampPattern>>;
  readonly hook: 'on' | 'off';
  /** The bell's cadence while it rings. */
  readonly bell: readonly number[] | null;
  /** 0–1. */
  readonly volume: number;
}

/** One SIP message that passed, for the trace. `time` is ms since the epoch; `text` is Latin-1, secrets removed. */
export interface TraceEntry {
  readonly time: number;
  readonly direction: 'in' | 'out';
  readonly transport: Transport;
  readonly local: string;
  readonly remote: string;
  readonly text: string;
}

/** What the command line's socket and the page may ask of a running agent. */
export interface Control {
  status(): Status;
  front(): Front;
  /** Resolves when the call is under way (with `wait`: answered or failed); rejects with a reason for people. */
  dial(number: string, options?: { readonly wait?: boolean }): Promise<CallStatus>;
  answer(): void;
  /** Without an id: ends or rejects every call. Returns how many. Throws when there is no such call. */
  hangUp(call?: string): number;
  /** An event of the simulated handset; throws where the hardware is real. */
  operate(event: HalEvent): void;
  trace(): readonly TraceEntry[];
  metrics(): string;
  /** The effective configuration, secrets masked. */
  config(): unknown;
  /** Every place of it with what each layer says (provisioning/explain.ts), secrets masked. */
  configPlaces(): unknown;
  /** Called whenever status or front changed, and for each trace entry. Returns the unsubscribe function. */
  subscribe(listener: (news: 'status' | 'front' | TraceEntry) => void): () => void;
  /**
   * A handset in a browser: `deliver` gets frames for its ear, the result takes frames of its mouth.
   * Frames: 160 samples, mono, 16 bit, 8 kHz. One at a time: a newer one takes over.
   */
  attachSound(deliver: (frame: Int16Array) => void): { mouth(frame: Int16Array): void; close(): void };
}
