import test from 'ava';
import fc from 'fast-check';
import type { HalEvent, Key } from '#hal/types.ts';
import { HOLD, type ResetEffect, ResetKeys, WINDOW } from '#phone/reset_keys.ts';

const ON_HOOK: HalEvent = { kind: 'hook', state: 'on' };
const key = (name: Key, down = true): HalEvent => ({ kind: 'key', key: name, down });

/** A telephone that starts at 1 000 ms, and a clock that jumps from deadline to deadline. */
class Stand {
  readonly keys = new ResetKeys();
  now = 1000;
  readonly shown: string[] = [];
  resets = 0;

  constructor() {
    this.hands(ON_HOOK);
  }

  hands(...events: readonly HalEvent[]): this {
    for (const event of events) this.#take(this.keys.handle(event, this.now));
    return this;
  }

  /** Time passes, and every deadline in it is kept. */
  pass(ms: number): this {
    const end = this.now + ms;
    for (let turns = 0; this.keys.deadline <= end && turns < 100; turns++) {
      this.now = Math.max(this.now, this.keys.deadline);
      this.#take(this.keys.handle({ kind: 'tick' }, this.now));
    }
    this.now = end;
    return this;
  }

  #take(effects: readonly ResetEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'reset') this.resets++;
      else this.shown.push(effect.text);
    }
  }
}

test('both keys held from the start reset the telephone after ten seconds of countdown', (t) => {
  const stand = new Stand().hands(key('*'), key('#')).pass(HOLD - 1);
  t.is(stand.resets, 0);
  stand.pass(1);
  t.is(stand.resets, 1);
  t.deepEqual(
    stand.shown,
    Array.from({ length: 10 }, (_, i) => `Factory reset: ${10 - i} s`),
  );
  t.true(stand.shown.every((text) => text.length <= 20));
  stand.hands(key('*', false), key('*'), key('#')).pass(60_000);
  t.is(stand.resets, 1, 'once');
});

test('the keys may go down one after the other, until the window closes', (t) => {
  const late = new Stand()
    .hands(key('#'))
    .pass(WINDOW - 1)
    .hands(key('*'))
    .pass(HOLD);
  t.is(late.resets, 1);
  const tooLate = new Stand().hands(key('#')).pass(WINDOW).hands(key('*')).pass(HOLD);
  t.deepEqual([tooLate.resets, tooLate.shown], [0, []]);
});

for (const [what, ...events] of [
  ['lets go of *', key('*', false)],
  ['lets go of # for a moment', key('#', false), key('#')],
  ['presses another key', key('5')],
  ['presses a function key', { kind: 'function', key: 'redial', down: true } as const],
  ['flashes', { kind: 'flash' } as const],
] as const) {
  test(`who ${what} resets nothing, is told so, and has to start again`, (t) => {
    const stand = new Stand()
      .hands(key('*'), key('#'))
      .pass(9500)
      .hands(...events);
    t.is(stand.shown.at(-1), 'No factory reset');
    stand.hands(key('*'), key('#')).pass(60_000);
    t.is(stand.resets, 0);
    t.is(stand.keys.deadline, Number.POSITIVE_INFINITY);
  });
}

test('what comes by itself while the keys are held changes nothing', (t) => {
  const status = { part: 'display', state: 'failed', driver: 'ssd1306', note: '' } as const;
  const stand = new Stand()
    .hands(key('*'), key('#'))
    .hands({ kind: 'part', status }, ON_HOOK, { kind: 'headset', plugged: true })
    .pass(HOLD);
  t.is(stand.resets, 1);
});

test('one key alone, and both in use later, reset nothing', (t) => {
  t.is(new Stand().hands(key('*')).pass(60_000).resets, 0);
  t.is(new Stand().pass(60_000).hands(key('*'), key('#')).pass(60_000).resets, 0);
});

test('a telephone that stood still does not believe that the keys were held meanwhile', (t) => {
  const stand = new Stand().hands(key('*'), key('#')).pass(2000);
  stand.now += 60_000;
  stand.pass(0);
  t.is(stand.resets, 0);
  t.is(stand.shown.at(-1), 'No factory reset');
});

test('it is reset exactly when nothing was let go of or pressed before the countdown ended', (t) => {
  const ms = (max: number) => fc.integer({ min: 0, max });
  const disturbance = fc.record({
    at: ms(2 * HOLD),
    name: fc.constantFrom<Key>('*', '#', '1'),
    down: fc.boolean(),
  });
  fc.assert(
    fc.property(
      ms(2 * WINDOW),
      ms(2 * WINDOW),
      fc.array(disturbance, { maxLength: 3 }),
      (one, gap, others) => {
        const stand = new Stand().pass(one).hands(key('*')).pass(gap).hands(key('#'));
        let passed = 0;
        for (const { at, name, down } of others.toSorted((a, b) => a.at - b.at)) {
          stand.pass(at - passed).hands(key(name, down));
          passed = at;
        }
        stand.pass(HOLD);
        const isHarmless = ({ name, down }: (typeof others)[number]) => name !== '1' && down;
        const isLeftAlone = others.every((other) => other.at >= HOLD || isHarmless(other));
        t.is(stand.resets, one + gap < WINDOW && isLeftAlone ? 1 : 0);
      },
    ),
    { numRuns: 2000 },
  );
});
