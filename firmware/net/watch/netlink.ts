/** Changes of addresses, routes and links, told by the kernel within a millisecond: rtnetlink(7) through koffi. */
import { Buffer } from 'node:buffer';
import type { Libc, Readiness } from '../libc.ts';
import type { WakeUp, WakeUpEvents, WakeUpSource } from './wake_up.ts';

const AF_NETLINK = 16;
const NETLINK_ROUTE = 0;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
/** RTMGRP_LINK, and of each family RTMGRP_…_IFADDR and RTMGRP_…_ROUTE (linux/rtnetlink.h). */
const GROUPS = 0x1 | 0x10 | 0x40 | 0x100 | 0x400;
/** Messages are cut to it, for nobody reads them. */
const SCRATCH = 4096;
/** In one turn of the event loop; what is left wakes again. */
const MOST_READS = 256;

export function byNetlink(load: () => Promise<Libc | undefined>): WakeUpSource {
  return async (events) => {
    const libc = await load();
    const fd = libc?.socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE) ?? -1;
    if (libc === undefined || fd < 0) return undefined;
    const address = netlinkAddress(GROUPS);
    if (libc.bind(fd, address, address.length) < 0) {
      libc.close(fd);
      return undefined;
    }
    return new NetlinkSocket(libc, fd, events);
  };
}

/** `struct sockaddr_nl`: family, padding, port (0: the kernel chooses), groups; the machine's byte order. */
function netlinkAddress(groups: number): Uint8Array {
  const octets = Buffer.alloc(12);
  octets.writeUInt16LE(AF_NETLINK, 0);
  octets.writeUInt32LE(groups, 8);
  return octets;
}

class NetlinkSocket implements WakeUp {
  readonly name = 'netlink';
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #events: WakeUpEvents;
  readonly #readiness: Readiness;
  readonly #scratch = Buffer.alloc(SCRATCH);

  constructor(libc: Libc, fd: number, events: WakeUpEvents) {
    this.#libc = libc;
    this.#fd = fd;
    this.#events = events;
    this.#readiness = libc.onReadable(fd, () => this.#read());
  }

  close(): void {
    this.#readiness.close();
    setImmediate(() => this.#libc.close(this.#fd));
  }

  #read(): void {
    for (let left = MOST_READS; left > 0; left--) {
      if (Number(this.#libc.recv(this.#fd, this.#scratch, SCRATCH, 0)) >= 0) continue;
      const code = this.#libc.errno();
      if (code === 'EAGAIN') break;
      // ENOBUFS: more happened than the kernel could keep; one look tells it all.
      if (code === 'ENOBUFS' || code === 'EINTR') continue;
      this.close();
      this.#events.lost();
      return;
    }
    this.#events.wake();
  }
}
