import { type Ipv4End, isForbiddenTarget } from '../address/ipv4.ts';
import { type Ipv6, mayBeSource, sameIpv6 } from '../address/ipv6.ts';
import { addressOf, endOf, sameNetwork } from '../address/sixbed4.ts';
import type { Router } from './router.ts';

/** What a router advertises to us. */
export interface Advertised {
  readonly address: Ipv6;
  /** Where the router sees us, and so do the neighbours if the NAT is kind. */
  readonly end: Ipv4End;
}

/** An address of ours and the router that gave it. */
export interface Lease extends Advertised {
  readonly router: Router;
  /** By a router that somebody named to us: it speaks for its own prefix alone. */
  readonly guest?: true;
}

/** A router of our own may see us at a private address; at none of those that are no host's. */
const EVERYWHERE = [{ ipv4: 0, length: 0 }];

/** What comes of an advertised /114; undefined: nothing that could be an address of ours. */
export function advertisedOf(prefix: Ipv6): Advertised | undefined {
  const end = endOf(prefix);
  if (!end || isForbiddenTarget(end, EVERYWHERE)) return undefined;
  const address = addressOf(prefix, end);
  // 0::/8 is reserved (RFC 4291 2.4), whatever stands in the bottom half.
  return mayBeSource(address) && address[0] !== 0 ? { address, end } : undefined;
}

export function leaseOfAddress(leases: readonly Lease[], address: Ipv6): Lease | undefined {
  return leases.find((lease) => sameIpv6(lease.address, address));
}

export function leaseOfNetwork(leases: readonly Lease[], address: Ipv6): Lease | undefined {
  return leases.find((lease) => sameNetwork(lease.address, address));
}
