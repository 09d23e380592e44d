/** The keeper's thread: waits for limits and for signs of life, and puts outputs to rest. */
import { parentPort, workerData } from 'node:worker_threads';
import { DeadManSwitch } from '../parts/dead_man_switch.ts';
import type { FromKeeper, KeeperStart, Kept, ToKeeper } from './keeper_messages.ts';
import { type LineSetter, openLineSetter } from './line_setter.ts';
import { Control } from './pwm_control.ts';
import { restChannel } from './pwm_sysfs.ts';

/** One output, as it can be put to rest from here. */
interface Restful {
  rest(): void;
  close(): void;
}

const outputs = new Map<number, readonly Restful[]>();
const deadMan = new DeadManSwitch();
const { beats } = workerData as KeeperStart;
const beatCount = new Int32Array(beats);
let timer: NodeJS.Timeout | undefined;

async function restfulOf(kept: Kept): Promise<Restful> {
  if (kept.by === 'line') {
    const setter: LineSetter = await openLineSetter([kept.line]);
    return { rest: () => setter.set(0), close: () => setter.close() };
  }
  const close = () => {};
  if (kept.by === 'sysfs PWM') return { rest: () => restChannel(kept.folder), close };
  const control = new Control(kept.control);
  return { rest: () => control.rest(), close };
}

function tell(message: FromKeeper): void {
  parentPort?.postMessage(message);
}

async function keep(id: number, kept: readonly Kept[]): Promise<void> {
  try {
    outputs.set(id, await Promise.all(kept.map(restfulOf)));
    tell({ kind: 'kept', id });
  } catch (error) {
    tell({ kind: 'kept', id, error: error instanceof Error ? error.message : String(error) });
  }
}

/** Each for itself: a chip that has left needs no rest. */
function rest(id: number): void {
  for (const output of outputs.get(id) ?? []) {
    try {
      output.rest();
    } catch {}
  }
}

function forget(id: number): void {
  for (const output of outputs.get(id) ?? []) output.close();
  outputs.delete(id);
  tell({ kind: 'forgotten', id });
}

function look(): void {
  const due = deadMan.handle({ kind: 'tick', beats: Atomics.load(beatCount, 0) }, performance.now());
  for (const { output, why } of due) {
    rest(output);
    if (why === 'silence') tell({ kind: 'silence', id: output });
  }
  arm();
}

function arm(): void {
  clearTimeout(timer);
  const { deadline } = deadMan;
  if (deadline === Number.POSITIVE_INFINITY) return;
  timer = setTimeout(look, Math.max(0, Math.ceil(deadline - performance.now())));
}

parentPort?.on('message', (order: ToKeeper) => {
  const now = performance.now();
  switch (order.kind) {
    case 'keep':
      void keep(order.id, order.outputs);
      break;
    case 'on':
      deadMan.handle({ kind: 'on', output: order.id, limit: order.limit }, now);
      arm();
      break;
    case 'off':
      deadMan.handle({ kind: 'off', output: order.id }, now);
      arm();
      break;
    case 'forget':
      deadMan.handle({ kind: 'off', output: order.id }, now);
      arm();
      forget(order.id);
      break;
    case 'end':
      clearTimeout(timer);
      parentPort?.close();
  }
});
