/** A plain order of the addresses of one server: IPv6 first where we have it, within a family as DNS gave them. */
import type { Endpoint, Family } from '#address/endpoint.ts';
import { isLoopback } from '#address/ip.ts';

/** @param hasIpv6 whether we have an IPv6 address by which others reach us */
export function byFamily(addresses: readonly Endpoint[], hasIpv6: boolean): readonly Endpoint[] {
  const first: Family = hasIpv6 || addresses.every(({ address }) => isLoopback(address)) ? 6 : 4;
  return [
    ...addresses.filter(({ family }) => family === first),
    ...addresses.filter(({ family }) => family !== first),
  ];
}
