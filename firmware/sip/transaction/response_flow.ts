/** Where a response goes: RFC 3261 18.2.2, RFC 3581 section 4. */
import { hostOf } from '#address/endpoint.ts';
import type { TopVia } from '../message/top_via.ts';
import type { Via } from '../message/via.ts';
import type { Flow } from '../types.ts';

/**
 * The flow for the response to a request whose top Via is `via` and which came over `flow`: back over its
 * connection; over UDP to its source address, and there to its source port if it asked for that by rport, else to
 * the port of sent-by. `maddr` is not followed: this agent hears no multicast, and elsewhere it would let a stranger
 * aim our responses at anybody.
 */
export function responseFlow(via: Via | undefined, flow: Flow): Flow {
  if (flow.transport !== 'udp' || via === undefined || via.rport !== undefined) return flow;
  const port = sentByPort(via, flow);
  return port === flow.remote.port ? flow : { ...flow, remote: { ...flow.remote, port } };
}

/** The way back when the connection of the request is gone: a new one to sent-by's port at its source address. */
export function backupFlow(via: Via | undefined, flow: Flow): Flow | undefined {
  if (flow.connection === undefined || via === undefined) return undefined;
  const remote = { ...flow.remote, port: sentByPort(via, flow) };
  return { transport: flow.transport, local: flow.local, remote };
}

function sentByPort(via: Via, flow: Flow): number {
  return via.port ?? (flow.transport === 'tls' ? 5061 : 5060);
}

/**
 * What the top Via of the response says about the way the request came (RFC 3261 18.2.1, RFC 3581 4): nothing, where
 * sent-by says it already. A `received` that the peer wrote itself is overruled.
 */
export function topVia(via: Via | undefined, { remote }: Flow): TopVia {
  // A zone means something to us alone.
  const received = remote.address.split('%', 1)[0] ?? remote.address;
  if (via?.rport !== undefined) return { received, rport: remote.port };
  const told = via?.host === hostOf({ ...remote, address: received }) && via.received === undefined;
  return told ? {} : { received };
}
