/**
 * The C library, for the few things that Node cannot ask the kernel. It is reached through koffi, an optional package:
 * where that is missing there is no libc, and whoever wants it goes on without.
 */
import { getSystemErrorName } from 'node:util';

/** System calls as they are: -1 is a failure, `errno` then says which. Linux, whose numbers they are. */
export interface Libc {
  socket(family: number, type: number, protocol: number): number;
  bind(fd: number, address: Uint8Array, length: number): number;
  connect(fd: number, address: Uint8Array, length: number): number;
  setsockopt(fd: number, level: number, name: number, value: Uint8Array, length: number): number;
  /** SO_ATTACH_FILTER: what this classic BPF program (socket(7), instructions of eight octets) refuses never wakes us. */
  attachFilter(fd: number, program: Uint8Array): number;
  send(fd: number, octets: Uint8Array, length: number, flags: number): number;
  recv(fd: number, into: Uint8Array, length: number, flags: number): number;
  open(path: string, flags: number): number;
  ioctl(fd: number, request: number, argument: Uint8Array): number;
  read(fd: number, into: Uint8Array, length: number): number;
  write(fd: number, octets: Uint8Array, length: number): number;
  close(fd: number): number;
  /** `time`: struct timespec. */
  clock_settime(clock: number, time: Uint8Array): number;
  /** Of the call just made: `EAGAIN`. */
  errno(): string;
  /** Calls `ready` when something can be read, or an error is there, until closed. Keeps the event loop alive. */
  onReadable(fd: number, ready: () => void): Readiness;
}

export interface Readiness {
  /** May be called again. The descriptor is the caller's to close, in a later turn of the event loop. */
  close(): void;
}

type Koffi = typeof import('koffi');

/** What the collector must not take: koffi closes a handle that nobody holds, and says nothing. */
const held = new Set<object>();

let loading: Promise<Libc | undefined> | undefined;

/** Undefined: there is none here. Looks once; costs some 20 ms and a few MB. */
export function loadLibc(): Promise<Libc | undefined> {
  loading ??= import('koffi').then(
    (koffi) => libcBy(koffi),
    () => undefined,
  );
  return loading;
}

function libcBy(koffi: Koffi): Libc {
  const library = koffi.load(null);
  return {
    socket: library.func('int socket(int, int, int)'),
    bind: library.func('int bind(int, void *, uint32_t)'),
    connect: library.func('int connect(int, void *, uint32_t)'),
    setsockopt: library.func('int setsockopt(int, int, int, void *, uint32_t)'),
    attachFilter: filterBy(koffi, library),
    send: library.func('long send(int, void *, size_t, int)'),
    recv: library.func('long recv(int, void *, size_t, int)'),
    open: library.func('int open(str, int)'),
    ioctl: library.func('int ioctl(int, unsigned long, void *)'),
    read: library.func('long read(int, void *, size_t)'),
    write: library.func('long write(int, void *, size_t)'),
    close: library.func('int close(int)'),
    clock_settime: library.func('int clock_settime(int, void *)'),
    errno: () => getSystemErrorName(-koffi.errno()),
    onReadable: (fd, ready) => watch(koffi, fd, ready),
  };
}

const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;
const INSTRUCTION = 8;

/** `struct sock_fprog` holds a pointer, which koffi alone can write. */
function filterBy(koffi: Koffi, library: ReturnType<Koffi['load']>): Libc['attachFilter'] {
  const program = koffi.struct({ length: 'uint16_t', instructions: 'void *' });
  const parameters = ['int', 'int', 'int', koffi.pointer(program), 'uint32_t'];
  const set = library.func('setsockopt', 'int', parameters);
  return (fd, instructions) => {
    const length = instructions.length / INSTRUCTION;
    return set(fd, SOL_SOCKET, SO_ATTACH_FILTER, { length, instructions }, koffi.sizeof(program));
  };
}

/**
 * What koffi's polling asks of its user: never to throw through it (polling would stop without a word), never to
 * touch a closed handle (it crashes), and to start it again after an error state (libuv stops it then, status < 0).
 */
function watch(koffi: Koffi, fd: number, ready: () => void): Readiness {
  let closed = false;
  const polled = (status: unknown) => {
    if (closed) return;
    try {
      ready();
    } catch (error) {
      setImmediate(() => {
        throw error;
      });
    }
    if (!closed && typeof status === 'number' && status < 0) handle.start({ readable: true }, polled);
  };
  const handle = koffi.node.poll(fd, { readable: true }, polled);
  held.add(handle);
  return {
    close: () => {
      if (closed) return;
      closed = true;
      held.delete(handle);
      handle.close();
    },
  };
}
