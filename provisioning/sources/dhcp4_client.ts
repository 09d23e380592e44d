/** Asks DHCPv4 servers by INFORM, for an interface that has its address already, from whomever. */
import { Informer, type InformOptions } from '#provisioning/discovery/dhcp4_inform.ts';
import type { Options4 } from '#provisioning/discovery/dhcp4_options.ts';
import { type Asker, askDhcp, type DhcpEvents } from './dhcp_asker.ts';

export function askDhcp4(
  where: InformOptions & { readonly interface: string },
  events: DhcpEvents<Options4>,
): Asker {
  return askDhcp(new Informer(where), { family: 4, ...where }, events);
}
