/** What a reader of one vendor's format found, in words that are the same for all of them. */
import type { Server, Transport } from './values.ts';

/** Absent or undefined: the file does not say. */
export interface AccountDraft {
  /** In the file's words, for warnings: `account.1`, `identity 1`. */
  readonly name: string;
  readonly enabled: boolean | undefined;
  readonly user: string | undefined;
  readonly authUser: string | undefined;
  readonly password: string | undefined;
  readonly displayName: string | undefined;
  readonly registrar: Server | undefined;
  /** In order. */
  readonly fallbacks: readonly Server[];
  readonly outboundProxy: Server | undefined;
  readonly transport: Transport | undefined;
  /** Seconds. */
  readonly expires: number | undefined;
  readonly family: 'auto' | 'ipv4' | 'ipv6' | undefined;
  readonly srtp: 'off' | 'optional' | 'required' | undefined;
  /** Best first, in the file's words. */
  readonly codecs: readonly string[] | undefined;
  readonly voicemail: string | undefined;
  readonly subscribeMwi: boolean | undefined;
}

export interface Draft {
  readonly accounts: readonly AccountDraft[];
  readonly name?: string | undefined;
  readonly language?: string | undefined;
  readonly country?: string | undefined;
  readonly sipPort?: number | undefined;
  /** `16384-16583`. */
  readonly rtpPorts?: string | undefined;
  /** Calls of strangers are refused. The opposite is not read: a foreign file never opens the telephone to them. */
  readonly knownOnly?: boolean | undefined;
  readonly timeServers?: readonly string[] | undefined;
  readonly zone?: string | undefined;
  readonly dialMap?: string | undefined;
  readonly emergency?: readonly string[] | undefined;
  readonly provisioning?:
    | {
        readonly url: string | undefined;
        readonly user: string | undefined;
        readonly password: string | undefined;
        /** Seconds. */
        readonly interval: number | undefined;
      }
    | undefined;
  readonly syslog?:
    | {
        readonly server: string | undefined;
        readonly transport: Exclude<Transport, 'auto'> | undefined;
        readonly level: 'debug' | 'info' | 'warn' | 'error' | undefined;
      }
    | undefined;
  /** Keys of our schema that the user may not change. */
  readonly locked?: readonly string[] | undefined;
}
