/**
 * Where a packet of ours goes. One to an address that is no neighbour's, such as a native one, goes to the router that
 * gave us its source (draft-vanrein-6bed4-04 4.1); so does one whose bottom half is opaque or is the router's own. A
 * destination from which no answer would be accepted is refused, and so is one whose bottom half names a forbidden
 * target: whoever names addresses to us must not aim routers either.
 */
import { type Ipv4End, type Ipv4Prefix, isForbiddenTarget, sameEnd } from '../address/ipv4.ts';
import { mayBeSource } from '../address/ipv6.ts';
import { routerOf } from '../address/sixbed4.ts';
import { destinationOf, sourceOf } from '../packet/ipv6.ts';
import { faultOf, neighbourEndOf, type Refusal } from './accept.ts';
import { type Lease, leaseOfAddress } from './lease.ts';

/** Why a packet of ours is not sent. */
export type Unsendable =
  | Refusal
  /** None of our addresses, or no longer. */
  | 'not-our-source'
  /** A group, link-local, Teredo, 6to4 or nothing at all. */
  | 'bad-destination'
  /** Private, loopback, a group or port 0. */
  | 'forbidden-target'
  /** Another host behind our own IPv4 address and port: there is none. */
  | 'own-end';

/** By an address of ours to a neighbour at `end`, or to the router. */
export interface Route {
  readonly lease: Lease;
  readonly end?: Ipv4End;
}

/** `inside`: to ourselves. */
export function routeOf(
  packet: Uint8Array,
  leases: readonly Lease[],
  onLink: readonly Ipv4Prefix[],
): Route | 'inside' | Unsendable {
  const fault = faultOf(packet);
  if (fault) return fault;
  const lease = leaseOfAddress(leases, sourceOf(packet));
  if (!lease) return 'not-our-source';
  const destination = destinationOf(packet);
  if (leaseOfAddress(leases, destination) !== undefined) return 'inside';
  if (!mayBeSource(destination)) return 'bad-destination';
  const router = routerOf(destination);
  // Our own routers were asked for by name, whatever their addresses.
  const isOurs = leases.some((one) => one.router.end.ipv4 === router?.ipv4);
  if (router && !isOurs && isForbiddenTarget(router, onLink)) return 'forbidden-target';
  const end = neighbourEndOf(destination, lease);
  if (!end || sameEnd(end, lease.router.end)) return { lease };
  if (isForbiddenTarget(end, onLink)) return 'forbidden-target';
  return sameEnd(end, lease.end) ? 'own-end' : { lease, end };
}
