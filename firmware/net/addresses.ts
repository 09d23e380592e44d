/** Our own addresses, as the operating system lists them. */
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { isLinkLocal, isTeredo } from '#address/ip.ts';

/** Canonical text, best first: the order of the interfaces, without what nobody can reach us by. */
export interface OwnAddresses {
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
  /** An interface has a Teredo address (RFC 4380); we never use it. */
  readonly teredoSeen: boolean;
}

/** Milliseconds between two looks. */
const PERIOD = 5_000;

/** Loopback counts only on a host that has nothing else; link-local and Teredo addresses never do. */
export function ownAddresses(interfaces = networkInterfaces()): OwnAddresses {
  const all = Object.values(interfaces).flatMap((list) => list ?? []);
  const usable = all.filter(({ address }) => !isLinkLocal(address) && !isTeredo(address));
  const outward = usable.filter(({ internal }) => !internal);
  const chosen = outward.length > 0 ? outward : usable;
  return {
    ipv4: addressesOf(chosen, 'IPv4'),
    ipv6: addressesOf(chosen, 'IPv6'),
    teredoSeen: all.some(({ address }) => isTeredo(address)),
  };
}

function addressesOf(interfaces: readonly NetworkInterfaceInfo[], family: 'IPv4' | 'IPv6'): string[] {
  return [...new Set(interfaces.filter((entry) => entry.family === family).map(({ address }) => address))];
}

export interface AddressWatch {
  readonly current: OwnAddresses;
  close(): void;
}

/** Looks every five seconds and tells `changed` when something is different. */
export function watchAddresses(
  changed: (addresses: OwnAddresses) => void,
  look = ownAddresses,
): AddressWatch {
  let current = look();
  const timer = setInterval(() => {
    const now = look();
    if (JSON.stringify(now) === JSON.stringify(current)) return;
    current = now;
    changed(now);
  }, PERIOD);
  timer.unref();
  return {
    get current() {
      return current;
    },
    close: () => clearInterval(timer),
  };
}
