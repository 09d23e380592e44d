/**
 * Opens UDP and TCP of both families on one port: what Via and Contact say is then true whatever the way. TCP goes
 * first, for it alone tells that the port is taken: UDP is shared with whoever shares it, too.
 */
import type { Family } from '#address/endpoint.ts';
import { isFamilyMissing, NetError, systemCode } from './errors.ts';
import type { Listening, StreamTransport } from './stream.ts';
import { openUdp, type UdpReceiver, type UdpSocket } from './udp.ts';

/** RFC 3261 19.1.2. */
export const DEFAULT_SIP_PORT = 5060;

export interface Listeners {
  readonly port: number;
  /** At least one. */
  readonly udp: readonly UdpSocket[];
  readonly tcp: StreamTransport;
}

const EPHEMERAL_TRIES = 20;
const FAMILIES: readonly Family[] = [4, 6];

/**
 * Opens `port`, 0 for any that is free. A busy port is an error (PORT_BUSY), but for the default port, where any other is taken instead:
 * two phones on one computer shall just work. NO_FAMILY: the host has neither IPv4 nor IPv6.
 */
export async function openListeners(
  port: number,
  receive: UdpReceiver,
  newTcp: () => StreamTransport,
): Promise<Listeners> {
  if (port === 0) return openEphemeral(receive, newTcp);
  try {
    return await openAll(port, receive, newTcp());
  } catch (error) {
    if (systemCode(error) !== 'EADDRINUSE') throw error;
    if (port !== DEFAULT_SIP_PORT) {
      throw new NetError(
        'PORT_BUSY',
        `port ${port} is in use by another program; stop it, or choose another net.sipPort`,
      );
    }
  }
  return openEphemeral(receive, newTcp);
}

/** A port that is free for TCP over IPv4 may be taken for the others: the next one is tried then. */
async function openEphemeral(receive: UdpReceiver, newTcp: () => StreamTransport): Promise<Listeners> {
  for (let left = EPHEMERAL_TRIES; left > 0; left--) {
    try {
      return await openAll(0, receive, newTcp());
    } catch (error) {
      if (systemCode(error) !== 'EADDRINUSE') throw error;
    }
  }
  throw new NetError('PORT_BUSY', 'no port is free for UDP and TCP of both families');
}

async function openAll(wanted: number, receive: UdpReceiver, tcp: StreamTransport): Promise<Listeners> {
  const udp: UdpSocket[] = [];
  let port = wanted;
  try {
    for (const family of FAMILIES) {
      const bound = await orMissing(tcp.listen(family, port));
      if (bound === undefined) continue;
      port = bound;
      udp.push(await openUdp(family, port, receive));
    }
  } catch (error) {
    await Promise.all([...udp.map((socket) => socket.close()), tcp.close(0)]);
    throw error;
  }
  if (udp.length === 0) throw new NetError('NO_FAMILY', 'this host has neither IPv4 nor IPv6');
  return { port, udp, tcp };
}

/** Undefined where the host lacks the family. */
async function orMissing<T>(opening: Promise<T>): Promise<T | undefined> {
  try {
    return await opening;
  } catch (error) {
    if (isFamilyMissing(error)) return undefined;
    throw error;
  }
}

/** Both families on `port`, which is returned; rejects with the system's error if neither can be had. */
export async function listenBoth(streams: StreamTransport, port: number, how?: Listening): Promise<number> {
  let bound = port;
  for (const family of FAMILIES) bound = (await orMissing(streams.listen(family, bound, how))) ?? bound;
  return bound;
}
