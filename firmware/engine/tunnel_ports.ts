/** The ports of one session inside the tunnel: bound when it is up, be that before the session or in the middle. */
import { closeInner, type InnerTunnel } from './inner_tunnel.ts';
import type { OnDatagram, SocketPair } from './port_pair.ts';
import type { TunnelAccess } from './tunnel_host.ts';

export class TunnelPorts {
  readonly #port: number;
  readonly #access: TunnelAccess;
  readonly #unwatch: () => void;
  #tunnel: InnerTunnel | undefined;
  #onRtp: OnDatagram = () => {};
  #onRtcp: OnDatagram = () => {};
  /** Undefined while there is no tunnel. */
  sockets: SocketPair | undefined;

  /** `port` is that of RTP; RTCP has the next one. */
  constructor(port: number, access: TunnelAccess) {
    this.#port = port;
    this.#access = access;
    this.#unwatch = access.watch(() => this.#follow());
    this.#follow();
  }

  get version(): number {
    return this.#access.version;
  }

  /** Whether packets from `local` to this IPv6 address go by the tunnel. */
  takes(address: string, local: string | undefined): boolean {
    if (this.#tunnel === undefined) return false;
    return (local !== undefined && this.#access.owns(local)) || this.#access.reaches(address);
  }

  listen(onRtp: OnDatagram, onRtcp: OnDatagram): void {
    this.#onRtp = onRtp;
    this.#onRtcp = onRtcp;
  }

  suspect(address: string): void {
    this.#tunnel?.suspect(address);
  }

  close(): void {
    this.#unwatch();
    this.#closeSockets();
  }

  #follow(): void {
    const { tunnel } = this.#access;
    if (tunnel === this.#tunnel) return;
    this.#closeSockets();
    this.#tunnel = tunnel;
    if (tunnel === undefined) return;
    const rtp = this.#open(tunnel, this.#port, (...datagram) => this.#onRtp(...datagram));
    const rtcp = this.#open(tunnel, this.#port + 1, (...datagram) => this.#onRtcp(...datagram));
    this.sockets = { rtp, rtcp };
  }

  #open(tunnel: InnerTunnel, port: number, onDatagram: OnDatagram) {
    const socket = tunnel.createSocket();
    // An error of one packet must not end the session; silence shows in its statistics.
    socket.on('error', () => {});
    socket.on('message', (octets, remote) => onDatagram(octets, remote.address, remote.port));
    socket.bind({ port });
    return socket;
  }

  #closeSockets(): void {
    closeInner(this.sockets?.rtp);
    closeInner(this.sockets?.rtcp);
    this.sockets = undefined;
  }
}
