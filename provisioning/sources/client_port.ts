/**
 * The port of DHCP's clients, to which servers answer. It belongs to the system's client: a socket of ours on it would
 * take answers that are for that one, or keep it from starting at all (systemd-networkd gives the interface up when
 * port 546 is taken). So a packet socket sends from it and reads what comes to it, beside whoever has it.
 *
 *     CAP_NET_RAW, koffi         a packet socket; nobody notices
 *     CAP_NET_BIND_SERVICE       a UDP socket on the port while nobody has it and a question is open, shared with who comes
 *     neither                    a UDP socket on another port, to which some servers answer (dnsmasq for IPv4), and a note
 */
import { createSocket, type Socket } from 'node:dgram';
import { systemCode } from '#net/errors.ts';
import { loadLibc } from '#net/libc.ts';
import { frameToAll4, frameToGroup6, payload4, payload6 } from '#provisioning/discovery/frames.ts';
import { FILTER, openPacketSocket } from './packet_socket.ts';

/** Where servers listen, and clients: RFC 2131 4.1, RFC 8415 7.2. */
const PORTS = { 4: { server: 67, client: 68 }, 6: { server: 547, client: 546 } } as const;

export interface ClientPortOptions {
  readonly family: 4 | 6;
  readonly interface: string;
  /** Of the interface; for IPv6 the link-local one, without zone. */
  readonly address: string;
  /** Six octets. */
  readonly mac: Uint8Array;
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
  const beside = await besideOwner(options);
  if (typeof beside !== 'string') return beside;
  const { family, note } = options;
  const { client } = PORTS[family];
  // Taken alone first: whoever has it already keeps it.
  const probe = await bound(options, client, 'alone');
  if (typeof probe !== 'string') await new Promise<void>((resolve) => probe.close(() => resolve()));
  const own = typeof probe === 'string' ? probe : await bound(options, client, 'shared');
  if (typeof own !== 'string') return overSocket(options, own);
  const other = await bound(options, 0, 'alone');
  if (typeof other === 'string') {
    note(`cannot ask DHCP servers on ${options.interface}: ${other}`);
    return undefined;
  }
  note(
    `DHCP for IPv${family} on ${options.interface}: there is no packet socket (${beside}), and port ${client} is not to be ` +
      `had (${own}): give CAP_NET_RAW, or have the system's DHCP client ask for the options of telephones`,
  );
  return overSocket(options, other);
}

/** RFC 8415 7.1. */
const ALL_SERVERS_6 = 'ff02::1:2';

async function besideOwner(options: ClientPortOptions): Promise<ClientPort | string> {
  const { family, interface: name, address, mac, received } = options;
  const { client, server } = PORTS[family];
  const libc = await loadLibc();
  if (libc === undefined) return 'koffi is not installed';
  const payload = family === 4 ? payload4 : payload6;
  const filter = family === 4 ? FILTER.udp4 : FILTER.udp6;
  const socket = openPacketSocket(libc, { interface: name, family }, filter(client), (frame) => {
    const octets = payload(frame, client);
    if (octets !== undefined) received(octets);
  });
  if (typeof socket === 'string') return socket;
  const ends = { from: address, mac, ports: { from: client, to: server } };
  return {
    send: (octets) =>
      socket.send(family === 4 ? frameToAll4(octets, ends) : frameToGroup6(octets, ALL_SERVERS_6, ends)),
    close: () => socket.close(),
  };
}

/** The system's code of what went wrong. */
function bound(options: ClientPortOptions, port: number, how: 'alone' | 'shared'): Promise<Socket | string> {
  const { family, address, interface: name } = options;
  return new Promise((resolve) => {
    const type = family === 4 ? 'udp4' : 'udp6';
    const socket = createSocket({ type, ipv6Only: family === 6, reuseAddr: how === 'shared' });
    socket.once('error', (error) => {
      socket.close();
      resolve(systemCode(error) || error.message);
    });
    const local = family === 4 ? address : `${address}%${name}`;
    // The kernel sends a broadcast out of the interface that has the socket's address.
    socket.bind({ address: local, port, exclusive: true }, () => {
      socket.removeAllListeners('error');
      // Past bind it is a failed receive: one datagram is lost.
      socket.on('error', () => {});
      resolve(socket);
    });
  });
}

function overSocket({ family, interface: name, received }: ClientPortOptions, socket: Socket): ClientPort {
  const { server } = PORTS[family];
  socket.on('message', (octets, from) => {
    if (from.port === server) received(octets);
  });
  if (family === 4) socket.setBroadcast(true);
  const to = family === 4 ? '255.255.255.255' : `${ALL_SERVERS_6}%${name}`;
  return {
    send: (octets) => socket.send(octets, server, to, () => {}),
    close: () => socket.close(),
  };
}
