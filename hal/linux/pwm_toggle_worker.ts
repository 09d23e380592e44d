/** The thread that toggles one line: it sleeps from edge to edge and puts the line to rest when told, or at its limit. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { codeOfErrno, HalError } from './error.ts';
import { IOCTL } from './gpio/line_request.ts';
import type { Level, LineHandle } from './gpio/types.ts';
import { loadLibc } from './libc.ts';
import { Control, type Order, type ToggleStart } from './pwm_control.ts';

interface Setter {
  set(level: Level): void;
  close(): void;
}

async function setterOf(line: LineHandle): Promise<Setter> {
  if (line.by === 'sysfs') {
    const fd = openSync(line.path, 'w');
    return { set: (level) => writeSync(fd, String(level), 0), close: () => closeSync(fd) };
  }
  const libc = await loadLibc();
  if (libc === undefined) throw new HalError('ABSENT', 'koffi cannot be loaded in a thread');
  const bit = 1n << BigInt(line.bit);
  const values = BigUint64Array.of(0n, bit);
  const octets = new Uint8Array(values.buffer);
  return {
    set: (level) => {
      values[0] = level === 1 ? bit : 0n;
      if (libc.ioctl(line.fd, IOCTL.setValues, octets) >= 0) return;
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
    if (length > 0) setter.set(level);
    level = level === 1 ? 0 : 1;
    // After a long gap it goes on from now, instead of making up for edges in a burst.
    due = now - due > high + low ? now + length : due + length;
  }
  setter.set(0);
}

async function main({ line, control: shared }: ToggleStart): Promise<void> {
  const control = new Control(shared);
  const setter = await setterOf(line);
  parentPort?.postMessage('ready');
  try {
    for (;;) {
      const order = control.order();
      if (order.kind === 'end') break;
      if (order.kind === 'run') swing(control, setter, order);
      if (control.order().serial === order.serial) control.wait(order.serial, Number.POSITIVE_INFINITY);
    }
    setter.set(0);
  } finally {
    setter.close();
  }
}

await main(workerData);
