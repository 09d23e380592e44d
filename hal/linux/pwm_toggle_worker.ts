/** The thread that toggles a line, or two in opposite phase: it sleeps from edge to edge and rests when told, or at its limit. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { codeOfErrno, HalError } from './error.ts';
import { IOCTL } from './gpio/line_request.ts';
import type { Level, LineHandle } from './gpio/types.ts';
import { loadLibc } from './libc.ts';
import { Control, type Order, type ToggleStart } from './pwm_control.ts';

interface Setter {
  /** The line, and where there is one, the line in opposite phase. */
  set(level: Level, opposite: Level): void;
  close(): void;
}

async function setterOf(line: LineHandle, opposite: LineHandle | undefined): Promise<Setter> {
  if (line.by === 'ioctl') return ioctlSetter(line, opposite?.by === 'ioctl' ? opposite.bit : undefined);
  const paths = [line.path, ...(opposite?.by === 'sysfs' ? [opposite.path] : [])];
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

type IoctlHandle = Extract<LineHandle, { by: 'ioctl' }>;

/** Both lines are of one request, so one call sets them. */
async function ioctlSetter({ fd, bit }: IoctlHandle, oppositeBit: number | undefined): Promise<Setter> {
  const libc = await loadLibc();
  if (libc === undefined) throw new HalError('ABSENT', 'koffi cannot be loaded in a thread');
  const own = 1n << BigInt(bit);
  const other = oppositeBit === undefined ? 0n : 1n << BigInt(oppositeBit);
  const values = BigUint64Array.of(0n, own | other);
  const octets = new Uint8Array(values.buffer);
  return {
    set: (level, opposite) => {
      values[0] = (level === 1 ? own : 0n) | (opposite === 1 ? other : 0n);
      if (libc.ioctl(fd, IOCTL.setValues, octets) >= 0) return;
      const errno = libc.errno();
      throw new HalError(codeOfErrno(errno), `setting a toggled GPIO line: ${errno}`);
    },
    close: () => {},
  };
}

/** Swings until there is another order, or the limit is reached. */
function swing(control: Control, setter: Setter, { serial, high, low, limit }: Order): void {
  const started = performance.now();
  let due = started;
  let level: Level = 1;
  while (control.order().serial === serial && due - started < limit) {
    const now = performance.now();
    if (now < due) {
      // Wakes a little after its time; what is left of less than that is not worth another sleep.
      control.wait(serial, due - now);
      continue;
    }
    control.count(now - due);
    const length = level === 1 ? high : low;
    const opposite: Level = level === 1 ? 0 : 1;
    if (length > 0) setter.set(level, opposite);
    level = opposite;
    // After a long gap it goes on from now, instead of making up for edges in a burst.
    due = now - due > high + low ? now + length : due + length;
  }
  setter.set(0, 0);
}

async function main({ line, opposite, control: shared }: ToggleStart): Promise<void> {
  const control = new Control(shared);
  const setter = await setterOf(line, opposite);
  parentPort?.postMessage('ready');
  try {
    for (;;) {
      const order = control.order();
      if (order.kind === 'end') break;
      if (order.kind === 'run') swing(control, setter, order);
      if (control.order().serial === order.serial) control.wait(order.serial, Number.POSITIVE_INFINITY);
    }
    setter.set(0, 0);
  } finally {
    setter.close();
  }
}

await main(workerData);
