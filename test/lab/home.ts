/**
 * A LAN at home: one box that is router, DHCP server, web server and PBX, and telephones that come out of their boxes
 * without any address. Unlike on a street, what hosts have here is told by the servers that a test starts.
 *
 *     const home = await Home.build(lab, 'ipv6');
 *     const host = await home.plug('desk');
 */
import { join } from 'node:path';
import type { Family } from '#address/endpoint.ts';
import { PeerProcess } from '../support/process.ts';
import { type AddressPlan, familyOf } from './addressing.ts';
import { Capture } from './capture.ts';
import { ip, sysctl } from './command.ts';
import type { Fault } from './faults.ts';
import { type Ground, type Host, LINK, type Stoppable } from './host.ts';
import type { Lab } from './lab.ts';

export const HOME_LINK = 'lan0';
const BOX_MAC = '02:00:00:00:00:01';

export type Kind = 'ipv4' | 'dual' | 'ipv6';
const FAMILIES: Readonly<Record<Kind, readonly Family[]>> = { ipv4: [4], dual: [6, 4], ipv6: [6] };

const homePlan: AddressPlan = (host, family) =>
  family === 4
    ? { address: `10.79.0.${host + 1}`, router: '10.79.0.1', length: 24 }
    : { address: `2d00:1ab:79::${(host + 1).toString(16)}`, router: '2d00:1ab:79::1', length: 64 };

export interface Unplugged {
  readonly host: Host;
  /** As DHCP servers and configuration files name it: `dca632000002`. */
  readonly mac: string;
  readonly index: number;
}

export class Home implements Ground {
  readonly router: string;
  readonly plan = homePlan;
  readonly lab: Lab;
  readonly kind: Kind;
  /** Of the box, and of everybody here, IPv6 first. */
  readonly families: readonly Family[];
  #next = 1;

  private constructor(lab: Lab, kind: Kind) {
    this.lab = lab;
    this.kind = kind;
    this.router = lab.router;
    this.families = FAMILIES[kind];
  }

  static async build(lab: Lab, kind: Kind): Promise<Home> {
    const home = new Home(lab, kind);
    const addresses = home.families.map((family) => {
      const { router, length } = homePlan(1, family);
      return `addr add ${router}/${length} dev ${HOME_LINK}${family === 6 ? ' nodad' : ''}`;
    });
    await ip(
      [
        // Without snooping: nobody here asks for group memberships. Without an address of its own a bridge would have that of
        // whichever host has the lowest, and another whenever one comes.
        `link add ${HOME_LINK} address ${BOX_MAC} type bridge mcast_snooping 0 forward_delay 0`,
        ...addresses,
        `link set ${HOME_LINK} up`,
      ],
      lab.router,
    );
    return home;
  }

  /** Of the box. */
  get addresses(): readonly string[] {
    return this.families.map((family) => homePlan(1, family).router);
  }

  address(family: Family): string {
    return homePlan(1, family).router;
  }

  /** Name servers, as a host of this LAN reaches them. */
  get resolvers(): readonly string[] {
    return this.families.map((family) => this.lab.resolver(family));
  }

  /** A host with addresses of its own, as its owner has written them down. */
  async host(name: string): Promise<Host> {
    const options = Object.fromEntries(
      ([4, 6] as const).filter((each) => !this.families.includes(each)).map((each) => [`ipv${each}`, false]),
    );
    return this.#join(await this.lab.place(this, name, this.#next++, options));
  }

  /** A host whose cable lies beside the socket, and that knows nothing yet. */
  async unplugged(name: string): Promise<Unplugged> {
    const index = this.#next++;
    const octet = index.toString(16).padStart(2, '0');
    const host = await this.lab.place(this, name, index, { ipv4: false, ipv6: false });
    await ip([`link set ${LINK} down`, `link set ${LINK} address dc:a6:32:00:00:${octet}`], host.namespace);
    await sysctl(host.namespace, { [`net.ipv6.conf.${LINK}.accept_ra`]: 1 });
    return { host: await this.#join(host), mac: `dca6320000${octet}`, index };
  }

  /**
   * The cable goes in. IPv6 is what routers advertise; where no DHCP client runs, IPv4 is what the owner has written
   * down. Results in the moment, ms since 1970.
   */
  async plug({ host, index }: Unplugged, ipv4: 'written down' | 'by DHCP'): Promise<number> {
    host.setResolvers(this.resolvers);
    const { address, router, length } = homePlan(index, 4);
    const now = Date.now();
    const wantsAddress = ipv4 === 'written down' && this.families.includes(4);
    const lines = wantsAddress
      ? [`addr add ${address}/${length} dev ${LINK}`, `route add default via ${router} dev ${LINK}`]
      : [];
    await ip([`link set ${LINK} up`, ...lines], host.namespace);
    return now;
  }

  /** On the box. */
  run(program: string, args: readonly string[], env?: NodeJS.ProcessEnv): PeerProcess {
    const started = new PeerProcess('ip', ['netns', 'exec', this.router, program, ...args], env);
    this.adopt(started);
    return started;
  }

  /** A file or folder of the box. */
  path(name: string): string {
    return join(this.lab.directory, name);
  }

  /** All that passes the box. */
  capture(): Promise<Capture> {
    return Capture.start(this.router, HOME_LINK);
  }

  async setFaults(_link: string, faults: readonly Fault[]): Promise<void> {
    if (faults.length > 0) throw new Error('between the hosts of a bridge nothing can be blocked');
  }

  adopt(process: Stoppable): void {
    this.lab.adopt(process);
  }

  /** The box has its addresses on the bridge. */
  async #join(host: Host): Promise<Host> {
    await ip([`addr flush dev ${host.name}`, `link set ${host.name} master ${HOME_LINK}`], this.router);
    return host;
  }
}

/** `203.0.113.1`, `[2001:db8::1]`: as in URLs. */
export function inUrl(address: string): string {
  return familyOf(address) === 6 ? `[${address}]` : address;
}
