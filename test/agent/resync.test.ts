/** A resync waits for its moment. */
import test from 'ava';
import { Resync, type ResyncEffect, type ResyncInput } from '#agent/resync.ts';
import { Clock } from '../support/clock.ts';

function stand() {
  const clock = new Clock(0);
  const done: [seconds: number, reboot: boolean][] = [];
  const machine = new Resync();
  const give = clock.drive<ResyncInput, ResyncEffect>(machine, ({ reboot }) =>
    done.push([clock.now / 1000, reboot]),
  );
  return { clock, machine, give, done };
}

test('nobody uses the telephone: at once', (t) => {
  const { give, done, machine } = stand();
  give({ kind: 'asked', action: 'check' });
  t.deepEqual(done, [[0, false]]);
  t.is(machine.deadline, Number.POSITIVE_INFINITY);
});

test('in a call it waits for the end, and a reboot asked for meanwhile is not forgotten', (t) => {
  const { clock, give, done } = stand();
  give({ kind: 'busy', busy: true });
  give({ kind: 'asked', action: 'reboot' });
  clock.run(600_000);
  give({ kind: 'asked', action: 'check' });
  t.deepEqual(done, []);
  give({ kind: 'busy', busy: false });
  clock.settle();
  t.deepEqual(done, [[600, true]]);
});

test('after four hours of one call it is done all the same', (t) => {
  const { clock, give, done } = stand();
  give({ kind: 'busy', busy: true });
  give({ kind: 'asked', action: 'check' });
  clock.settle();
  t.deepEqual(done, [[14_400, false]]);
});

test('a server that asks all the time is heard every half minute', (t) => {
  const { clock, give, done } = stand();
  for (let second = 0; second < 90; second += 1) {
    give({ kind: 'asked', action: 'check' });
    clock.run(1_000);
  }
  t.deepEqual(
    done.map(([at]) => at),
    [0, 30, 60, 90],
  );
});
