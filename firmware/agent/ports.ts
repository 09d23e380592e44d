/** What the agent is given by the composition root: the rooms that it may not see, as interfaces. */

import type { HalEvent, Hardware } from '#hal/types.ts';
import type { TunnelLink } from '#media/tunnel.ts';
import type { AudioDevices, EngineCommand, EngineEvent } from '#media/types.ts';
import type { NeighbourhoodState } from '#neighbours/types.ts';
import type { NetworkWatchOptions } from '#net/watch/network_watch.ts';
import type { PhoneOptions } from '#phone/options.ts';
import type { Control, FleetStatus } from '#phone/types.ts';
import type { Config } from '#provisioning/schema.ts';
import type { ReachabilityState } from '#sip/request/reachability.ts';
import type { Besides } from './neighbours.ts';

/** The media engine (firmware/engine) as the agent uses it. */
export interface Engine {
  command(command: EngineCommand): void;
  onEvent(listener: (event: EngineEvent) => void): void;
  attachWebSound(deliver: (frame: Int16Array) => void): ReturnType<Control['attachSound']>;
  /** Absent: this engine carries no 6bed4 tunnel. */
  readonly tunnel?: TunnelLink;
  stop(): Promise<void>;
}

/** A handset; the simulated one can be operated from outside. */
export interface Handset extends Hardware {
  operate?(event: HalEvent): void;
}

/** Where what was learnt of servers and families outlives us. */
export interface ReachabilityStore {
  read(): ReachabilityState | undefined;
  keep(state: ReachabilityState): void;
}

/** Where our extension and the keys of those whom we met outlive us. */
export interface NeighboursStore {
  read(): NeighbourhoodState | undefined;
  keep(state: NeighbourhoodState): void;
  /** The number of ours that the log has last, of this agent or of one before it. */
  announced?: string;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type Log = (level: LogLevel, text: string) => void;

export interface AgentOptions {
  /** With passwords in place of the names of their files. */
  readonly config: Config;
  /** For `config show`: the same, secrets masked. */
  readonly shownConfig: unknown;
  /** For `config show --explain`: where every value comes from, secrets masked. */
  readonly configPlaces?: unknown;
  readonly version: string;
  /** The hardware address by which servers and neighbours know this telephone: `dca632010203`. */
  readonly mac: string;
  /** The random user part of our Contacts. */
  readonly contactToken: string;
  /** Absent: every start begins anew. */
  readonly reachability?: ReachabilityStore;
  /** Absent: every start claims the extension anew, and everybody is met for the first time. */
  readonly neighbours?: NeighboursStore;
  /**
   * The PEM file with a certificate of our own and its key, made where there is none yet, for neighbours alone; undefined:
   * there can be none. Absent: without a configured one they are called in the plain.
   */
  readonly ownCertificate?: () => Promise<string | undefined>;
  /** What is looked for by multicast DNS beside neighbours; nothing where `neighbours.mode` is off. */
  readonly besides?: Besides;
  /** A server asked for it, and nobody uses the telephone: look for a new configuration, and maybe start again. */
  readonly onResync?: (reboot: boolean) => void;
  /** Who may ask so besides the registrars: whether an address is one of the server of our configuration. */
  readonly mayResync?: (address: string) => boolean;
  /** Whether what is told of a monitored document (RFC 5989), or that nothing will be, is a reason for a resync. */
  readonly isNews?: (uri: string, body: string | undefined) => boolean;
  readonly engine: Engine;
  readonly hardware: Handset;
  /** Hears every event of the hardware too. */
  readonly onHands?: (event: HalEvent) => void;
  /** Tones and bell of the country. */
  readonly country: Pick<PhoneOptions, 'tones' | 'ring'>;
  readonly devices: AudioDevices;
  /** How addresses and routes are watched; default: as the system has them. */
  readonly network?: NetworkWatchOptions;
  readonly rtpPorts: readonly [first: number, last: number];
  readonly log: Log;
  /** What is around the agent, for status and metrics. */
  readonly fleet?: () => FleetStatus;
  /** ms since the epoch; default: the system's clock. */
  readonly time?: () => number;
  /** A registrar has said what time it is: the Date of its answer (RFC 3261 20.17). */
  readonly onDate?: (date: string) => void;
}
