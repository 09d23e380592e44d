/**
 * Reads what reaches an interface beside whoever it is for (packet(7)). The system's DHCP client holds the port to which
 * servers answer, and must not lose its own answers to us; and the kernel shows nobody what routers say. Needs
 * CAP_NET_RAW, and koffi.
 */
import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import type { Libc, Readiness } from '#net/libc.ts';

const AF_PACKET = 17;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const ETHERTYPE = { 4: 0x0800, 6: 0x86dd } as const;
/** No frame that we look at is longer. */
const SCRATCH = 4096;
/** In one turn of the event loop; what is left wakes again. */
const MOST_READS = 64;

/** An instruction of classic BPF: code, where to go on if true and if false, operand (linux/filter.h). */
type Instruction = readonly [code: number, yes: number, no: number, operand: number];
/** BPF_LD|BPF_B|BPF_ABS and the like. */
const BPF = { octet: 0x30, word: 0x28, wordAtX: 0x48, headerToX: 0xb1, equal: 0x15, bits: 0x45, end: 0x06 };
const TAKE: Instruction = [BPF.end, 0, 0, 0xffff];
const DROP: Instruction = [BPF.end, 0, 0, 0];

/** Offsets count from the Ethernet header. */
export const FILTER = {
  /** UDP of IPv4 to this port, in one piece. */
  udp4: (port: number): readonly Instruction[] => [
    [BPF.octet, 0, 0, 23],
    [BPF.equal, 0, 6, 17],
    [BPF.word, 0, 0, 20],
    [BPF.bits, 4, 0, 0x1fff],
    [BPF.headerToX, 0, 0, 14],
    [BPF.wordAtX, 0, 0, 16],
    [BPF.equal, 0, 1, port],
    TAKE,
    DROP,
  ],
  /** UDP of IPv6 to this port. */
  udp6: (port: number): readonly Instruction[] => behindIpv6(17, [BPF.word, 0, 0, 56], port),
  /** ICMPv6 of this type. */
  icmpv6: (type: number): readonly Instruction[] => behindIpv6(58, [BPF.octet, 0, 0, 54], type),
} as const;

/** `protocol` right behind the header of IPv6, and what `load` loads is `value`. */
function behindIpv6(protocol: number, load: Instruction, value: number): readonly Instruction[] {
  return [[BPF.octet, 0, 0, 20], [BPF.equal, 0, 3, protocol], load, [BPF.equal, 0, 1, value], TAKE, DROP];
}

export interface PacketSocket {
  /** A whole frame. */
  send(frame: Uint8Array): void;
  close(): void;
}

/** A short text where it cannot be had: `EPERM`. */
export function openPacketSocket(
  libc: Libc,
  where: { readonly interface: string; readonly family: 4 | 6 },
  filter: readonly Instruction[],
  received: (frame: Uint8Array) => void,
): PacketSocket | string {
  const index = interfaceIndex(where.interface);
  if (index === undefined) return 'ENODEV';
  // Of no protocol until it is bound: nothing comes in before the filter is there.
  const fd = libc.socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return libc.errno();
  const address = linkLayerAddress(ETHERTYPE[where.family], index);
  if (libc.attachFilter(fd, programOf(filter)) < 0 || libc.bind(fd, address, address.length) < 0) {
    const why = libc.errno();
    libc.close(fd);
    return why;
  }
  return new OpenSocket(libc, fd, received);
}

function programOf(filter: readonly Instruction[]): Uint8Array {
  return Buffer.concat(
    filter.map(([code, yes, no, operand]) => {
      const octets = Buffer.alloc(8);
      octets.writeUInt16LE(code, 0);
      octets.set([yes, no], 2);
      octets.writeUInt32LE(operand, 4);
      return octets;
    }),
  );
}

/** `struct sockaddr_ll`: family, protocol in the order of the network, index; the rest is for senders. */
function linkLayerAddress(protocol: number, index: number): Uint8Array {
  const octets = Buffer.alloc(20);
  octets.writeUInt16LE(AF_PACKET, 0);
  octets.writeUInt16BE(protocol, 2);
  octets.writeInt32LE(index, 4);
  return octets;
}

export function interfaceIndex(name: string): number | undefined {
  try {
    const index = Number(readFileSync(`/sys/class/net/${name}/ifindex`, 'utf8'));
    return Number.isInteger(index) && index > 0 ? index : undefined;
  } catch {
    return undefined;
  }
}

class OpenSocket implements PacketSocket {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #received: (frame: Uint8Array) => void;
  readonly #readiness: Readiness;
  readonly #scratch = Buffer.alloc(SCRATCH);
  #closed = false;

  constructor(libc: Libc, fd: number, received: (frame: Uint8Array) => void) {
    this.#libc = libc;
    this.#fd = fd;
    this.#received = received;
    this.#readiness = libc.onReadable(fd, () => this.#read());
  }

  send(frame: Uint8Array): void {
    // A failure is a lost packet, like any other: whoever asks asks again.
    if (!this.#closed) this.#libc.send(this.#fd, frame, frame.length, 0);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#readiness.close();
    setImmediate(() => this.#libc.close(this.#fd));
  }

  #read(): void {
    for (let left = MOST_READS; left > 0 && !this.#closed; left--) {
      const length = Number(this.#libc.recv(this.#fd, this.#scratch, SCRATCH, 0));
      // ENETDOWN comes once when the interface goes; then there is silence until it is back.
      if (length < 0) return;
      this.#received(Uint8Array.from(this.#scratch.subarray(0, length)));
    }
  }
}
