/**
 * The sockets of one media session: RTP on an even port and RTCP on the next, each for IPv4 and for IPv6 (ipv6Only,
 * so that each family has its own), and once more inside the 6bed4 tunnel where there is one. Sending goes out from
 * the port that is announced (symmetric RTP, RFC 4961).
 */
import { createSocket, type Socket, type SocketOptions } from 'node:dgram';
import type { DatagramSocket } from './inner_tunnel.ts';
import type { TunnelAccess } from './tunnel_host.ts';
import { TunnelPorts } from './tunnel_ports.ts';

export type OnDatagram = (octets: Uint8Array, address: string, port: number) => void;

export interface SocketPair<S extends DatagramSocket = DatagramSocket> {
  readonly rtp: S;
  readonly rtcp: S;
}

type FamilySockets = SocketPair<Socket>;

/** By which sockets an address is sent to. */
type Way = 4 | 6 | 'tunnel';

/** This family does not exist on this machine; the other one has to do. */
const NO_FAMILY = ['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EPFNOSUPPORT'];

/** Only literal addresses are bound and sent to: nothing is to be looked up, and nothing waits for a name server. */
const literal: NonNullable<SocketOptions['lookup']> = (address, _options, callback) => {
  callback(null, address, address.includes(':') ? 6 : 4);
};

export class PortPair {
  /** The RTP port; RTCP has the next one. */
  readonly port: number;
  readonly #families: readonly (FamilySockets | undefined)[];
  readonly #inner: TunnelPorts | undefined;
  #local: string | undefined;
  /** The way of the last address that was sent to, found out anew when that or the tunnel is another. */
  #way: Way = 4;
  #wayTo = '';
  #wayVersion = -1;

  private constructor(port: number, families: readonly (FamilySockets | undefined)[], tunnel?: TunnelAccess) {
    this.port = port;
    this.#families = families;
    this.#inner = tunnel && new TunnelPorts(port, tunnel);
  }

  /**
   * Opens the sockets on one pair of the range (inclusive), beginning at a random one. Inside the tunnel all ports
   * are ours: the same ones are taken there as soon as it is up.
   * @throws Error where no pair is free or no family usable.
   */
  static async open(
    range: readonly [number, number],
    random: () => number,
    tunnel?: TunnelAccess,
  ): Promise<PortPair> {
    const first = range[0] + (range[0] & 1);
    const pairs = Math.floor((range[1] - first + 1) / 2);
    const begin = Math.floor(random() * pairs);
    for (let i = 0; i < pairs; i++) {
      const port = first + 2 * ((begin + i) % pairs);
      const pair = await PortPair.#openAt(port, tunnel);
      if (pair !== undefined) return pair;
    }
    throw new Error(`no free pair of RTP ports in ${range[0]}-${range[1]}; widen net.rtpPorts`);
  }

  /** Undefined: a port is taken. */
  static async #openAt(port: number, tunnel?: TunnelAccess): Promise<PortPair | undefined> {
    const families: (FamilySockets | undefined)[] = [];
    try {
      families.push(await openFamily('udp4', '0.0.0.0', port));
      families.push(await openFamily('udp6', '::', port));
    } catch (error) {
      closeAll(families);
      if (codeOf(error) === 'EADDRINUSE' || codeOf(error) === 'EACCES') return undefined;
      throw error;
    }
    if (families.every((family) => family === undefined)) {
      throw new Error('neither IPv4 nor IPv6 can be used on this machine');
    }
    return new PortPair(port, families, tunnel);
  }

  /** Delivers what arrives from now on. */
  listen(onRtp: OnDatagram, onRtcp: OnDatagram): void {
    for (const family of this.#families) {
      family?.rtp.on('message', (octets, { address, port }) => onRtp(octets, address, port));
      family?.rtcp.on('message', (octets, { address, port }) => onRtcp(octets, address, port));
    }
    this.#inner?.listen(onRtp, onRtcp);
  }

  /** The address of ours that was negotiated: if it is the tunnel's, IPv6 goes out by the tunnel. */
  sendFrom(local: string | undefined): void {
    this.#local = local;
    this.#wayTo = '';
  }

  /** Sends; a packet that the system refuses is lost like any other. The octets must stay as they are for a while. */
  sendRtp(octets: Uint8Array, address: string, port: number): void {
    this.#sockets(address)?.rtp.send(octets, port, address);
  }

  sendRtcp(octets: Uint8Array, address: string, port: number): void {
    this.#sockets(address)?.rtcp.send(octets, port, address);
  }

  /** Nothing comes from this address although something should: in the tunnel there may be another path. */
  suspect(address: string): void {
    if (this.#wayOf(address) === 'tunnel') this.#inner?.suspect(address);
  }

  close(): void {
    closeAll(this.#families);
    this.#inner?.close();
  }

  #sockets(address: string): SocketPair | undefined {
    const way = this.#wayOf(address);
    return way === 'tunnel' ? this.#inner?.sockets : this.#families[way === 6 ? 1 : 0];
  }

  #wayOf(address: string): Way {
    const version = this.#inner?.version ?? 0;
    if (address !== this.#wayTo || version !== this.#wayVersion) {
      this.#wayTo = address;
      this.#wayVersion = version;
      if (!address.includes(':')) this.#way = 4;
      else this.#way = this.#inner?.takes(address, this.#local) ? 'tunnel' : 6;
    }
    return this.#way;
  }
}

/** Undefined where the family does not exist here. */
async function openFamily(
  type: 'udp4' | 'udp6',
  address: string,
  port: number,
): Promise<FamilySockets | undefined> {
  const rtp = createSocket({ type, ipv6Only: type === 'udp6', lookup: literal });
  const rtcp = createSocket({ type, ipv6Only: type === 'udp6', lookup: literal });
  try {
    await bind(rtp, address, port);
    await bind(rtcp, address, port + 1);
    return { rtp, rtcp };
  } catch (error) {
    rtp.close();
    rtcp.close();
    if (NO_FAMILY.includes(codeOf(error))) return undefined;
    throw error;
  }
}

function bind(socket: Socket, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ address, port, exclusive: true }, () => {
      socket.off('error', reject);
      // An error of one packet (no route, refused) must not end the session; silence shows in its statistics.
      socket.on('error', () => {});
      resolve();
    });
  });
}

function closeAll(families: readonly (FamilySockets | undefined)[]): void {
  for (const family of families) {
    family?.rtp.close();
    family?.rtcp.close();
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
