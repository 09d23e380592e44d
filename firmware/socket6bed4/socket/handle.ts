/**
 * What a `dgram.Socket` has below it: Node's own Socket does the arguments in all their forms, the states, the queue of
 * what waits for bind, events and errors; only the handle on which it calls is ours. So no call can differ from that of
 * node:dgram. The handle is no public interface of Node, but the same one in all its versions since 12. As there, an
 * error is a negative number.
 */
import { Buffer } from 'node:buffer';
import type { AddressInfo } from 'node:net';
import { type Ipv6, isUnspecified } from '../address/ipv6.ts';
import { HOP_LIMIT } from '../packet/ipv6.ts';
import { MOST_UDP_PAYLOAD, type UdpEnd } from '../packet/udp.ts';
import { errnoOf } from './errors.ts';
import type { Link } from './link.ts';
import type { Receiver } from './ports.ts';

export type Found = (error: Error | null, address?: string, family?: number) => void;
export type Lookup = (name: string | undefined, found: Found) => void;

/** A send under way; `oncomplete` is there if the application gave a callback. */
interface Request {
  oncomplete?(error: number, sent: number): void;
}

export interface HandleDoor {
  /** The link to bind to. Throws where there is none. */
  link(): Link;
  /** The application's own, or Node's. */
  readonly lookup: Lookup;
  /** Literals of IPv6 are looked up as well, because the application wants to see them. */
  readonly lookupAll: boolean;
  readonly reuse: boolean;
  readonly recvErr: boolean;
  /** Something that belongs to no call went wrong. */
  error(error: Error): void;
  close(): void;
}

const EBADF = errnoOf('EBADF');
const EINVAL = errnoOf('EINVAL');
const EOPNOTSUPP = errnoOf('EOPNOTSUPP');

export class TunnelHandle implements Receiver {
  local: Ipv6 | undefined;
  remote: UdpEnd | undefined;
  readonly reuse: boolean;
  readonly recvErr: boolean;
  /** Node's Socket sets it when it is bound. */
  onmessage?: (length: number, handle: TunnelHandle, octets?: Buffer, from?: AddressInfo) => void;
  readonly #door: HandleDoor;
  #link: Link | undefined;
  /** 0: not bound. */
  #port = 0;
  #hopLimit = HOP_LIMIT;
  #alive = true;
  #cancel: (() => void) | undefined;

  constructor(door: HandleDoor) {
    this.#door = door;
    this.reuse = door.reuse;
    this.recvErr = door.recvErr;
  }

  /** Asked before every bind, connect and send; that is where the first one waits for an address. */
  lookup(name: string | undefined, found: Found): void {
    const link = this.#port === 0 ? undefined : this.#link;
    if (link === undefined) {
      this.#await(name, found);
      return;
    }
    const known = this.#door.lookupAll ? undefined : link.texts.octetsOf(name || '::1');
    if (known === undefined) this.#door.lookup(name, found);
    else found(null, name || '::1', 6);
  }

  bind(ip: string, port: unknown): number {
    const link = this.#hold();
    const local = link.texts.octetsOf(ip);
    const any = local !== undefined && isUnspecified(local);
    let refused = local === undefined ? EINVAL : 0;
    if (local && (link.own === undefined || !(any || link.isOwn(local)))) refused = errnoOf('EADDRNOTAVAIL');
    if (refused === 0) {
      this.local = any ? undefined : local;
      // As Node has it: what is no port is 0, what is too large loses its upper bits.
      this.#port = link.host.ports.open(Number(port) & 0xffff, this) ?? 0;
      if (this.#port === 0) refused = errnoOf('EADDRINUSE');
    }
    if (refused !== 0) this.#release();
    return refused;
  }

  connect(ip: string, port: number): number {
    const octets = this.#link?.texts.octetsOf(ip);
    const address = octets && this.#link?.host.here(octets);
    if (address === undefined) return octets ? errnoOf('ENETUNREACH') : EINVAL;
    this.remote = { address, port };
    return 0;
  }

  disconnect(): number {
    this.remote = undefined;
    return 0;
  }

  /** With `port` and `ip`, or on a connected socket without. What was sent and 1, or 0 if `oncomplete` tells later. */
  send(req: Request, list: readonly NodeJS.ArrayBufferView[], _count: number, ...to: unknown[]): number {
    const link = this.#link;
    if (link === undefined) return EBADF;
    const [port, ip] = to;
    const address = typeof ip === 'string' ? link.texts.octetsOf(ip) : undefined;
    const end = address
      ? { address, port: Number(port) }
      : typeof port === 'number'
        ? undefined
        : this.remote;
    const payload = gather(list);
    if (end === undefined) return EINVAL;
    if (payload.length > MOST_UDP_PAYLOAD) return errnoOf('EMSGSIZE');
    const wantsToKnow = to.at(-1) === true;
    const done = wantsToKnow
      ? (code: string | null) => req.oncomplete?.(code === null ? 0 : errnoOf(code), payload.length)
      : undefined;
    const refused = link.host.send(this, this.#port, end, payload, this.#hopLimit, done);
    if (refused !== undefined) return errnoOf(refused);
    return wantsToKnow ? 0 : payload.length + 1;
  }

  receive(payload: Uint8Array, from: Ipv6, port: number): void {
    const octets = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
    this.onmessage?.(octets.length, this, octets, this.#info({ address: from, port }));
  }

  refused(code: string, to: UdpEnd): void {
    const error = new Error(`recvmsg ${code}`);
    this.#door.error(
      Object.assign(error, { errno: errnoOf(code), code, syscall: 'recvmsg', ...this.#info(to) }),
    );
  }

  getsockname(out: AddressInfo): number {
    const address = this.local ?? this.#link?.own;
    if (this.#port === 0 || address === undefined) return EBADF;
    Object.assign(out, this.#info({ address, port: this.#port }));
    return 0;
  }

  getpeername(out: AddressInfo): number {
    if (this.remote === undefined) return errnoOf('ENOTCONN');
    Object.assign(out, this.#info(this.remote));
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
    const way = receive ? 'Recv' : 'Send';
    if (this.#link === undefined || this.#port === 0) {
      const syscall = `uv_${way.toLowerCase()}_buffer_size`;
      Object.assign(context, { errno: EBADF, code: 'EBADF', message: 'bad file descriptor', syscall });
      return undefined;
    }
    this.#link.outer.raise(way, size);
    return this.#link.outer.bufferSize(way);
  }

  getSendQueueSize(): number {
    return this.#link?.outer.queue.size ?? 0;
  }

  getSendQueueCount(): number {
    return this.#link?.outer.queue.count ?? 0;
  }

  ref(): void {
    this.#keepAlive(true);
  }

  unref(): void {
    this.#keepAlive(false);
  }

  hasRef(): boolean {
    return this.#alive;
  }

  close(): void {
    this.#release();
    this.#door.close();
  }

  // What there is nothing to do for: whoever is bound receives.
  recvStart(): void {}
  recvStop(): void {}

  // What no tunnel can do. Node throws EOPNOTSUPP with the name of the call.
  open(): number {
    return EOPNOTSUPP;
  }
  setMulticastTTL(): number {
    return EOPNOTSUPP;
  }
  setMulticastLoopback(): number {
    return EOPNOTSUPP;
  }
  setMulticastInterface(): number {
    return EOPNOTSUPP;
  }
  addMembership(): number {
    return EOPNOTSUPP;
  }
  dropMembership(): number {
    return EOPNOTSUPP;
  }
  addSourceSpecificMembership(): number {
    return EOPNOTSUPP;
  }
  dropSourceSpecificMembership(): number {
    return EOPNOTSUPP;
  }

  /** Calls `found` when there is an address. As long as no router answers, every 30 s is an error that says so. */
  #await(name: string | undefined, found: Found): void {
    let link: Link;
    try {
      link = this.#hold();
    } catch (error) {
      process.nextTick(found, error);
      return;
    }
    this.#door.lookup(name, (error, ip) => {
      if (link !== this.#link) return;
      if (error) {
        this.#release();
        found(error);
      } else
        this.#cancel = link.wait(
          () => found(null, ip, 6),
          (late) => {
            if (link.closed) found(late);
            else this.#door.error(late);
          },
        );
    });
  }

  #hold(): Link {
    this.#link ??= this.#door.link();
    this.#link.hold(this, this.#alive);
    return this.#link;
  }

  #keepAlive(alive: boolean): void {
    this.#alive = alive;
    this.#link?.hold(this, alive);
  }

  #release(): void {
    this.#cancel?.();
    if (this.#port !== 0) this.#link?.host.ports.close(this.#port, this);
    this.#link?.release(this);
    this.#link = undefined;
    this.#port = 0;
  }

  #info({ address, port }: UdpEnd): AddressInfo {
    return { address: this.#link?.texts.textOf(address) ?? '', family: 'IPv6', port };
  }
}

/** Of what Node's Socket lets through: a list of buffers, or one view of any kind. */
function gather(list: readonly NodeJS.ArrayBufferView[]): Uint8Array {
  const octets = list.map((view) =>
    view instanceof Uint8Array ? view : Buffer.from(view.buffer, view.byteOffset, view.byteLength),
  );
  return octets.length === 1 && octets[0] !== undefined ? octets[0] : Buffer.concat(octets);
}
