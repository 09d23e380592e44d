/** Opens UDP and TCP of both families on one port: what Via and Contact say is then true whatever the way. */
import type { Family } from '#address/endpoint.ts';
import { isFamilyMissing, NetError, systemCode } from './errors.ts';
import type { TcpTransport } from './tcp.ts';
import { openUdp, type UdpReceiver, type UdpSocket } from './udp.ts';

/** RFC 3261 19.1.2. */
export const DEFAULT_SIP_PORT = 5060;

export interface Listeners {
  readonly port: number;
  /** At least one. */
  readonly udp: readonly UdpSocket[];
  readonly tcp: TcpTransport;
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
  newTcp: () => TcpTransport,
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

/** A port that is free for UDP over IPv4 may be taken for the others: the next one is tried then. */
async function openEphemeral(receive: UdpReceiver, newTcp: () => TcpTransport): Promise<Listeners> {
  for (let left = EPHEMERAL_TRIES; left > 0; left--) {
    try {
      return await openAll(0, receive, newTcp());
    } catch (error) {
      if (systemCode(error) !== 'EADDRINUSE') throw error;
    }
  }
  throw new NetError('PORT_BUSY', 'no port is free for UDP and TCP of both families');
}

async function openAll(wanted: number, receive: UdpReceiver, tcp: TcpTransport): Promise<Listeners> {
  const udp: UdpSocket[] = [];
  let port = wanted;
  try {
    for (const family of FAMILIES) {
      const socket = await orMissing(openUdp(family, port, receive));
      if (!socket) continue;
      udp.push(socket);
      port = socket.port;
      await tcp.listen(family, port);
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
