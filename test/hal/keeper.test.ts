/** The keeper's thread, on files that stand for sysfs, while the thread of this test stands still or goes on. */
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { HalError } from '#hal/linux/error.ts';
import { Keeper } from '#hal/linux/keeper.ts';
import type { Guard } from '#hal/linux/part.ts';
import { OutputFiles } from '../support/models/output_files.ts';
import { standStill } from '../support/stand_still.ts';

const LINE = 17;

async function stand(t: ExecutionContext) {
  const files = new OutputFiles();
  const keeper = new Keeper();
  const failures: HalError[] = [];
  const lines = await files.request([{ offset: LINE, direction: 'out' }]);
  const guardOf = (): Promise<Guard> =>
    keeper.guard([{ by: 'line', line: lines.handle(LINE) }], (error) => failures.push(error));
  const guard = await guardOf();
  const on = (limit: number): void => {
    guard.on(limit);
    lines.write(new Map([[LINE, 1]]));
  };
  t.teardown(async () => {
    await guard.close();
    await keeper.close();
    files.remove();
  });
  return { files, keeper, lines, guard, guardOf, failures, on };
}

test.serial('a line goes to rest at its limit, although nobody comes back for it', async (t) => {
  const { files, on, failures } = await stand(t);
  const began = Date.now();
  on(300);
  await sleep(100);
  t.is(files.level(LINE), 1);
  await sleep(600);
  t.is(files.level(LINE), 0);
  const after = files.writtenAt(LINE) - began;
  t.true(after >= 250 && after < 600, `${after} ms`);
  t.deepEqual(failures, [], 'that is no failure');
});

test.serial(
  'a line goes to rest within a second while the main thread stands still, and that is told',
  async (t) => {
    const { files, on, failures } = await stand(t);
    on(60_000);
    await sleep(500);
    t.is(files.level(LINE), 1);
    const began = standStill(1300);
    t.is(files.level(LINE), 0);
    const after = files.writtenAt(LINE) - began;
    t.log(`at rest after ${Math.round(after)} ms`);
    t.true(after >= 300 && after < 1000, `${after} ms`);
    t.deepEqual(failures, []);
    await sleep(50);
    t.deepEqual(
      failures.map(({ code }) => code),
      ['BUSY'],
    );
  },
);

test.serial('while the main thread goes on, what is on stays on; what is off is not touched', async (t) => {
  const { files, lines, guard, on, failures } = await stand(t);
  on(Number.POSITIVE_INFINITY);
  for (let turn = 0; turn < 15; turn++) {
    // Busy, but not dead.
    standStill(100);
    await sleep(20);
  }
  t.is(files.level(LINE), 1);
  guard.off();
  lines.write(new Map([[LINE, 1]]));
  standStill(1300);
  t.is(files.level(LINE), 1);
  t.deepEqual(failures, []);
});

test.serial('a guard that is closed leaves its line alone, and tells nothing any more', async (t) => {
  const { files, guard, failures, on } = await stand(t);
  on(200);
  await guard.close();
  t.throws(() => guard.on(100), { name: 'HalError' });
  await guard.close();
  await sleep(400);
  t.is(files.level(LINE), 1);
  t.deepEqual(failures, []);
});

test.serial('an output that cannot be reached from there is refused', async (t) => {
  const { keeper } = await stand(t);
  const line = { by: 'sysfs', path: '/nowhere/value' } as const;
  await t.throwsAsync(
    keeper.guard([{ by: 'line', line }], () => {}),
    { name: 'HalError', message: /ENOENT/ },
  );
});

test.serial('when all is closed a new guard starts a new keeper', async (t) => {
  const { keeper, guard, guardOf } = await stand(t);
  await guard.close();
  await keeper.close();
  const again = await guardOf();
  t.notThrows(() => again.on(100));
  await again.close();
});
