/** Asks DHCPv6 servers by Information-request, over the link-local address of an interface. */
import { InformationAsker } from '#provisioning/discovery/dhcp6_information.ts';
import { duidOf } from '#provisioning/discovery/dhcp6_message.ts';
import type { Options6 } from '#provisioning/discovery/dhcp6_options.ts';
import { type Asker, askDhcp, type DhcpEvents } from './dhcp_asker.ts';

export interface Dhcp6Where {
  readonly interface: string;
  /** Link-local, without zone. */
  readonly address: string;
  /** Six octets: they are in our DUID, by which a server may know this telephone. */
  readonly mac: Uint8Array;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

export function askDhcp6(where: Dhcp6Where, events: DhcpEvents<Options6>): Asker {
  const machine = new InformationAsker({ clientId: duidOf(where.mac), random: where.random });
  return askDhcp(machine, { family: 6, ...where }, events);
}
