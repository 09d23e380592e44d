/**
 * The door of the agent's one 6bed4 tunnel. It lives in the media thread, so that sound need not wait for anybody; the
 * datagrams of SIP go there and come from there by these commands and events.
 */
import type { Endpoint } from '#address/endpoint.ts';

export type TunnelCommand =
  /**
   * Opens the tunnel, or changes its routers (`192.0.2.1:25790`). `port`: the local IPv4 port, if it is free.
   * `onLink`: private IPv4 prefixes whose hosts are neighbours (`10.0.0.0/8`). `sipPort`: where SIP is heard inside.
   */
  | {
      readonly kind: 'tunnel-open';
      readonly routers: readonly string[];
      readonly port: number;
      readonly onLink: readonly string[];
      readonly sipPort: number;
    }
  | { readonly kind: 'tunnel-close' }
  /** Our IPv4 address or route may be another. */
  | { readonly kind: 'tunnel-renew' }
  /** Which of our addresses to use with `remote`; answered by `tunnel-source` with the same `request`. */
  | { readonly kind: 'tunnel-source'; readonly request: number; readonly remote: string }
  /** A datagram of SIP, from `local`, one of our addresses inside. */
  | {
      readonly kind: 'tunnel-send';
      readonly octets: Uint8Array;
      readonly local: string;
      readonly remote: Endpoint;
      readonly ref: string;
    };

export interface TunnelCounters {
  /** Packets that went straight to the neighbour, and through a router. */
  readonly direct: number;
  readonly relayed: number;
}

export type TunnelEvent =
  /**
   * Told at every change, and the counters once a second while they move. `waiting`: no router has answered yet.
   * `lost`: none answers, or none any more; then the addresses are those of before, and neighbours may still be
   * reached straight.
   */
  | ({
      readonly kind: 'tunnel';
      readonly state: 'off' | 'waiting' | 'up' | 'lost';
      /** Ours inside, canonical text, the one by our own router first. */
      readonly addresses: readonly string[];
      /** `192.0.2.1:25790`. */
      readonly router?: string;
    } & TunnelCounters)
  | {
      readonly kind: 'tunnel-source';
      readonly request: number;
      /** Absent: the tunnel is not up. */
      readonly address?: string;
    }
  | {
      readonly kind: 'tunnel-datagram';
      readonly octets: Uint8Array;
      readonly remote: Endpoint;
      readonly local: string;
    }
  /** The network refused what `tunnel-send` sent with this ref: an ICMPv6 error came back, or there is no tunnel. */
  | { readonly kind: 'tunnel-unsent'; readonly ref: string; readonly error: string };

/** How the agent talks to the tunnel, wherever it lives. */
export interface TunnelLink {
  command(command: TunnelCommand): void;
  /** One listener for all events. */
  onEvent(listener: (event: TunnelEvent) => void): void;
}
