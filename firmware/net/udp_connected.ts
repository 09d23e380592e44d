/**
 * A UDP socket connected to one remote end, on the port that the wildcard socket has too: its datagrams arrive here,
 * and so do the ICMP errors of what we sent there. An unconnected socket hears none of them.
 *
 * Node's socket is told only of errors that the kernel deems final: port unreachable, prohibited by a firewall. "No
 * route" and "host unreachable" from a router count as passing (RFC 1122 4.1.3.3) and stay in the kernel, unless the
 * socket asks for them (udp_kernel.ts).
 */
import { createSocket, type Socket } from 'node:dgram';
import type { Endpoint } from '#address/endpoint.ts';
import { systemCode } from './errors.ts';

export interface ConnectedUdp {
  /** Never throws. Undefined: on its way; else the system's code of the error. */
  send(octets: Uint8Array): string | undefined;
  close(): void;
}

export interface ConnectedUdpEvents {
  /** The octets are the receiver's to keep. */
  received(octets: Uint8Array): void;
  /** The system's code (`ECONNREFUSED`). The socket stays usable. */
  failed(code: string): void;
}

export type OpenConnected = (local: Endpoint, remote: Endpoint, events: ConnectedUdpEvents) => ConnectedUdp;

/** By node:dgram. What cannot be opened fails by `failed`. */
export const openByNode: OpenConnected = (local, remote, events) => new NodeUdp(local, remote, events);

class NodeUdp implements ConnectedUdp {
  readonly #socket: Socket;
  readonly #events: ConnectedUdpEvents;
  /** What was sent before the socket was connected; undefined after. */
  #waiting: Uint8Array[] | undefined = [];
  /** Why it could not be opened. */
  #refused: string | undefined;
  #closed = false;

  constructor(local: Endpoint, remote: Endpoint, events: ConnectedUdpEvents) {
    const type = local.family === 6 ? 'udp6' : 'udp4';
    this.#socket = createSocket({ type, reusePort: true, ipv6Only: local.family === 6 });
    this.#events = events;
    this.#socket.on('error', (error) => this.#failed(error));
    this.#socket.on('message', (octets, { port }) => {
      if (!this.#closed && port !== 0) events.received(octets);
    });
    this.#socket.bind({ address: local.address, port: local.port, exclusive: true }, () => {
      if (!this.#closed) this.#connect(remote);
    });
  }

  send(octets: Uint8Array): string | undefined {
    if (this.#refused !== undefined) return this.#refused;
    if (this.#waiting) this.#waiting.push(octets);
    else this.#write(octets);
    return undefined;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#waiting = undefined;
    this.#socket.close();
  }

  #connect(remote: Endpoint): void {
    this.#socket.connect(remote.port, remote.address, (error?: Error) => {
      if (this.#closed) return;
      if (error) return this.#failed(error);
      const waiting = this.#waiting ?? [];
      this.#waiting = undefined;
      for (const octets of waiting) this.#write(octets);
    });
  }

  #write(octets: Uint8Array): void {
    this.#socket.send(octets, (error) => {
      if (error) this.#failed(error);
    });
  }

  #failed(error: Error): void {
    if (this.#closed) return;
    const code = systemCode(error);
    if (this.#waiting) this.#refused = code;
    this.#events.failed(code);
  }
}
