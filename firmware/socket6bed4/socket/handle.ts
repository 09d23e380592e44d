/**
 * What a `dgram.Socket` has below it: Node's own Socket does the arguments in all their forms, the states, the queue of
 * what waits for bind, events and errors; only the handle on which it calls is ours. So no call can differ from that of
 * node:dgram. The handle is no public interface of Node, but the same one in all its versions since 12. As there, an
 * error is a negative number.
 */
import { Buffer } from 'node:buffer';
import dgram from 'node:dgram';
import type { AddressInfo } from 'node:net';
import { type Ipv6, isUnspecified, sameIpv6 } from '../address/ipv6.ts';
import { HOP_LIMIT } from '../packet/ipv6.ts';
import { MOST_UDP_PAYLOAD, type UdpEnd } from '../packet/udp.ts';
import { errnoOf, errorOf } from './errors.ts';
import type { Receiver } from './ports.ts';
import { octetsOf, textOf } from './texts.ts';
import type { Holder, Tunnel } from './tunnel.ts';

export type Found = (error: Error | null, address?: string, family?: number) => void;

/** A send under way; `oncomplete` is there if the application gave a callback. */
interface Request {
  oncomplete?(error: number, sent: number): void;
}

/** The handle of Node's own that ours takes the place of, as far as it is still asked; it is never bound. */
export interface NodeHandle {
  /** The application's own, or Node's. */
  lookup(name: string | undefined, found: Found): void;
  bufferSize(size: number, receive: boolean, context: object): number | undefined;
  close(): void;
}

export interface HandleDoor {
  /** The tunnel to bind to. Throws where there is none. */
  tunnel(): Tunnel;
  readonly node: NodeHandle;
  /** Literals of IPv6 are looked up as well, because the application wants to see them. */
  readonly lookupAll: boolean;
  readonly reuse: boolean;
  readonly recvErr: boolean;
  /** Something that belongs to no call went wrong. */
  error(error: Error): void;
  /** The tunnel was closed. */
  readonly ended: () => void;
}

const LOOPBACK = '::1';
const EBADF = errnoOf('EBADF');
const EINVAL = errnoOf('EINVAL');
const ENOTSUP = errnoOf('ENOTSUP');

export class TunnelHandle implements Receiver, Holder {
  local: Ipv6 | undefined;
  remote: UdpEnd | undefined;
  readonly reuse: boolean;
  readonly recvErr: boolean;
  alive = true;
  readonly ended: () => void;
  /** Node's Socket sets it when it is bound. */
  onmessage?: (length: number, handle: TunnelHandle, octets?: Buffer, from?: AddressInfo) => void;
  readonly #door: HandleDoor;
  #tunnel: Tunnel | undefined;
  /** 0: not bound. */
  #port = 0;
  #hopLimit = HOP_LIMIT;
  #stopWaiting: () => unknown = () => {};

  constructor(door: HandleDoor) {
    this.#door = door;
    this.reuse = door.reuse;
    this.recvErr = door.recvErr;
    this.ended = door.ended;
  }

  /** Asked before every bind, connect and send; that is where the first one waits for an address. */
  lookup(name: string | undefined, found: Found): void {
    const text = name || LOOPBACK;
    if (this.#port === 0) this.#await(name, found);
    else if (this.#door.lookupAll || !octetsOf(text)) this.#door.node.lookup(name, found);
    else found(null, text);
  }

  bind(ip: string, port: unknown): number {
    const { own, host } = this.#hold();
    const local = octetsOf(ip);
    const any = local && isUnspecified(local);
    const ours = any ? own.length > 0 : local && own.some((address) => sameIpv6(address, local));
    this.local = any ? undefined : local;
    // As Node has it: what is no port is 0, what is too large loses its upper bits.
    this.#port = ours ? host.ports.open(Number(port) & 0xffff, this) : 0;
    if (this.#port > 0) return 0;
    this.#release();
    return errnoOf(ours ? 'EADDRINUSE' : local ? 'EADDRNOTAVAIL' : 'EINVAL');
  }

  connect(ip: string, port: number): number {
    const octets = octetsOf(ip);
    const address = octets && this.#tunnel?.host.here(octets);
    if (!address) return octets ? errnoOf('ENETUNREACH') : EINVAL;
    this.remote = { address, port };
    return 0;
  }

  disconnect(): number {
    this.remote = undefined;
    return 0;
  }

  /** With `port` and `ip`, or on a connected socket without. What was sent and 1, or 0 if `oncomplete` tells later. */
  send(req: Request, list: readonly NodeJS.ArrayBufferView[], _count: number, ...to: unknown[]): number {
    const tunnel = this.#tunnel;
    if (!tunnel) return EBADF;
    const [port, ip] = to;
    const address = typeof ip === 'string' && octetsOf(ip);
    const end = typeof port === 'number' ? address && { address, port } : this.remote;
    if (!end) return EINVAL;
    const payload = Buffer.concat(list.map(octetsIn));
    if (payload.length > MOST_UDP_PAYLOAD) return errnoOf('EMSGSIZE');
    const told = to.at(-1) === true;
    const done = (code: string | null): void =>
      req.oncomplete?.(code === null ? 0 : errnoOf(code), payload.length);
    const refused = tunnel.host.send(this, this.#port, end, payload, this.#hopLimit, told ? done : undefined);
    if (refused) return errnoOf(refused);
    return told ? 0 : payload.length + 1;
  }

  receive(payload: Uint8Array, from: Ipv6, port: number): void {
    const octets = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
    this.onmessage?.(octets.length, this, octets, info(from, port));
  }

  refused(code: string, to: UdpEnd): void {
    const more = { errno: errnoOf(code), syscall: 'recvmsg', ...info(to.address, to.port) };
    this.#door.error(Object.assign(errorOf(code, `recvmsg ${code}`), more));
  }

  getsockname(out: AddressInfo): number {
    const address = this.local ?? this.#tunnel?.own[0];
    if (this.#port === 0 || !address) return EBADF;
    Object.assign(out, info(address, this.#port));
    return 0;
  }

  getpeername(out: AddressInfo): number {
    if (!this.remote) return EBADF;
    Object.assign(out, info(this.remote.address, this.remote.port));
    return 0;
  }

  setTTL(ttl: number): number {
    if (this.#port === 0) return EBADF;
    if (!(ttl >= 1 && ttl < 256)) return EINVAL;
    this.#hopLimit = Math.floor(ttl);
    return 0;
  }

  /** Without effect: IPv6 has no broadcast. */
  setBroadcast(): number {
    return this.#port === 0 ? EBADF : 0;
  }

  /** The buffers are those of the tunnel's one IPv4 socket: they grow and never shrink. */
  bufferSize(size: number, receive: boolean, context: object): number | undefined {
    if (this.#port > 0) return this.#tunnel?.outer.raise(receive ? 'Recv' : 'Send', size);
    return this.#door.node.bufferSize(size, receive, context);
  }

  getSendQueueSize(): number {
    return this.#tunnel?.outer.socket.getSendQueueSize() ?? 0;
  }

  getSendQueueCount(): number {
    return this.#tunnel?.outer.socket.getSendQueueCount() ?? 0;
  }

  ref(): void {
    this.#keepAlive(true);
  }

  unref(): void {
    this.#keepAlive(false);
  }

  hasRef(): boolean {
    return this.alive;
  }

  close(): void {
    this.#release();
    this.#door.node.close();
  }

  // What there is nothing to do for: whoever is bound receives.
  recvStart(): void {}
  recvStop(): void {}

  /** A file descriptor cannot be a tunnel. */
  open(): number {
    return ENOTSUP;
  }

  /** Calls `found` when there is an address. As long as no router answers, every 30 s is an error that says so. */
  #await(name: string | undefined, found: Found): void {
    let tunnel: Tunnel;
    try {
      tunnel = this.#hold();
    } catch (error) {
      process.nextTick(found, error);
      return;
    }
    this.#door.node.lookup(name, (error, ip) => {
      if (tunnel !== this.#tunnel) return;
      const ready = (): void => {
        this.#stopWaiting();
        found(null, ip);
      };
      const late = (why: Error): void => {
        if (!tunnel.closed) this.#door.error(why);
        else fail(why);
      };
      const fail = (why: Error): void => {
        this.#release();
        found(why);
      };
      this.#stopWaiting = () => tunnel.off('address', ready).off('error', late);
      if (error) fail(error);
      else if (tunnel.closed) fail(errorOf('ENETDOWN', 'The tunnel is closed'));
      else if (tunnel.own.length > 0) ready();
      else tunnel.on('address', ready).on('error', late);
    });
  }

  #hold(): Tunnel {
    this.#tunnel ??= this.#door.tunnel();
    this.#tunnel.hold(this);
    return this.#tunnel;
  }

  #keepAlive(alive: boolean): void {
    this.alive = alive;
    this.#tunnel?.hold(this);
  }

  #release(): void {
    this.#stopWaiting();
    this.#tunnel?.host.ports.close(this.#port, this);
    this.#tunnel?.release(this);
    this.#tunnel = undefined;
    this.#port = 0;
  }
}

// There are no groups; Node throws ENOTSUP with the name of the call.
for (const call of Object.getOwnPropertyNames(dgram.Socket.prototype)) {
  if (/Multicast|Membership/.test(call)) Reflect.set(TunnelHandle.prototype, call, () => ENOTSUP);
}

function info(address: Ipv6, port: number): AddressInfo {
  return { address: textOf(address), family: 'IPv6', port };
}

/** Node's Socket lets views of any kind through. */
function octetsIn({ buffer, byteOffset, byteLength }: NodeJS.ArrayBufferView): Uint8Array {
  return Buffer.from(buffer, byteOffset, byteLength);
}
