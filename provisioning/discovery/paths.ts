/** From what the host has to whom it can ask: each interface with an address is a way to a DHCP server or a router. */
import { isLinkLocal, isLoopback } from '#address/ip.ts';
import { isAssigned, type Network, type OwnAddress } from '#address/network.ts';

/** Who carries it out is told in discovery.ts. */
export type Path =
  | { readonly kind: 'dhcp4'; readonly interface: string; readonly address: string }
  /** `address`: the link-local one, without zone. */
  | { readonly kind: 'dhcp6' | 'router'; readonly interface: string; readonly address: string }
  | { readonly kind: 'leases' | 'pnp' | 'dns-sd' | 'redirect' };

export function keyOf(path: Path): string {
  return 'interface' in path ? `${path.kind} ${path.interface} ${path.address}` : path.kind;
}

/** What is not asked for at all, whatever the network has. */
const EVERYWHERE: readonly Path[] = [
  { kind: 'leases' },
  { kind: 'pnp' },
  { kind: 'dns-sd' },
  { kind: 'redirect' },
];

/** None where the host has no address that leads anywhere. */
export function pathsOf(network: Network): readonly Path[] {
  const own = network.addresses.filter((one) => isAssigned(one) && isOfLink(one));
  const paths = own.flatMap(({ interface: name, address }): readonly Path[] => {
    if (!address.includes(':'))
      return isLinkLocal(address) ? [] : [{ kind: 'dhcp4', interface: name, address }];
    if (!isLinkLocal(address)) return [];
    return [
      { kind: 'dhcp6', interface: name, address },
      { kind: 'router', interface: name, address },
    ];
  });
  return own.length === 0 ? [] : [...EVERYWHERE, ...onePerInterface(paths)];
}

/** Of several addresses the first: a server tells the same to all of them. */
function onePerInterface(paths: readonly Path[]): readonly Path[] {
  const nameOf = (path: Path) => ('interface' in path ? `${path.kind} ${path.interface}` : path.kind);
  return paths.filter((path, at) => paths.findIndex((other) => nameOf(other) === nameOf(path)) === at);
}

function isOfLink(own: OwnAddress): boolean {
  return own.encapsulated === undefined && !isLoopback(own.address);
}

/**
 * What makes this network this one: its routers, and our addresses in it. As long as something of it remains it is the
 * same network: IPv4 comes a second after IPv6, a router is restarted, a prefix is renumbered. Who is carried to another
 * one loses all of it on the way.
 */
export function marksOf(network: Network): ReadonlySet<string> {
  const routers = (network.routers ?? []).map(
    (one) => `${one.family} ${one.interface} ${one.gateway ?? 'link'}`,
  );
  const addresses = network.addresses
    .filter(
      (own) =>
        isOfLink(own) && own.temporary !== true && !(own.address.includes(':') && isLinkLocal(own.address)),
    )
    .map((own) => `${own.interface} ${own.address}`);
  return new Set([...routers, ...addresses]);
}
