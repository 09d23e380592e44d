/**
 * 6bed4 beside native IPv6: which of the two leads to a peer.
 *
 * An address of 6bed4 lies under the /64 of its router. That is one of the routers' own prefix fc64::/16, which only
 * 6bed4 knows, or a native one, which looks like any other and is known by being ours. In order of liking: native to
 * native, 6bed4 to 6bed4, and last the mixed way, which leads through a router and by the peer's longer way back.
 */
import { addressClass, isNative6 } from './classes.ts';
import { type IpAddress, parseIp } from './ip.ts';
import { isOnLink, type Network, nativeIpv6, type OwnAddress, serves } from './network.ts';

/** The interface of the addresses that our own tunnel has. */
export const TUNNEL = '6bed4';

/** Whether `own` and `to` are both of 6bed4: under one /64, or both under prefixes of routers. */
export function isWithin6bed4(own: OwnAddress, to: IpAddress | string): boolean {
  if (own.encapsulated !== '6bed4') return false;
  const [ours, theirs] = [parseIp(own.address), typeof to === 'string' ? parseIp(to) : to];
  if (ours?.family !== 6 || theirs?.family !== 6) return false;
  if (ours.bits >> 64n === theirs.bits >> 64n) return true;
  return addressClass(ours) === '6bed4' && addressClass(theirs) === '6bed4';
}

/** The addresses of ours that can talk to `target`; those of native IPv6 not where it leads nowhere but over the link. */
export function ableSources(network: Network, target: string): readonly OwnAddress[] {
  const able = network.addresses.filter((own) => serves(network, own, target));
  if (nativeIpv6(network) || !able.some(({ encapsulated }) => encapsulated === '6bed4')) return able;
  return able.filter(
    (own) =>
      own.encapsulated === '6bed4' || !isNative6(own.address) || isOnLink(network, own.interface, target),
  );
}

/**
 * How datagrams reach a peer. `native-else-tunnel`: by a route of this host, if it has one with an address that
 * serves. `both`: native IPv6 counts as missing, and only use can tell when it does not any more. `none`: for 6bed4,
 * and we are not there; a default route takes such a packet, and nobody ever answers.
 */
export type Way = 'native' | 'tunnel' | 'native-else-tunnel' | 'both' | 'none';

/** `silent`: nobody has answered over native IPv6 for long. */
export function wayTo(network: Network, target: string, silent: boolean): Way {
  const inside = network.addresses.filter((own) => own.interface === TUNNEL);
  const kind = addressClass(target);
  if (inside.length === 0) {
    const isReached = kind !== '6bed4' || network.addresses.some((own) => serves(network, own, target));
    return isReached ? 'native' : 'none';
  }
  if (parseIp(target)?.family !== 6) return 'native';
  // Another router's network: the tunnel gets an address there.
  if (kind === '6bed4' || inside.some((own) => isWithin6bed4(own, target))) return 'tunnel';
  const others = network.addresses.filter((own) => own.interface !== TUNNEL);
  const near = others.some((own) => isOnLink(network, own.interface, target) || own.address === target);
  if (near || kind === 'loopback' || !inside.some((own) => serves(network, own, target))) return 'native';
  if (silent) return 'both';
  return nativeIpv6(network) ? 'native' : 'native-else-tunnel';
}

/**
 * Whether a peer inside the tunnel may have this address. Anybody can write any source there, so none that this host
 * trusts for being near: its own links and itself.
 */
export function mayComeThroughTunnel(network: Network, source: string): boolean {
  const ip = parseIp(source);
  if (ip?.family !== 6 || ip.zone !== undefined) return false;
  switch (addressClass(ip)) {
    case 'global':
    case '6bed4':
    case 'documentation':
    case 'benchmarking':
      return !network.addresses.some(
        (own) =>
          own.address === ip.text || (own.interface !== TUNNEL && isOnLink(network, own.interface, ip)),
      );
    default:
      return false;
  }
}
