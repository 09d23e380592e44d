/** SIP inside the tunnel: one socket, whose datagrams go to and come from the main thread. */
import type { TunnelCommand, TunnelEvent } from '#media/tunnel.ts';
import { codeInWords, inWords } from '#net/errors.ts';
import type { InnerAddresses } from './inner_addresses.ts';
import type { InnerSender, InnerSocket, InnerTunnel } from './inner_tunnel.ts';
import { SentRefs } from './sent_refs.ts';

export type TunnelSend = Extract<TunnelCommand, { kind: 'tunnel-send' }>;

export class TunnelSip {
  readonly #tell: (event: TunnelEvent) => void;
  readonly #addresses: InnerAddresses;
  readonly #socket: InnerSocket;
  readonly #refs = new SentRefs();
  #closed = false;

  constructor(
    tunnel: InnerTunnel,
    port: number,
    addresses: InnerAddresses,
    tell: (event: TunnelEvent) => void,
  ) {
    this.#tell = tell;
    this.#addresses = addresses;
    this.#socket = tunnel.createSocket();
    this.#socket.on('message', (octets, remote) => this.#received(octets, remote));
    this.#socket.on('error', (error) => this.#refused(error));
    this.#socket.bind({ port });
  }

  send({ octets, local, remote, ref }: TunnelSend): void {
    // What names an address that we have no more would be answered to nobody; the sender has it made anew.
    if (!this.#addresses.current.includes(local)) {
      this.#lost(ref, codeInWords('EADDRNOTAVAIL'));
      return;
    }
    this.#refs.sent(remote.address, remote.port, ref, performance.now());
    try {
      this.#socket.send(octets, remote.port, remote.address, (error) => {
        if (error) this.#lost(ref, inWords(error));
      });
    } catch (error) {
      this.#lost(ref, error instanceof Error ? inWords(error) : String(error));
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }

  #received(octets: Uint8Array, { address, port }: InnerSender): void {
    const local = this.#addresses.towards(address);
    if (this.#closed || local === undefined) return;
    this.#refs.heard(address, port);
    // A copy of its own: what goes to another thread takes the whole memory along that it is a part of.
    const copy = new Uint8Array(octets);
    this.#tell({ kind: 'tunnel-datagram', octets: copy, remote: { family: 6, address, port }, local });
  }

  #refused(error: Error): void {
    if (this.#closed || !('address' in error && 'port' in error)) return;
    const refs = this.#refs.take(String(error.address), Number(error.port), performance.now());
    for (const ref of refs) this.#lost(ref, inWords(error));
  }

  #lost(ref: string, error = 'there is no tunnel'): void {
    if (!this.#closed) this.#tell({ kind: 'tunnel-unsent', ref, error });
  }
}
