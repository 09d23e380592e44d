/** Sets outputs of an open request from another thread than the one that has requested them. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { codeOfErrno, HalError } from './error.ts';
import { IOCTL } from './gpio/line_request.ts';
import type { Level, LineHandle } from './gpio/types.ts';
import { loadLibc } from './libc.ts';

export interface LineSetter {
  /** Logical levels, in the order of the handles. Throws an error when the chip has left. */
  set(...levels: readonly Level[]): void;
  close(): void;
}

/** `lines`: of one request. Rejects with an error when they cannot be set from here. */
export async function openLineSetter(lines: readonly LineHandle[]): Promise<LineSetter> {
  const [first] = lines;
  if (first?.by !== 'ioctl')
    return fileSetter(lines.flatMap((line) => (line.by === 'sysfs' ? line.path : [])));
  return ioctlSetter(
    first.fd,
    lines.flatMap((line) => (line.by === 'ioctl' ? line.bit : [])),
  );
}

function fileSetter(paths: readonly string[]): LineSetter {
  const files = paths.map((path) => openSync(path, 'w'));
  return {
    set: (...levels) => {
      // What goes low does so first: the ends of a coil are never both high.
      const changes = files.map((fd, index) => ({ fd, level: levels[index] ?? 0 }));
      for (const { fd, level } of changes.sort((a, b) => a.level - b.level)) writeSync(fd, String(level), 0);
    },
    close: () => {
      for (const fd of files) closeSync(fd);
    },
  };
}

/** One call sets them all. */
async function ioctlSetter(fd: number, bits: readonly number[]): Promise<LineSetter> {
  const libc = await loadLibc();
  if (libc === undefined) throw new HalError('ABSENT', 'koffi cannot be loaded in a thread');
  const masks = bits.map((bit) => 1n << BigInt(bit));
  const values = BigUint64Array.of(
    0n,
    masks.reduce((all, mask) => all | mask, 0n),
  );
  const octets = new Uint8Array(values.buffer);
  return {
    set: (...levels) => {
      let high = 0n;
      for (const [index, mask] of masks.entries()) if (levels[index] === 1) high |= mask;
      values[0] = high;
      if (libc.ioctl(fd, IOCTL.setValues, octets) >= 0) return;
      const errno = libc.errno();
      throw new HalError(codeOfErrno(errno), `setting a GPIO line from a thread: ${errno}`);
    },
    close: () => {},
  };
}
