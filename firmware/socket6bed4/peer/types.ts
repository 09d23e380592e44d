/**
 * The doors of the peer, the pure machine that makes IPv6 out of UDP over IPv4: `handle(input, now) → PeerEffect[]`
 * and `deadline`, both in milliseconds on any steady clock. Its packets are whole IPv6 packets; what is inside of them
 * but neighbour discovery is the business of who uses it.
 */
import type { Ipv4End, Ipv4Prefix } from '../address/ipv4.ts';

export interface PeerOptions {
  /** Asked all at once; the one that answers first serves until it is silent, then the next. */
  readonly routers: readonly Ipv4End[];
  /** Private targets that may be sent to all the same, because they are neighbours and somebody asked for it. */
  readonly onLink?: readonly Ipv4Prefix[];
  /** Milliseconds that the NAT on the way keeps an unused mapping; default 30 000. */
  readonly hole?: number;
  /** Milliseconds between keep-alives to the router; default 25 000. */
  readonly keepAlive?: number;
  /** 0 up to 1. */
  readonly random: () => number;
}

export type PeerInput =
  /** Look for a router. */
  | { readonly kind: 'start' }
  /**
   * These routers from now on, in any order. The one that serves does so still: for good if it is among them, otherwise
   * until another one has answered. Those that are new are asked only if one is looked for.
   */
  | { readonly kind: 'routers'; readonly routers: readonly Ipv4End[] }
  /** A datagram of the outside. */
  | { readonly kind: 'received'; readonly from: Ipv4End; readonly octets: Uint8Array }
  /**
   * A whole IPv6 packet of ours, at most 1280 octets, traffic class 0, its source one of `addresses`. The peer writes
   * into its header. To an address of our own it is delivered, not sent.
   */
  | { readonly kind: 'send'; readonly packet: Uint8Array }
  /** There will be traffic with this address: if another router serves it, get an address of that one too. */
  | { readonly kind: 'attach'; readonly remote: Uint8Array }
  /** Nothing is heard from this address although something should: do not trust the direct path. */
  | { readonly kind: 'suspect'; readonly remote: Uint8Array }
  /** Our IPv4 address or route may be another: everything learnt is in doubt. */
  | { readonly kind: 'network-changed' }
  | { readonly kind: 'tick' };

export type PeerEffect =
  /** Empty `octets` are a keep-alive or a probe. */
  | { readonly kind: 'transmit'; readonly to: Ipv4End; readonly octets: Uint8Array }
  /** A packet for us that passed every rule; it may be a fragment. */
  | { readonly kind: 'deliver'; readonly packet: Uint8Array }
  /**
   * Our address by our own router is there, is there again after `lost`, or is another than before; all that hung on
   * `previous` is void.
   */
  | {
      readonly kind: 'address';
      readonly address: Uint8Array;
      readonly previous?: Uint8Array;
      readonly router: Ipv4End;
    }
  /** What `attach` asked for: the address to use with `remote`; our ordinary one where no better can be had. */
  | { readonly kind: 'attached'; readonly remote: Uint8Array; readonly address: Uint8Array }
  /** Packets to this address take this way from now on. Every neighbour begins relayed, which is not told. */
  | { readonly kind: 'path'; readonly remote: Uint8Array; readonly path: 'direct' | 'relayed' }
  /** No router answers. Our address stays what it was; the search goes on. `first`: there has been none so far. */
  | { readonly kind: 'lost'; readonly first: boolean }
  /** Something was ignored; `why` is a short stable word. */
  | { readonly kind: 'dropped'; readonly why: string };

/** What `Peer` shows of itself. */
export interface PeerView {
  /** When to call with `tick`; Infinity: never. */
  readonly deadline: number;
  /** Ours at present: the one by our own router first, then those by others. Empty: none yet. */
  readonly addresses: readonly Uint8Array[];
  /** The source to use for a packet to `destination`; undefined: none yet. */
  sourceFor(destination: Uint8Array): Uint8Array | undefined;
  readonly counters: Readonly<PeerCounters>;
}

export interface PeerCounters {
  /** Packets of ours that went straight to the neighbour. */
  direct: number;
  /** Packets of ours that went through a router. */
  relayed: number;
  /** Packets that came straight from the neighbour, and through a router. */
  receivedDirect: number;
  receivedRelayed: number;
  /** What was ignored, by reason. */
  readonly dropped: Record<string, number>;
}
