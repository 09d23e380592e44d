/**
 * The doors of the SIP room: what goes in, what comes out. The user agent (user_agent.ts) is one machine:
 * `handle(input, now) → SipEffect[]` and `deadline`. It never reads a clock, opens a socket or asks a name
 * server: those are inputs and effects.
 */
import type { Endpoint } from '#address/endpoint.ts';
import type { ResyncAction } from './resync.ts';

export type Transport = 'udp' | 'tcp' | 'tls';

/**
 * The way a message came or shall go. `local` names the address and *listening* port by which the peer
 * reaches us back (what Via sent-by and Contact say), `remote` the peer. `connection` is set for what came
 * over a stream: answers go back over it while it is open (RFC 3261 18.2.2).
 */
export interface Flow {
  readonly transport: Transport;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly connection?: number;
  /**
   * With TLS: the domain that the server's certificate has to name (RFC 5922 7.3), or the fingerprint that it has to have
   * (net/tls.ts); absent: its address.
   */
  readonly serverName?: string;
  /** Through the tunnel: `local` is an address inside. Datagrams alone go there. */
  readonly encapsulated?: '6bed4';
}

/** Name of a call inside this agent; never on the wire. */
export type CallId = string;

/** Who is at the other end, decoded for people: display name (UTF-8, may be empty) and URI text. */
export interface Party {
  readonly name: string;
  readonly uri: string;
}

/** The next hop of a request, to be turned into flows by RFC 3263. `host` has no brackets. */
export interface Hop {
  readonly host: string;
  readonly port?: number;
  /** Set when the URI or the account demands it; else RFC 3263 decides. */
  readonly transport?: Transport;
  /** sips: nothing but TLS will do. */
  readonly secure: boolean;
  /** Restricts the family where the account says so. */
  readonly family?: 4 | 6;
}

/** A SIP account as the user agent needs it. */
export interface Account {
  readonly id: string;
  readonly user: string;
  readonly domain: string;
  readonly port?: number;
  readonly transport?: Transport;
  readonly family?: 4 | 6;
  readonly outboundProxy?: string;
  readonly displayName?: string;
  readonly authUser: string;
  readonly password: string;
  /** Seconds asked for at registration. */
  readonly expires: number;
}

/** What a call needs of its media description: write an offer, or answer `remote`. */
export interface DescribeRequest {
  readonly call: CallId;
  /** The SDP offer to answer (UTF-8 text); absent: make an offer. */
  readonly remote?: string;
  /** The flow of the request that carries it: an offer follows its family. */
  readonly flow: Flow;
}

/** What the telephone asks of the user agent. */
export type SipCommand =
  | { readonly kind: 'register'; readonly account: string }
  | { readonly kind: 'unregister'; readonly account: string }
  /** Call `to` (a URI text: sip, sips, tel). Answered by `describe`, then `progress` … `established` or `ended`. */
  | {
      readonly kind: 'call';
      readonly call: CallId;
      readonly to: string;
      readonly account?: string;
      /** Lets the peer make the offer: `describe` comes with its description when it has answered. */
      readonly offerless?: boolean;
    }
  /** The description that `describe` asked for. */
  | { readonly kind: 'described'; readonly call: CallId; readonly sdp: string }
  /** No description can be made; the request is answered (or never sent) with `status`, e.g. 488. */
  | { readonly kind: 'not-described'; readonly call: CallId; readonly status: number }
  /** 180 for an incoming call. */
  | { readonly kind: 'ring'; readonly call: CallId }
  /** 200 for an incoming call: `describe` follows. */
  | { readonly kind: 'accept'; readonly call: CallId }
  | { readonly kind: 'reject'; readonly call: CallId; readonly status: number }
  /** Ends a call in any state: CANCEL, BYE, or 603/487 as the state demands. */
  | { readonly kind: 'hang-up'; readonly call: CallId }
  /**
   * Sends a re-INVITE with a fresh offer: `describe` follows. Queued while another is under way. `anew`: the way it
   * took so far may be broken, and is looked for from the beginning.
   */
  | { readonly kind: 'reinvite'; readonly call: CallId; readonly anew?: boolean }
  /** Subscribes to these documents (RFC 5989), and to no others: SIP URIs. `monitored` follows, again and again. */
  | { readonly kind: 'monitor'; readonly uris: readonly string[] }
  /** Ends every call and registration; `quiet` follows when nothing is left. */
  | { readonly kind: 'shut-down' };

export type SipInput =
  | SipCommand
  /** One datagram, or one message framed from a stream. */
  | { readonly kind: 'received'; readonly flow: Flow; readonly octets: Uint8Array }
  /**
   * The answer to `locate`: for each server (transport and target), in the order of RFC 3263, its flows of both
   * families. Empty: `error` says why.
   */
  | {
      readonly kind: 'located';
      readonly ticket: number;
      readonly groups: readonly (readonly Flow[])[];
      readonly error?: string;
      /** False: told early; the same ticket is told once more, by all. Default: true. */
      readonly final?: boolean;
    }
  /** A `connect` with this `ref` is done; a failure comes as `transport-error`. */
  | { readonly kind: 'connected'; readonly ref: string }
  /** Our addresses, routes or link changed. `attachment` names the network we are on; `addresses` are all of ours. */
  | {
      readonly kind: 'network-changed';
      readonly attachment: string;
      readonly addresses: readonly string[];
    }
  /** Calls without an account are made as this extension from now on. */
  | { readonly kind: 'extension'; readonly extension: string }
  /** Who sends from these addresses is a neighbour: it may ring, and nothing else. In place of those before. */
  | { readonly kind: 'neighbours'; readonly addresses: readonly string[] }
  /** A `send` or `connect` with this `ref` failed: connection refused, reset, no route, ICMP error. */
  | { readonly kind: 'transport-error'; readonly ref: string; readonly error: string }
  /** A connection is gone: over this flow nobody reaches us any more. */
  | { readonly kind: 'flow-closed'; readonly flow: Flow }
  /** Time has passed: whatever is due by now happens. */
  | { readonly kind: 'tick' };

/** Why a call ended, for the screen, the tone and the log. */
export interface EndCause {
  readonly by: 'us' | 'peer' | 'network';
  /** The final SIP status: the peer's, or the one that stands for what we or the network did (8.1.3.1). */
  readonly status?: number;
  readonly reason: string;
}

export type RegistrationState = 'registered' | 'trying' | 'failed' | 'off';

/** What the user agent tells the telephone. */
export type SipEvent =
  | ({ readonly kind: 'describe' } & DescribeRequest)
  /** An INVITE that may ring. `offer` is its SDP, if any. The 100 has been sent. */
  | {
      readonly kind: 'incoming';
      readonly call: CallId;
      readonly from: Party;
      readonly to: Party;
      readonly account?: string;
      readonly offer?: string;
      readonly flow: Flow;
    }
  /** A provisional response above 100 to our INVITE. */
  | { readonly kind: 'progress'; readonly call: CallId; readonly status: number; readonly reason: string }
  /** The answer to our offer. `early`: came in a provisional response. */
  | { readonly kind: 'answer'; readonly call: CallId; readonly sdp: string; readonly early: boolean }
  /** The INVITE was answered by 2xx (UAC) or its ACK came (UAS). */
  | { readonly kind: 'established'; readonly call: CallId; readonly flow: Flow }
  /** Our re-INVITE was refused and the session stays as it was. `unreached`: nobody was there to refuse it. */
  | {
      readonly kind: 'reinvite-refused';
      readonly call: CallId;
      readonly status: number;
      readonly unreached?: boolean;
    }
  | { readonly kind: 'ended'; readonly call: CallId; readonly cause: EndCause }
  | {
      readonly kind: 'registration';
      readonly account: string;
      readonly state: RegistrationState;
      readonly flow?: Flow;
      /** Seconds granted by the registrar. */
      readonly expires?: number;
      /** The registrar's clock, as it wrote it (20.17). */
      readonly date?: string;
      readonly error?: string;
    };

export type SipEffect =
  | SipEvent
  /** Send `octets`; a failure comes back as `transport-error` with the same `ref`. */
  | { readonly kind: 'send'; readonly flow: Flow; readonly octets: Uint8Array; readonly ref: string }
  /** Open a connection, or take the one that stands, for a request that may follow: `connected` or `transport-error`. */
  | { readonly kind: 'connect'; readonly flow: Flow; readonly ref: string }
  /** The connection is not wanted: close it, if nothing was sent over it and nobody else wants it. */
  | { readonly kind: 'disconnect'; readonly ref: string }
  | { readonly kind: 'locate'; readonly ticket: number; readonly hop: Hop }
  /** Something was ignored by the RFC's rule; counted by `why` (a short stable word). */
  | { readonly kind: 'dropped'; readonly why: string; readonly flow: Flow }
  /** A server that may say so says that there is a new configuration, or that we shall start again. */
  | { readonly kind: 'resync'; readonly action: ResyncAction; readonly flow: Flow }
  /** How the document is now: the header fields of HTTP. Without `body`: nobody will tell (RFC 6011 2.5.1.1). */
  | { readonly kind: 'monitored'; readonly uri: string; readonly body?: string }
  /** After `shut-down`: nothing is left to do. */
  | { readonly kind: 'quiet' };
