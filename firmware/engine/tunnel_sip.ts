/** SIP inside the tunnel: a socket at each address of ours, whose datagrams go to and come from the main thread. */
import type { TunnelCommand, TunnelEvent } from '#media/tunnel.ts';
import { codeInWords, inWords } from '#net/errors.ts';
import { closeInner, type InnerSender, type InnerSocket, type InnerTunnel } from './inner_tunnel.ts';
import { SentRefs } from './sent_refs.ts';

export type TunnelSend = Extract<TunnelCommand, { kind: 'tunnel-send' }>;

export class TunnelSip {
  readonly #tunnel: InnerTunnel;
  readonly #port: number;
  readonly #tell: (event: TunnelEvent) => void;
  /** By our own address. */
  readonly #sockets = new Map<string, InnerSocket>();
  readonly #refs = new SentRefs();

  constructor(tunnel: InnerTunnel, port: number, tell: (event: TunnelEvent) => void) {
    this.#tunnel = tunnel;
    this.#port = port;
    this.#tell = tell;
  }

  /** Is heard at these addresses from now on. */
  listenAt(addresses: readonly string[]): void {
    // First those that are gone: a socket of the tunnel moves to the new address by itself, and would be in the way.
    for (const [address, socket] of this.#sockets) {
      if (addresses.includes(address)) continue;
      this.#sockets.delete(address);
      closeInner(socket);
    }
    for (const address of addresses) if (!this.#sockets.has(address)) this.#listen(address);
  }

  send({ octets, local, remote, ref }: TunnelSend): void {
    const socket = this.#sockets.get(local);
    // What names an address that we have no more would be answered to nobody; the sender has it made anew.
    if (socket === undefined) {
      this.#lost(ref, codeInWords('EADDRNOTAVAIL') ?? 'EADDRNOTAVAIL');
      return;
    }
    this.#refs.sent(remote.address, remote.port, ref, performance.now());
    try {
      socket.send(octets, remote.port, remote.address, (error) => {
        if (error) this.#lost(ref, inWords(error));
      });
    } catch (error) {
      this.#lost(ref, error instanceof Error ? inWords(error) : String(error));
    }
  }

  close(): void {
    this.listenAt([]);
  }

  #listen(address: string): void {
    const socket = this.#tunnel.createSocket({ recvErr: true });
    this.#sockets.set(address, socket);
    socket.on('message', (octets, remote) => this.#received(octets, remote, address));
    socket.on('error', (error) => this.#refused(error));
    socket.bind({ port: this.#port, address });
  }

  #received(octets: Uint8Array, { address, port }: InnerSender, local: string): void {
    this.#refs.heard(address, port);
    // A copy of its own: what goes to another thread takes the whole memory along that it is a part of.
    const copy = new Uint8Array(octets);
    this.#tell({ kind: 'tunnel-datagram', octets: copy, remote: { family: 6, address, port }, local });
  }

  /** A datagram did not arrive; other errors name no remote end. */
  #refused(error: Error): void {
    if (!('address' in error && 'port' in error)) return;
    const refs = this.#refs.take(String(error.address), Number(error.port), performance.now());
    for (const ref of refs) this.#lost(ref, inWords(error));
  }

  #lost(ref: string, error: string): void {
    this.#tell({ kind: 'tunnel-unsent', ref, error });
  }
}
