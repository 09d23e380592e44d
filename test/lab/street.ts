/**
 * A LAN of the laboratory: hosts that hear each other on one bridge, and the router among them. Elsewhere every host
 * has a link of its own, which is no place for multicast.
 */
import { type AddressPlan, familyOf } from './addressing.ts';
import { ip, sysctl } from './command.ts';
import type { Fault } from './faults.ts';
import type { Ground, Host, HostOptions, Stoppable } from './host.ts';
import type { Lab } from './lab.ts';

const BRIDGE = 'lan0';

/** All of them in 10.78.0.0/24 and 2d00:1ab:78::/64. */
const streetPlan: AddressPlan = (host, family) =>
  family === 4
    ? { address: `10.78.0.${host + 1}`, router: '10.78.0.1', length: 24 }
    : { address: `2d00:1ab:78::${(host + 1).toString(16)}`, router: '2d00:1ab:78::1', length: 64 };

export class Street implements Ground {
  readonly router: string;
  readonly plan = streetPlan;
  readonly #lab: Lab;
  #next = 1;

  private constructor(lab: Lab) {
    this.#lab = lab;
    this.router = lab.router;
  }

  static async build(lab: Lab): Promise<Street> {
    const { router: v4, length: length4 } = streetPlan(1, 4);
    const { router: v6, length: length6 } = streetPlan(1, 6);
    const lines = [
      // Without snooping: nobody here asks for group memberships. Without an address of its own a bridge would have
      // that of whichever host has the lowest, and another whenever one comes.
      `link add ${BRIDGE} address 02:00:00:00:00:01 type bridge mcast_snooping 0 forward_delay 0`,
      `addr add ${v4}/${length4} dev ${BRIDGE}`,
      `addr add ${v6}/${length6} dev ${BRIDGE} nodad`,
      `link set ${BRIDGE} up`,
    ];
    await ip(lines, lab.router);
    return new Street(lab);
  }

  /** A host on the bridge. */
  async host(name: string, options: HostOptions = {}): Promise<Host> {
    const host = await this.#lab.place(this, name, this.#next++, options);
    // The router is one for all, and has its addresses on the bridge.
    await ip([`addr flush dev ${name}`, `link set ${name} master ${BRIDGE}`], this.router);
    return host;
  }

  /** Faults are the router's, and on the bridge nothing passes it. */
  async setFaults(_link: string, faults: readonly Fault[]): Promise<void> {
    if (faults.length > 0) throw new Error('between the hosts of a bridge nothing can be blocked');
  }

  adopt(process: Stoppable): void {
    this.#lab.adopt(process);
  }
}

/** From now on the host's only addresses of IPv6 are link-local. */
export async function withLinkLocalOnly(host: Host): Promise<void> {
  for (const address of host.addresses.filter((each) => familyOf(each) === 6))
    await host.removeAddress(address);
}

/** From now on the host has no IPv6 at all. */
export async function withoutIpv6(host: Host): Promise<void> {
  await sysctl(host.namespace, { 'net.ipv6.conf.eth0.disable_ipv6': 1 });
}
