/** Where our media is heard: the address that goes into a description. */
import type { Family } from '#address/endpoint.ts';
import { isLinkLocal, isLoopback, isTeredo, isUnspecified } from '#address/ip.ts';
import { nativeIpv6, serves } from '#address/network.ts';
import { selectSource } from '#address/selection.ts';
import { ableSources, isWithin6bed4 } from '#address/sixbed4.ts';
import type { Flow } from '#sip/types.ts';
import type { LocalAddresses } from './types.ts';

/**
 * The address of `family` by which the peer of `flow` reaches us: the one that the signalling uses, else the best for
 * the peer's media address, if that is known, by RFC 6724. Undefined: we have none that serves, and no media of this
 * family can flow. Never a Teredo address.
 */
export function mediaAddress(
  family: Family,
  flow: Flow,
  addresses: LocalAddresses,
  peer?: string,
): string | undefined {
  const known = peer === undefined || isUnspecified(peer) ? undefined : peer;
  const { local } = flow;
  if (local.family === family && isOurs(local.address, addresses) && reaches(flow, known, addresses))
    return local.address;
  if (known !== undefined && addresses.network !== undefined) return sourceFor(known, addresses.network);
  return (family === 4 ? addresses.ipv4 : addresses.ipv6)[0];
}

/** Whether we still have an address. Of loopback and link-local ones nobody tells us, so they count as there. */
export function isOurs(address: string, { ipv4, ipv6, network }: LocalAddresses): boolean {
  const plain = withoutZone(address);
  if (isTeredo(plain)) return false;
  if (isLoopback(plain) || isLinkLocal(plain) || ipv4.includes(plain) || ipv6.includes(plain)) return true;
  return network?.addresses.some((own) => own.address === plain) ?? false;
}

/**
 * Whether an address of the tunnel is ours still, and native IPv6 has taken over. Where it is for nothing new because
 * its router is lost, there is nothing better.
 */
export function isOutdated(address: string, { network }: LocalAddresses): boolean {
  if (network === undefined || !nativeIpv6(network)) return false;
  const own = network.addresses.find((each) => each.address === withoutZone(address));
  return own?.encapsulated === '6bed4' && own.deprecated === true;
}

/** That an address is being checked or grows old concerns neither registrars nor calls. */
export function isSameNetwork(one: LocalAddresses, other: LocalAddresses): boolean {
  return essence(one) === essence(other);
}

function essence({ ipv4, ipv6, network }: LocalAddresses): string {
  return JSON.stringify([[...ipv4].sort(), [...ipv6].sort(), network?.routers]);
}

/**
 * Whether media may leave from where the signalling does. A unique local address reaches its like; where the server
 * in the wide world is reached from one, somebody on the way translates, and the peer will be reached as well.
 */
function reaches(flow: Flow, peer: string | undefined, { network }: LocalAddresses): boolean {
  const plain = withoutZone(flow.local.address);
  const own = network?.addresses.find(({ address }) => address === plain);
  if (network === undefined || own === undefined || peer === undefined) return true;
  // Its link is known by the zone of our own address alone.
  if (isLinkLocal(peer)) return isLinkLocal(plain);
  // 6bed4 answers 6bed4, and is not taken where both ends can do without.
  const tunnelled = own.encapsulated === '6bed4';
  if (network.addresses.some((each) => isWithin6bed4(each, peer)) !== tunnelled)
    if (!tunnelled || nativeIpv6(network)) return false;
  return serves(network, own, peer) || !serves(network, own, flow.remote.address);
}

function sourceFor(peer: string, network: NonNullable<LocalAddresses['network']>): string | undefined {
  const own = selectSource(peer, ableSources(network, peer), { preferPublic: true });
  // Without its zone the peer's link-local address would be of any link.
  if (own === undefined) return undefined;
  const zoned = peer.includes(':') && isLinkLocal(own.address);
  return zoned ? `${own.address}%${own.interface}` : own.address;
}

function withoutZone(address: string): string {
  return address.split('%', 1)[0] ?? address;
}
