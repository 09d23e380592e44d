/** IPv4 as the outside of 6bed4 needs it: an address is an unsigned 32-bit number. */

/** One end of the outer UDP over IPv4. */
export interface Ipv4End {
  /** 0 to 2^32 - 1. */
  readonly ipv4: number;
  readonly port: number;
}
