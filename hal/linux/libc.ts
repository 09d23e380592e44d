/**
 * The C library, for what Node cannot ask of a device: ioctl, and to be told when a descriptor can be read. It is
 * reached through koffi, an optional package; without it there is no libc, and `onoff` drives the lines.
 */
import { getSystemErrorName } from 'node:util';

/** System calls as they are: -1 is a failure, `errno` then says which. */
export interface Libc {
  open(path: string, flags: number): number;
  ioctl(fd: number, request: number, argument: Uint8Array): number;
  read(fd: number, into: Uint8Array, length: number): number;
  close(fd: number): number;
  /** Of the call just made: `EAGAIN`. */
  errno(): string;
  /** Calls `ready` when something can be read, or the device has left, until closed. Keeps the event loop alive. */
  onReadable(fd: number, ready: () => void): Watch;
}

export interface Watch {
  /** May be called again, also by `ready`. The descriptor may be closed right after. */
  close(): void;
}

type Koffi = typeof import('koffi');

/** asm-generic/fcntl.h */
export const O_RDWR = 0o2;
export const O_NONBLOCK = 0o4000;
export const O_CLOEXEC = 0o2000000;

let loading: Promise<Libc | undefined> | undefined;

/** Undefined: there is no koffi here, or no library that it can load. Looks once for each thread. */
export function loadLibc(): Promise<Libc | undefined> {
  loading ??= import('koffi').then(libcBy).catch(() => undefined);
  return loading;
}

function libcBy(koffi: Koffi): Libc {
  const library = koffi.load(null);
  return {
    open: library.func('int open(str, int)'),
    // Declared without `...`: on both our processors an ioctl with three arguments is called the same way.
    ioctl: library.func('int ioctl(int, unsigned long, void *)'),
    read: library.func('long read(int, void *, size_t)'),
    close: library.func('int close(int)'),
    errno: () => getSystemErrorName(-koffi.errno()),
    onReadable: (fd, ready) => watch(koffi, fd, ready),
  };
}

/** koffi silently closes a handle that the garbage collector finds. */
const held = new Map<object, () => void>();

// A handle that fires while its thread is taken down aborts the process.
process.once('exit', () => {
  for (const close of [...held.values()]) close();
});

/**
 * What koffi's polling, which is libuv's, asks of its user: the callback's first argument is a status, whatever the
 * declaration says, and below 0 polling has stopped and must be started again; nothing may be thrown through it, or
 * it stops without a word; a closed handle must never be touched, or the process crashes.
 */
function watch(koffi: Koffi, fd: number, ready: () => void): Watch {
  let open = true;
  const polled = (status: unknown): void => {
    if (!open) return;
    try {
      ready();
    } catch (error) {
      setImmediate(() => {
        throw error;
      });
    }
    if (open && typeof status === 'number' && status < 0) handle.start({ readable: true }, polled);
  };
  const handle = koffi.node.poll(fd, { readable: true }, polled);
  const close = (): void => {
    if (!open) return;
    open = false;
    held.delete(handle);
    handle.stop();
    handle.close();
  };
  held.set(handle, close);
  return { close };
}
