/**
 * A connected UDP socket that hears every ICMP error, also those that the kernel keeps from others as passing ("no
 * route", "host unreachable": just what a router with broken IPv6 says). IP_RECVERR asks for them (ip(7)). Node's
 * sockets abort when that is set on them, so this one is made of system calls.
 *
 * An error is told twice: once as the result of the next call, and by the original datagram in the error queue. As
 * long as that queue is not empty the socket counts as readable, so it is emptied on the way.
 */
import { Buffer } from 'node:buffer';
import type { Endpoint } from '#address/endpoint.ts';
import type { Libc, Readiness } from './libc.ts';
import { AF_INET, AF_INET6, socketAddress } from './socket_address.ts';
import type { ConnectedUdp, ConnectedUdpEvents, OpenConnected } from './udp_connected.ts';

const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_REUSEPORT = 15;
const IPPROTO_IP = 0;
const IP_RECVERR = 11;
const IPPROTO_IPV6 = 41;
const IPV6_RECVERR = 25;
const IPV6_V6ONLY = 26;
const MSG_ERRQUEUE = 0x2000;

const ON = Buffer.from([1, 0, 0, 0]);
/** Reads in one go; the rest comes with the next turn of the event loop, for others want to live, too. */
const MOST_READS = 64;
/** The largest datagram; every socket reads into the same place and copies. */
let scratch: Buffer | undefined;

/** What cannot be opened fails by `failed`, in a later turn, and says so at each `send`. */
export function openByKernel(libc: Libc): OpenConnected {
  return (local, remote, events) => {
    const opened = connected(libc, local, remote);
    if (typeof opened === 'number') return new KernelUdp(libc, opened, events);
    return { send: () => opened, close: () => {} };
  };
}

/** The descriptor, or the system's code of what went wrong. */
function connected(libc: Libc, local: Endpoint, remote: Endpoint): number | string {
  const six = local.family === 6;
  const [from, to] = [socketAddress(local), socketAddress(remote)];
  if (from === undefined || to === undefined) return 'EINVAL';
  const fd = libc.socket(six ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return libc.errno();
  const set = (level: number, name: number) => libc.setsockopt(fd, level, name, ON, ON.length) === 0;
  const ready =
    set(SOL_SOCKET, SO_REUSEPORT) &&
    (six ? set(IPPROTO_IPV6, IPV6_V6ONLY) : true) &&
    (six ? set(IPPROTO_IPV6, IPV6_RECVERR) : set(IPPROTO_IP, IP_RECVERR)) &&
    libc.bind(fd, from, from.length) === 0 &&
    libc.connect(fd, to, to.length) === 0;
  if (ready) return fd;
  const why = libc.errno();
  libc.close(fd);
  return why;
}

class KernelUdp implements ConnectedUdp {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #events: ConnectedUdpEvents;
  readonly #readiness: Readiness;
  #closed = false;

  constructor(libc: Libc, fd: number, events: ConnectedUdpEvents) {
    this.#libc = libc;
    this.#fd = fd;
    this.#events = events;
    this.#readiness = libc.onReadable(fd, () => this.#read());
  }

  send(octets: Uint8Array): string | undefined {
    if (this.#closed) return 'EBADF';
    const code = this.#trySend(octets);
    if (code === undefined || code === 'EMSGSIZE') return code;
    // Most likely an earlier datagram's error, told instead of sending this one.
    this.#emptyErrorQueue();
    const again = this.#trySend(octets);
    if (again === undefined) this.#events.failed(code);
    return again;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#readiness.close();
    setImmediate(() => this.#libc.close(this.#fd));
  }

  #trySend(octets: Uint8Array): string | undefined {
    return this.#libc.send(this.#fd, octets, octets.length, 0) < 0 ? this.#libc.errno() : undefined;
  }

  #read(): void {
    scratch ??= Buffer.alloc(65_536);
    for (let left = MOST_READS; left > 0 && !this.#closed; left--) {
      const length = Number(this.#libc.recv(this.#fd, scratch, scratch.length, 0));
      if (length >= 0) this.#events.received(Buffer.from(scratch.subarray(0, length)));
      else if (!this.#readError(this.#libc.errno())) return;
    }
  }

  /** Whether there may be more to read. */
  #readError(code: string): boolean {
    if (code === 'EAGAIN') return this.#takeFromErrorQueue();
    if (code === 'EINTR') return true;
    this.#takeFromErrorQueue();
    // The path takes less than we thought: the kernel knows now, and sends the next one in fragments.
    if (code !== 'EMSGSIZE') this.#events.failed(code);
    return true;
  }

  #takeFromErrorQueue(): boolean {
    scratch ??= Buffer.alloc(65_536);
    return Number(this.#libc.recv(this.#fd, scratch, scratch.length, MSG_ERRQUEUE)) >= 0;
  }

  #emptyErrorQueue(): void {
    for (let left = MOST_READS; left > 0 && this.#takeFromErrorQueue(); left--);
  }
}
