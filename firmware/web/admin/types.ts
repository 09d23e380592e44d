/** What the admin page may see and do. The composition root joins it with agent, provisioning, neighbours and hardware. */
import type { FamilyName, Status, TraceEntry } from '#phone/types.ts';
import type { Checked, ConfigView, Edit, Saved } from '#provisioning/editing.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LogLine {
  /** ms since the epoch. */
  readonly time: number;
  readonly level: LogLevel;
  readonly text: string;
}

/** Another telephone on the LAN. */
export interface NeighbourStatus {
  /** The same as long as it is the same telephone. */
  readonly key: string;
  readonly name: string;
  readonly extension: string;
  readonly addresses: readonly { readonly family: FamilyName; readonly text: string }[];
  /** In words: `the key of its first contact`. */
  readonly trust: string;
  /** Heard of within the time that it asked to be believed for. */
  readonly fresh: boolean;
  /** It waits for a person who believes it. */
  readonly changed?: {
    /** SHA-256 of the certificate that it shows now, base64url; absent: it shows none any more. */
    readonly fp?: string;
  };
}

/** Who gives the telephone its configuration, and who would like to. */
export interface ServerReport {
  readonly server?: string;
  /** The last answer that was of no use, in words. */
  readonly refused?: string;
  /** Each waits for a person who says so. */
  readonly changes: readonly {
    readonly host: string;
    /** How it became known: `DHCPv6 option 59 on eth0`. */
    readonly from: string;
    readonly reason: string;
  }[];
}

export type AdminNews =
  | { readonly kind: 'status' }
  | { readonly kind: 'neighbours' }
  | { readonly kind: 'server' }
  /** Another configuration is in force. */
  | { readonly kind: 'config' }
  | { readonly kind: 'trace'; readonly entry: TraceEntry }
  | { readonly kind: 'log'; readonly line: LogLine };

/** Where the settings are from now on; null: nowhere, they are switched off. */
export type Moved = { readonly port: number; readonly scope: 'loopback' | 'everywhere' } | null;

export interface SelftestResult {
  /** What it said, for people. */
  readonly lines: readonly string[];
  /** `part: why`, each; empty: all is well. */
  readonly failures: readonly string[];
}

/** What the telephone shows to whoever stands before it. */
export interface ShownPin {
  /** In two groups, as it is to be read: `1234 5678`. */
  readonly pin: string;
  /** ms since the epoch. */
  readonly until: number;
  /** SHA-256 of the page's certificate, `AB:CD:…`; absent: the page was opened without TLS, on this machine. */
  readonly fingerprint?: string;
}

/** The telephone as the admin page sees it. What is masked anywhere else is masked here. */
export interface AdminControl {
  status(): Status;
  neighbours(): readonly NeighbourStatus[];
  server(): ServerReport;
  /** Takes the configuration from this host, one of the report's changes, from now on; throws where it is none. */
  approveServer(host: string): void;
  /** Believes this neighbour the key that it shows; throws where that is another one by now. */
  acceptNeighbour(key: string, fp: string | undefined): void;
  /** Oldest first, secrets removed. */
  trace(): readonly TraceEntry[];
  log(): readonly LogLine[];
  /** Returns the unsubscribe function. */
  subscribe(listener: (news: AdminNews) => void): () => void;
  config(): Promise<ConfigView>;
  /** The local changes as text; secrets may be masked. */
  checkConfig(text: string): Promise<Checked>;
  /** Rejects where the change cannot be kept. What is saved comes into force by itself. */
  saveConfig(edit: Edit, revision: string): Promise<Saved>;
  /** Everything is forgotten, this page's owner too, and the telephone goes on as a new one; soon, not at once. */
  factoryReset(): void;
  /** Tries what can be tried without hands, for some seconds. Rejects with a reason for people when it cannot be run now. */
  selftest(): Promise<SelftestResult>;
  /** On the telephone's screen, and in the terminal of who started it; never in the log. Absent: no longer. */
  showPin(shown: ShownPin | undefined): void;
}
