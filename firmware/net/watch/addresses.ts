/** Our own addresses and default routes, as the operating system has them now. */
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { attachmentOf } from '#address/attachment.ts';
import { addressClass, isNative6 } from '#address/classes.ts';
import type { Family } from '#address/endpoint.ts';
import {
  isAssigned,
  type Network,
  nativeIpv6,
  type OwnAddress,
  type Router,
  teredoSeen,
} from '#address/network.ts';
import { TUNNEL } from '#address/sixbed4.ts';
import { keyOf, parseIfInet6, parseIpv4Routes, parseIpv6Routes } from './proc_network.ts';

/** Canonical text, best first, without what nobody can reach us by. */
export interface OwnAddresses {
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
  /** There is IPv6 worth the name. */
  readonly native6: boolean;
  /** An interface has a Teredo address (RFC 4380); we never use it. */
  readonly teredoSeen: boolean;
  /** Names the network that we are on; see address/attachment.ts. */
  readonly attachment: string;
  /** All that this was taken from. */
  readonly network: Network;
}

/** Where to look; the system's own by default. */
export interface NetworkSources {
  readonly interfaces: () => ReturnType<typeof networkInterfaces>;
  /** The text of a file; empty where there is none. */
  readonly file: (path: string) => string;
}

const SYSTEM: NetworkSources = { interfaces: networkInterfaces, file: textOf };

export function ownAddresses(sources: NetworkSources = SYSTEM): OwnAddresses {
  return addressesOf(readNetwork(sources));
}

/** What the kernel lists: interfaces that are up and have a carrier, with each address's state. */
export function readNetwork({ interfaces, file }: NetworkSources = SYSTEM): Network {
  const states = parseIfInet6(file('/proc/net/if_inet6'));
  const addresses = Object.entries(interfaces()).flatMap(([name, list]) =>
    (list ?? []).map(({ address, cidr }): OwnAddress => {
      const length = cidr?.split('/')[1] ?? (address.includes(':') ? 128 : 32);
      const state = states.get(keyOf(name, address));
      const tunnel = /^6bed4/.test(name) ? ({ encapsulated: '6bed4' } as const) : {};
      return { address, interface: name, prefixLength: Number(length), ...tunnel, ...state };
    }),
  );
  const routes = [
    ...parseIpv4Routes(file('/proc/net/route')),
    ...parseIpv6Routes(file('/proc/net/ipv6_route')),
  ];
  const routers = routes.filter((router) => leadsSomewhere(router, addresses));
  const has = (family: Family) => routers.some((router) => router.family === family);
  return { addresses, defaultRoute: { 4: has(4), 6: has(6) }, routers };
}

/** A default route into a Teredo tunnel is none, nor is one on an interface that is down. */
function leadsSomewhere({ interface: name, family }: Router, addresses: readonly OwnAddress[]): boolean {
  const there = addresses.filter((own) => own.interface === name);
  return there.length > 0 && !(family === 6 && there.some(({ address }) => isTeredo(address)));
}

/** Loopback counts only on a host that has nothing else; link-local and Teredo addresses never do. */
export function addressesOf(network: Network): OwnAddresses {
  const reachable = network.addresses.filter((own) => isAssigned(own) && !hasClass(own, 'link-local'));
  const outward = reachable.filter((own) => !hasClass(own, 'loopback'));
  const chosen = outward.length > 0 ? outward : reachable;
  return {
    ipv4: bestFirst(chosen, 4, network),
    ipv6: bestFirst(chosen, 6, network),
    native6: nativeIpv6(network),
    teredoSeen: teredoSeen(network),
    attachment: attachmentOf(network),
    network,
  };
}

/**
 * The same with addresses of the 6bed4 tunnel. The network keeps its name: it is the same one, and what was learnt in
 * it stays. `inside`: the one by our own router first; those by the routers of peers serve these alone. `outdated`: they
 * are for nothing new. `silent`: native IPv6 leads nowhere, whatever its routes say.
 */
export function withTunnel(
  own: OwnAddresses,
  tunnel: { readonly inside: readonly string[]; readonly outdated: boolean; readonly silent: boolean },
): OwnAddresses {
  const { inside, outdated, silent } = tunnel;
  const native6 = own.native6 && !silent;
  if (inside.length === 0) return { ...own, native6 };
  const { addresses, defaultRoute } = own.network;
  const tunnelled = inside.map(
    (address): OwnAddress => ({
      address,
      prefixLength: 64,
      interface: TUNNEL,
      encapsulated: '6bed4',
      ...(outdated ? { deprecated: true } : {}),
    }),
  );
  return {
    ...own,
    ipv6: outdated ? own.ipv6 : [...own.ipv6, ...inside.slice(0, 1)],
    native6,
    network: {
      ...own.network,
      addresses: [...addresses, ...tunnelled],
      defaultRoute: silent ? { ...defaultRoute, 6: false } : defaultRoute,
    },
  };
}

/** What lasts and leads into the world goes first; among equals the order of the interfaces. */
function bestFirst(all: readonly OwnAddress[], family: Family, { routers = [] }: Network): readonly string[] {
  const faults = (own: OwnAddress) => [
    own.deprecated === true,
    !routers.some((router) => router.family === family && router.interface === own.interface),
    family === 6 && !isNative6(own.address),
    own.encapsulated !== undefined,
    own.temporary === true,
  ];
  const weight = (own: OwnAddress) => faults(own).reduce((sum, fault) => 2 * sum + Number(fault), 0);
  const ours = all.filter(({ address }) => (family === 6) === address.includes(':'));
  const sorted = ours.toSorted((a, b) => weight(a) - weight(b));
  return [...new Set(sorted.map(({ address }) => address))];
}

const isTeredo = (address: string) => addressClass(address) === 'teredo';

function hasClass({ address }: OwnAddress, name: ReturnType<typeof addressClass>): boolean {
  return addressClass(address) === name;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
