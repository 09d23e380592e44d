/**
 * What `six_peer.ts` can be told, as lines of JSON on its input, and what it tells, as lines of JSON on its output.
 * Every peer also answers a ping with a pong, and counts what it hears of streams.
 */

/** An end as `dgram` names it. */
export interface End {
  readonly address: string;
  readonly port: number;
}

export type Order =
  | { readonly do: 'send'; readonly to: End; readonly text: string }
  /** Octets of the whole payload. */
  | { readonly do: 'send'; readonly to: End; readonly hex: string }
  /** One that is answered; told as `pong`. `octets` of payload, at least 16. */
  | { readonly do: 'ping'; readonly to: End; readonly id: number; readonly octets?: number }
  /** Numbered datagrams, one every `every` ms, until the next `stream`; `to` undefined ends it. */
  | { readonly do: 'stream'; readonly to?: End; readonly every: number }
  | { readonly do: 'suspect'; readonly remote: string }
  /** Tells a `report`; `anew`: and counts anew. */
  | { readonly do: 'report'; readonly anew: boolean };

/** `time`: milliseconds since 1970, with fractions, as those of captures. */
export type Told = { readonly time: number } & (
  | { readonly event: 'listening'; readonly own: End }
  | { readonly event: 'message'; readonly from: End; readonly text: string }
  | { readonly event: 'pong'; readonly from: End; readonly id: number; readonly ms: number }
  | { readonly event: 'address'; readonly address: string; readonly previous?: string }
  | { readonly event: 'direct' | 'relayed'; readonly remote: string }
  | { readonly event: 'lost' }
  | { readonly event: 'error'; readonly message: string }
  | ({ readonly event: 'report' } & Report)
);

export interface Report {
  /** Datagrams of streams that were sent. */
  readonly sent: number;
  /** Of streams that came, by the sender's address. */
  readonly heard: readonly Heard[];
  /** Octets of the heap and of what lies outside of it. */
  readonly memory: number;
  /** Of the tunnel, where there is one. */
  readonly counters?: Readonly<Record<string, unknown>>;
}

export interface Heard {
  readonly from: End;
  readonly count: number;
  /** Numbers between the first and the last that did not come. */
  readonly missing: number;
  readonly twice: number;
  /** Longest time between two that came one after the other, ms. */
  readonly gap: number;
}

/** First octet of what peers say by themselves. */
export const PING = 0xf1;
export const PONG = 0xf2;
export const STREAM = 0xf3;
/** Kind, three octets of nothing, number, time as a float. */
export const HEAD = 16;
/** A stream's payload: as long as RTP with 20 ms of G.711. */
export const STREAM_OCTETS = 172;
