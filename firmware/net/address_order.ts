/**
 * The order in which the addresses of one server are tried: RFC 6724 section 6, with the addresses that we have now.
 * Which family goes first in the end is the preference's to say (address/preference.ts).
 */
import type { Endpoint } from '#address/endpoint.ts';
import { isAssigned, type Network } from '#address/network.ts';
import { orderDestinations } from '#address/selection.ts';

/** Those of one port and family stay in the order of DNS where the RFC has no opinion. */
export function inAddressOrder(ends: readonly Endpoint[], { addresses }: Network): readonly Endpoint[] {
  const ours = addresses.filter(isAssigned);
  const order = orderDestinations([...new Set(ends.map(({ address }) => address))], ours);
  return order.flatMap(({ destination }) => ends.filter(({ address }) => address === destination));
}
