/**
 * What the host has: its addresses with what the kernel says of each, and whether there are default routes. From
 * that: is there IPv6 worth the name, and which of our addresses can serve which peer.
 */
import { type AddressClass, addressClass, isNative6, mayUse } from './classes.ts';
import type { Family } from './endpoint.ts';
import { contains, type IpAddress, parseIp, parsePrefix, unmapped } from './ip.ts';

export interface OwnAddress {
  /** Canonical text, without zone. */
  readonly address: string;
  /** Bits of the on-link prefix; 128 or 32 where nothing is known to be on the link. */
  readonly prefixLength: number;
  /** Name of the interface, such as `eth0`. */
  readonly interface: string;
  /** RFC 4862 5.4: duplicate address detection has not ended. */
  readonly tentative?: boolean;
  /** Somebody else has it. */
  readonly dadfailed?: boolean;
  /** RFC 4862 5.5.4: valid, but not for anything new. */
  readonly deprecated?: boolean;
  /** RFC 8981. */
  readonly temporary?: boolean;
  /** Packets leave inside other packets. */
  readonly encapsulated?: '6bed4' | 'other';
}

/** A default route. Without `gateway` it leads straight onto a link, such as a tunnel's. */
export interface Router {
  readonly family: Family;
  readonly interface: string;
  /** Canonical text, without zone. */
  readonly gateway?: string;
}

export interface Network {
  readonly addresses: readonly OwnAddress[];
  /** Per family: whether there is a default route. */
  readonly defaultRoute: Readonly<Record<Family, boolean>>;
  /** Those default routes, as far as they are known one by one. */
  readonly routers?: readonly Router[];
}

/** Ours by now, and allowed: neither being checked, nor taken by another, nor Teredo. */
export function isAssigned(own: OwnAddress): boolean {
  return own.tentative !== true && own.dadfailed !== true && mayUse(own.address);
}

/** Native IPv6: a default route, and a global address that came with no transition mechanism. */
export function nativeIpv6(network: Network): boolean {
  return (
    network.defaultRoute[6] &&
    network.addresses.some((own) => isAssigned(own) && own.encapsulated !== '6bed4' && isNative6(own.address))
  );
}

/** Whether some interface of ours has a Teredo address: never used, but told. */
export function teredoSeen(network: Network): boolean {
  return network.addresses.some((own) => addressClass(own.address) === 'teredo');
}

/** Whether `target` is a neighbour on the interface: link-local there, or inside a prefix of the interface. */
export function isOnLink(network: Network, name: string, target: IpAddress | string): boolean {
  const ip = typeof target === 'string' ? parseIp(target) : target;
  if (ip === undefined || (ip.zone !== undefined && ip.zone !== name)) return false;
  if (addressClass(ip) === 'link-local') return true;
  return network.addresses.some((own) => {
    const prefix = own.interface === name ? parsePrefix(`${own.address}/${own.prefixLength}`) : undefined;
    return prefix !== undefined && contains(prefix, ip);
  });
}

/**
 * Whether a peer at `target` can be talked to from our address `own`. It says what cannot work, not what will:
 * behind a router a route may still be missing.
 */
export function serves(network: Network, own: OwnAddress, target: IpAddress | string): boolean {
  const parsed = typeof target === 'string' ? parseIp(target) : target;
  const from = parseIp(own.address);
  if (parsed === undefined || from === undefined || !isAssigned(own)) return false;
  const to = unmapped(parsed);
  if (to.family !== from.family || !mayUse(to)) return false;
  if (to.bits === from.bits) return true;
  const ours = addressClass(from);
  const theirs = addressClass(to);
  if (ours === 'loopback' || theirs === 'loopback') return ours === theirs;
  // The tunnel is no link: nobody on it has a link-local address.
  if (own.encapsulated === '6bed4' && ours !== theirs && theirs === 'link-local') return false;
  if (isOnLink(network, own.interface, to)) return true;
  // RFC 4007 6, RFC 3927 2.7: neither end may be behind a router.
  if (ours === 'link-local' || theirs === 'link-local') return false;
  // RFC 4193 4.1: no way leads back from the world to a unique local address; site-local ones died likewise. Nor does
  // one to 6bed4 under its own prefix, whatever lies beyond the routers.
  if (ours === '6bed4' || theirs === '6bed4' || isLocal(ours)) return theirs === ours;
  return own.encapsulated !== '6bed4' || !isLocal(theirs);
}

function isLocal(name: AddressClass | undefined): boolean {
  return name === 'ula' || name === 'site-local';
}
