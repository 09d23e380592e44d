/** What all machines of one peer share. */
import type { Ipv4End, Ipv4Prefix } from '../address/ipv4.ts';
import type { PeerEffect } from './types.ts';

/** Those of `PeerOptions`, complete, and where effects go. */
export interface Means {
  readonly onLink: readonly Ipv4Prefix[];
  /** Milliseconds. */
  readonly hole: number;
  readonly keepAlive: number;
  readonly random: () => number;
  readonly emit: (effect: PeerEffect) => void;
  readonly transmit: (to: Ipv4End, octets: Uint8Array) => void;
}
