/**
 * A TUN interface of Linux: the kernel's IPv6 packets as octets, without a link layer. Opened through koffi, which is
 * an optional package; needs CAP_NET_ADMIN unless the interface exists and belongs to the user who asks.
 */
import { Buffer } from 'node:buffer';
import { type Libc, loadLibc, type Readiness } from '#net/libc.ts';

const DEVICE = '/dev/net/tun';
/** asm-generic/fcntl.h */
const O_RDWR = 0o2;
const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;
/** linux/if_tun.h */
const TUNSETIFF = 0x400454ca;
const IFF_TUN = 0x0001;
const IFF_NO_PI = 0x1000;
/** `struct ifreq`: the name in 16 octets, then flags, padded to 40. */
const IFREQ = 40;
const IFNAMSIZ = 16;

/** Above what an interface of 1280 octets hands over; longer packets arrive cut and are malformed then. */
const SCRATCH = 4096;
/** In one turn of the event loop, so that datagrams get theirs; what is left wakes again. */
const MOST_READS = 64;

export interface TunEvents {
  /** A packet that the kernel routed to the interface; the receiver's own. */
  packet(octets: Uint8Array): void;
  /** The interface is gone; nothing comes any more. */
  lost(error: Error): void;
}

export class TunError extends Error {
  override name = 'TunError';
}

/** By errno, what happened and what to do. */
const WHY: Readonly<Record<string, string>> = {
  ENOENT: `there is no ${DEVICE}: load the kernel module with "modprobe tun"`,
  ENODEV: `there is no ${DEVICE}: load the kernel module with "modprobe tun"`,
  EACCES: `${DEVICE} may not be opened: run as root or with CAP_NET_ADMIN`,
  EPERM: 'not permitted: run as root or with CAP_NET_ADMIN',
  EBUSY: 'it is in use by another program',
  EINVAL: 'an interface of this name exists and is no TUN interface',
};

/** Attaches to the interface, and makes it where it does not exist. Rejects with a TunError that says what to do. */
export async function openTun(name: string, events: TunEvents): Promise<Tun> {
  const libc = await loadLibc();
  if (libc === undefined) {
    throw new TunError(
      '--tun needs the optional package koffi, which is not installed here: npm install koffi',
    );
  }
  const fd = libc.open(DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) throw failure(name, libc.errno());
  const request = Buffer.alloc(IFREQ);
  request.write(name, 0, IFNAMSIZ - 1, 'latin1');
  request.writeUInt16LE(IFF_TUN | IFF_NO_PI, IFNAMSIZ);
  if (libc.ioctl(fd, TUNSETIFF, request) < 0) {
    const errno = libc.errno();
    libc.close(fd);
    throw failure(name, errno);
  }
  return new Tun(libc, fd, name, events);
}

function failure(name: string, errno: string): TunError {
  return new TunError(`the interface ${name} cannot be opened: ${WHY[errno] ?? errno}`);
}

/** An open interface. */
export class Tun {
  readonly name: string;
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #events: TunEvents;
  readonly #readiness: Readiness;
  readonly #scratch = Buffer.alloc(SCRATCH);
  #closed = false;

  constructor(libc: Libc, fd: number, name: string, events: TunEvents) {
    this.#libc = libc;
    this.#fd = fd;
    this.name = name;
    this.#events = events;
    this.#readiness = libc.onReadable(fd, () => this.#read());
  }

  /** Hands a packet to the kernel. False: it took none, as when the interface is down. */
  write(packet: Uint8Array): boolean {
    return !this.#closed && Number(this.#libc.write(this.#fd, packet, packet.length)) === packet.length;
  }

  /** The interface goes too, unless it was there before. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#readiness.close();
    setImmediate(() => this.#libc.close(this.#fd));
  }

  #read(): void {
    for (let left = MOST_READS; left > 0 && !this.#closed; left -= 1) {
      const length = Number(this.#libc.read(this.#fd, this.#scratch, SCRATCH));
      if (length >= 0) {
        this.#events.packet(Buffer.from(this.#scratch.subarray(0, length)));
        continue;
      }
      const errno = this.#libc.errno();
      if (errno === 'EAGAIN') return;
      if (errno === 'EINTR') continue;
      // EIO: it is down for now. EBADFD: somebody removed it.
      if (errno === 'EIO') return;
      this.close();
      this.#events.lost(new TunError(`the interface ${this.name} is gone (${errno})`));
    }
  }
}
