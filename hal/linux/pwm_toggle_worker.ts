/** The thread that toggles a line, or two in opposite phase: it sleeps from edge to edge and rests when told, or at its limit. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Level } from './gpio/types.ts';
import { type LineSetter, openLineSetter } from './line_setter.ts';
import { Control, type Order, type ToggleStart } from './pwm_control.ts';

/** Swings until there is another order, or the limit is reached. */
function swing(control: Control, setter: LineSetter, { serial, high, low, limit }: Order): void {
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
  const setter = await openLineSetter(opposite === undefined ? [line] : [line, opposite]);
  parentPort?.postMessage('ready');
  try {
    for (;;) {
      const order = control.order();
      if (order.kind === 'end') break;
      if (order.kind === 'run') swing(control, setter, order);
      if (control.order().serial === order.serial) control.wait(order.serial, Number.POSITIVE_INFINITY);
    }
  } finally {
    try {
      setter.set(0, 0);
    } finally {
      setter.close();
    }
  }
}

await main(workerData);
