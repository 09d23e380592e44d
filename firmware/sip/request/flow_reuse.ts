/** Whether a flow in use leads to a hop by itself, so that nobody need be asked (RFC 3263 4 for addresses). */
import { sameAddress } from '#address/ip.ts';
import type { Flow, Hop, Transport } from '../types.ts';

/** The flow, if the hop names its address, port and transport; else undefined. */
export function flowOfHop(hop: Hop, flow: Flow): Flow | undefined {
  const transport: Transport = hop.transport ?? (hop.secure ? 'tls' : 'udp');
  if (transport !== flow.transport || (hop.secure && transport !== 'tls')) return undefined;
  if ((hop.port ?? (transport === 'tls' ? 5061 : 5060)) !== flow.remote.port) return undefined;
  return sameHost(hop.host, flow.remote.address) ? flow : undefined;
}

/** A link-local address without zone is that of the link where the flow is. */
function sameHost(host: string, address: string): boolean {
  const percent = address.indexOf('%');
  return (
    sameAddress(host, address) ||
    (percent > 0 && !host.includes('%') && sameAddress(host, address.slice(0, percent)))
  );
}
