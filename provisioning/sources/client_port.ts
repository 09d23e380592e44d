/**
 * The port to which DHCP servers answer. It is ours only while a question is open, and only if nobody else has it: a
 * socket that shared it with the system's client would take the answers that are for that one. Otherwise the question
 * leaves from another port, to which some servers answer (dnsmasq does, for IPv4), and a packet socket reads what comes
 * to the client port beside its owner.
 *
 *     port free, CAP_NET_BIND_SERVICE        a UDP socket on it
 *     taken or not allowed, CAP_NET_RAW      a UDP socket elsewhere, and the packet socket
 *     neither                                the UDP socket alone, and a note
 */
import { createSocket, type Socket } from 'node:dgram';
import { systemCode } from '#net/errors.ts';
import { loadLibc } from '#net/libc.ts';
import { payload4, payload6 } from '#provisioning/discovery/frames.ts';
import { FILTER, openPacketSocket, type PacketSocket } from './packet_socket.ts';

/** Where servers listen, and clients: RFC 2131 4.1, RFC 8415 7.2. */
const PORTS = { 4: { server: 67, client: 68 }, 6: { server: 547, client: 546 } } as const;

export interface ClientPortOptions {
  readonly family: 4 | 6;
  readonly interface: string;
  /** Of the interface; for IPv6 the link-local one, without zone. */
  readonly address: string;
  readonly received: (octets: Uint8Array) => void;
  /** For people: what is missing, and what follows from that. */
  readonly note: (text: string) => void;
}

export interface ClientPort {
  /** To all servers of the link. */
  send(octets: Uint8Array): void;
  close(): void;
}

/** Undefined: not even that is possible, and the note says why. Never rejects. */
export async function openClientPort(options: ClientPortOptions): Promise<ClientPort | undefined> {
  const { family, received } = options;
  const own = await bound(options, PORTS[family].client);
  if (typeof own !== 'string') return new OpenPort(options, own, undefined);
  const other = await bound(options, 0);
  if (typeof other === 'string') {
    options.note(`cannot ask DHCP servers on ${options.interface}: ${other}`);
    return undefined;
  }
  const payload = family === 4 ? payload4 : payload6;
  const beside = await besideOwner(options, (frame) => {
    const octets = payload(frame, PORTS[family].client);
    if (octets !== undefined) received(octets);
  });
  if (typeof beside !== 'string') return new OpenPort(options, other, beside);
  options.note(
    `DHCP for IPv${family} on ${options.interface}: port ${PORTS[family].client} is not to be had (${own}), nor a packet ` +
      `socket (${beside}): give CAP_NET_BIND_SERVICE or CAP_NET_RAW, or have the system's DHCP client ask for the options`,
  );
  return new OpenPort(options, other, undefined);
}

async function besideOwner(
  { family, interface: name }: ClientPortOptions,
  received: (frame: Uint8Array) => void,
): Promise<PacketSocket | string> {
  const libc = await loadLibc();
  if (libc === undefined) return 'koffi is not installed';
  const filter = family === 4 ? FILTER.udp4 : FILTER.udp6;
  return openPacketSocket(libc, { interface: name, family }, filter(PORTS[family].client), received);
}

/** The system's code of what went wrong. */
function bound(options: ClientPortOptions, port: number): Promise<Socket | string> {
  const { family, address, interface: name } = options;
  return new Promise((resolve) => {
    const socket = createSocket({ type: family === 4 ? 'udp4' : 'udp6', ipv6Only: family === 6 });
    socket.once('error', (error) => {
      socket.close();
      resolve(systemCode(error) ?? error.message);
    });
    const local = family === 4 ? address : `${address}%${name}`;
    // The kernel sends a broadcast out of the interface that has the socket's address.
    socket.bind({ address: local, port, exclusive: true }, () => {
      socket.removeAllListeners('error');
      // Past bind it is a failed receive: one datagram is lost.
      socket.on('error', () => {});
      socket.on('message', (octets, from) => {
        if (from.port === PORTS[family].server) options.received(octets);
      });
      if (family === 4) socket.setBroadcast(true);
      resolve(socket);
    });
  });
}

class OpenPort implements ClientPort {
  readonly #options: ClientPortOptions;
  readonly #socket: Socket;
  readonly #beside: PacketSocket | undefined;

  constructor(options: ClientPortOptions, socket: Socket, beside: PacketSocket | undefined) {
    this.#options = options;
    this.#socket = socket;
    this.#beside = beside;
  }

  send(octets: Uint8Array): void {
    const { family, interface: name } = this.#options;
    // All servers of the link: RFC 2131 4.1, RFC 8415 7.1.
    const to = family === 4 ? '255.255.255.255' : `ff02::1:2%${name}`;
    this.#socket.send(octets, PORTS[family].server, to, () => {});
  }

  close(): void {
    this.#socket.close();
    this.#beside?.close();
  }
}
