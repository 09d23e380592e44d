/** What the media thread needs of a 6bed4 tunnel and of the sockets inside it. The package socket6bed4 has it. */

/** A datagram socket; those of `node:dgram` are such, too. */
export interface DatagramSocket {
  send(octets: Uint8Array, port: number, address: string, callback?: (error: Error | null) => void): void;
  close(): unknown;
}

/** A socket inside. */
export interface InnerSocket extends DatagramSocket {
  /** Without an `address` it is heard at all those of the tunnel, whichever these become. */
  bind(options: { readonly port: number; readonly address?: string }): unknown;
  on(event: 'message', listener: (octets: Uint8Array, remote: InnerSender) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

export interface InnerSender {
  /** Canonical text. */
  readonly address: string;
  readonly port: number;
}

export interface InnerTunnel {
  /** Ours at present, canonical text, the one by our own router first. Empty: none yet. */
  readonly addresses: readonly string[];
  /** `192.0.2.1:25790`, the one that serves. */
  readonly router: string | undefined;
  readonly counters: { readonly direct: number; readonly relayed: number };
  /** With `recvErr` errors of ICMPv6 are told as errors of the socket, with `address` and `port` of what did not arrive. */
  createSocket(options?: { readonly recvErr: boolean }): InnerSocket;
  /** The address of ours to use with `remote`; an address by the router of `remote` is asked for, within a second. */
  sourceFor(remote: string): Promise<string>;
  /** Nothing comes from `remote` although something should. */
  suspect(remote: string): void;
  /** Our IPv4 address or route may be another. */
  renew(): void;
  setRouters(routers: readonly string[]): void;
  /** An address is there (again), or another than before. */
  on(event: 'address', listener: () => void): unknown;
  /** No router answers, or none any more; the addresses stay, and so do the direct paths. */
  on(event: 'lost', listener: () => void): unknown;
  /** ETIMEDOUT: no router has answered so far, the search goes on. Others are the end of it. */
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  close(): unknown;
}

/** `port`: the local IPv4 port, if it is free. `onLink`: private IPv4 prefixes whose hosts are neighbours. */
export type OpenTunnel = (options: {
  readonly routers: readonly string[];
  readonly port: number;
  readonly onLink: readonly string[];
}) => InnerTunnel;

/** A socket may be closed already: it ends with its tunnel. */
export function closeInner(socket: DatagramSocket | undefined): void {
  try {
    socket?.close();
  } catch {}
}
