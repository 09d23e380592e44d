/** What goes into the machine that fetches (fetching.ts), what comes out, and what of it outlives a restart. */
import type { DeviceIdentity } from '../identity.ts';
import type { Candidate, FileFormat, Layer } from '../types.ts';
import type { Answer, FileRecord, Validators } from './attempt.ts';
import type { Plan } from './plan.ts';
import type { Pin } from './trust.ts';

/** What outlives a restart: who is pinned, where, and what of it is known. */
export interface Standing {
  readonly pin: Pin;
  /** Where its configuration is asked for: macros in it, credentials not. */
  readonly url: string;
  readonly step: Candidate['step'];
  readonly domain?: string;
  readonly files: readonly FileRecord[];
  /** Hosts that the network named when it was pinned: they are no news. */
  readonly offered?: readonly string[];
  /** What `provisioning.url` said when it led here: by itself it leads nowhere else. */
  readonly named?: string;
  /** The highest `version` taken. */
  readonly version?: string;
  /** It was believed at first use, and no person said that it is the one. */
  readonly provisional?: boolean;
}

export interface Question {
  readonly url: string;
  readonly validators: Validators | undefined;
  /** For this server only, not for whom it redirects to. */
  readonly login: Plan['login'];
  /** RFC 6011 2.4.1: the server name for TLS. */
  readonly domain: string | undefined;
  readonly pin: Pin | undefined;
  readonly firstUse: boolean;
  /** Files that came before, with which this one is read. */
  readonly common: readonly Uint8Array[];
}

export interface ServerChange {
  /** Who wants to be the server. */
  readonly host: string;
  readonly url: string;
  readonly from: string;
  readonly reason: string;
}

export type FetchInput =
  /** All that are known now. */
  | { readonly kind: 'candidates'; readonly candidates: readonly Candidate[] }
  | { readonly kind: 'answer'; readonly ticket: number; readonly answer: Answer }
  /** The pinned server, or a registrar, says that there is something new. */
  | { readonly kind: 'resync' }
  /** A person pressed the key: this host, once named in a `server-change`, is the server. */
  | { readonly kind: 'approve'; readonly host: string }
  /** What the server at this host gave was of no use, and nothing better came from it before. */
  | { readonly kind: 'given-up'; readonly host: string }
  /** Other addresses, or the time is known now: what failed may work. */
  | { readonly kind: 'network-changed' }
  | { readonly kind: 'tick' };

export type FetchEffect =
  | { readonly kind: 'ask'; readonly ticket: number; readonly question: Question }
  /** Whatever was asked with this ticket matters no more. */
  | { readonly kind: 'forget'; readonly ticket: number }
  | {
      readonly kind: 'fetched';
      readonly from: string;
      readonly host: string;
      readonly layers: readonly Layer[];
      /** To be stored together with them: by itself it would make the server say that nothing is new. */
      readonly standing: Standing;
      readonly version?: string;
      readonly warnings: readonly string[];
    }
  | { readonly kind: 'unchanged'; readonly host: string }
  /** One of which was told that it is in trouble; before what it has to say. */
  | { readonly kind: 'answers-again'; readonly host: string }
  /** Once for each reason. `grave`: nothing is missing or broken, but somebody does what our server would not: for the display too. */
  | { readonly kind: 'refused'; readonly url: string; readonly reason: string; readonly grave?: true }
  /** `crowded`: in the place of another, for too many have been told of. */
  | { readonly kind: 'server-change'; readonly change: ServerChange; readonly crowded?: true };

export interface FetchingOptions {
  readonly identity: DeviceIdentity;
  readonly compat: readonly FileFormat[];
  readonly user?: string;
  /** Seconds between two times that the pinned server is asked. */
  readonly interval: number;
  readonly allowTftp: boolean;
  readonly standing?: Standing;
  /** A number in [0, 1). */
  readonly chance: () => number;
}
