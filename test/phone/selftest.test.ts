/** The self-test beside a running telephone: what is seen, rings and sounds, and what ends it. */
import test from 'ava';
import { TEST_TONE } from '#phone/features.ts';
import { Desk } from '../support/desk.ts';

/** A desk, and how each self-test at it ended; undefined: well. */
class TestedDesk extends Desk {
  readonly outcomes: (string | undefined)[];

  constructor() {
    const outcomes: (string | undefined)[] = [];
    super({
      watch: (effect) => {
        if (effect.kind === 'selftest-over') outcomes.push(effect.error);
      },
    });
    this.outcomes = outcomes;
  }

  begin(): this {
    this.give({ kind: 'selftest' });
    return this;
  }
}

test('lamps and display, then the bell, then a tone, and after four seconds all is as before', (t) => {
  const desk = new TestedDesk();
  const before = desk.phone.front();
  desk.begin();
  const { lamps, lines } = desk.phone.front();
  t.deepEqual(lamps, { status: 'on', line: 'on', mute: 'on', speaker: 'on', headset: 'on' });
  t.is(lines[0], 'Self-test');
  desk.clock.run(1999);
  t.is(desk.phone.front().bell, null);
  desk.clock.run(1);
  t.deepEqual(desk.phone.front().bell, [1000, 4000]);
  t.is(desk.lines[0], before.lines[0]);
  desk.clock.run(1000);
  t.is(desk.phone.front().bell, null);
  t.is(desk.tone, TEST_TONE);
  t.deepEqual(desk.hal('route').at(-1), { kind: 'route', to: 'speaker' });
  desk.clock.run(999);
  t.deepEqual(desk.outcomes, []);
  desk.clock.run(1);
  t.deepEqual(desk.outcomes, [undefined]);
  t.is(desk.tone, undefined);
  t.deepEqual(
    desk.engine('handset').map(({ inUse }) => inUse),
    [true, false],
  );
  t.deepEqual(desk.phone.front(), before);
  t.is(desk.phone.deadline, Number.POSITIVE_INFINITY);
});

test('it does not begin while the telephone is used, nor twice', (t) => {
  const desk = new TestedDesk();
  desk.lift();
  const before = desk.phone.front();
  desk.begin();
  t.deepEqual(desk.outcomes, ['the telephone is in use: try again later']);
  t.deepEqual(desk.phone.front(), before);
  const twice = new TestedDesk().begin().begin();
  t.deepEqual(twice.outcomes, ['a self-test is under way']);
});

for (const [who, act] of [
  ['who lifts the handset has the dial tone', (desk: Desk) => desk.lift()],
  ['a call rings with the bell of its own', (desk: Desk) => desk.incoming()],
] as const) {
  for (const ms of [500, 2500, 3500]) {
    test(`${who} after ${ms} ms of it as at any time`, (t) => {
      const [desk, plain] = [new TestedDesk().begin(), new Desk()];
      for (const each of [desk, plain]) {
        each.clock.run(ms);
        act(each);
      }
      t.deepEqual(desk.outcomes, ['ended early: the telephone was used']);
      t.deepEqual(desk.phone.front(), plain.phone.front());
      t.is(desk.tone, plain.tone);
    });
  }
}
