/**
 * Who lives where in the laboratory. IPv6 comes from 2d00::/8: inside 2000::/3, so native by our own rule, and of no
 * block with a meaning of its own (documentation, Teredo, 6to4, ORCHID, the 6bone's 3ffe::/16 which RFC 6724 puts
 * last). IANA has given none of it to anybody, so nobody's address is borrowed. IPv4 is of 10.0.0.0/8: an address of
 * TEST-NET would be as good for IPv4, but not for who tells documentation from the rest.
 */
import type { Family } from '#address/endpoint.ts';

/** Hosts have numbers from 1 to 250; each lives in a subnet of its own behind the router. */
export const MOST_HOSTS = 250;

interface Subnet {
  /** Of the host, without prefix length. */
  readonly address: string;
  readonly router: string;
  readonly length: number;
}

export function subnetOf(host: number, family: Family): Subnet {
  return family === 4
    ? { address: `10.77.${host}.2`, router: `10.77.${host}.1`, length: 24 }
    : {
        address: `2d00:1ab:0:${host.toString(16)}::2`,
        router: `2d00:1ab:0:${host.toString(16)}::1`,
        length: 64,
      };
}

/** In URIs and `host:port`. */
export function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

export function familyOf(address: string): Family {
  return address.includes(':') ? 6 : 4;
}
