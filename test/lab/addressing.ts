/**
 * Who lives where in the laboratory. IPv6 comes from 2d00::/8: inside 2000::/3, so native by our own rule, and of no
 * block with a meaning of its own (documentation, Teredo, 6to4, ORCHID, the 6bone's 3ffe::/16 which RFC 6724 puts
 * last). IANA has given none of it to anybody, so nobody's address is borrowed. IPv4 is of 10.0.0.0/8: an address of
 * TEST-NET would be as good for IPv4, but not for who tells documentation from the rest.
 *
 * An Internet of IPv4 with NATs needs addresses that a NAT's inside cannot have: there, hosts are of TEST-NET-2.
 */
import type { Family } from '#address/endpoint.ts';

/** Hosts have numbers from 1 to 250; each lives in a subnet of its own behind the router. */
export const MOST_HOSTS = 250;

export interface Subnet {
  /** Of the host, without prefix length. */
  readonly address: string;
  readonly router: string;
  readonly length: number;
}

/** Where the host with this number lives. */
export type AddressPlan = (host: number, family: Family) => Subnet;

export function subnetOf(host: number, family: Family): Subnet {
  return family === 4
    ? { address: `10.77.${host}.2`, router: `10.77.${host}.1`, length: 24 }
    : {
        address: `2d00:1ab:0:${host.toString(16)}::2`,
        router: `2d00:1ab:0:${host.toString(16)}::1`,
        length: 64,
      };
}

/** IPv4 of 198.51.100.0/24 (RFC 5737 3), which no rule takes for private; for at most 62 hosts. */
export function publicSubnetOf(host: number, family: Family): Subnet {
  if (family === 6) return subnetOf(host, 6);
  const first = 4 * host;
  return { address: `198.51.100.${first + 2}`, router: `198.51.100.${first + 1}`, length: 30 };
}

/** Behind a NAT, and the same behind every other. */
export function privateSubnetOf(host: number, family: Family): Subnet {
  if (family === 6) return subnetOf(host, 6);
  return { address: `192.168.${host}.2`, router: `192.168.${host}.1`, length: 24 };
}

/** In URIs and `host:port`. */
export function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

export function familyOf(address: string): Family {
  return address.includes(':') ? 6 : 4;
}
