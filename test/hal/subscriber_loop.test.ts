import test from 'ava';
import fc from 'fast-check';
import { lineTimingsOf, TIMED_COUNTRIES } from '#hal/parts/line_timings.ts';
import { type Digit, digitOf } from '#hal/parts/pulse_coding.ts';
import {
  SubscriberLoop,
  type SubscriberLoopEvent,
  type SubscriberLoopInput,
} from '#hal/parts/subscriber_loop.ts';
import {
  among,
  between,
  bounced,
  type Edge,
  knock,
  levels,
  looks,
  play,
  pulses,
  type Random,
  type Timed,
  valuesOf,
} from '../support/bounce.ts';
import { seededRandom } from '../support/mutate.ts';

const TRACES = 10_000;
const ON: SubscriberLoopEvent = { kind: 'hook', state: 'on' };
const OFF: SubscriberLoopEvent = { kind: 'hook', state: 'off' };
const FLASH: SubscriberLoopEvent = { kind: 'flash' };
const digitEvent = (digit: Digit): SubscriberLoopEvent => ({ kind: 'digit', digit });

const COUNTRIES = [...TIMED_COUNTRIES, 'XX'];

/** Every country in turn, with its own coding; the default for one that is unknown. */
function optionsOf(trace: number) {
  const { flash, coding } = lineTimingsOf(COUNTRIES[trace % COUNTRIES.length] ?? 'XX');
  return { flashMin: flash.min, flashMax: flash.max, coding };
}

const SEIZED: readonly Edge[] = [
  { at: 0, closed: false },
  { at: 100, closed: true },
];

const dialling = (at: number, value: boolean): Timed<SubscriberLoopInput> => ({
  at,
  value: { kind: 'dialling', dialling: value },
});

/** Breaks of these lengths, from 1 s on. */
function broken(random: Random, breaks: readonly number[]): Edge[] {
  const movements = [...SEIZED];
  let at = 1000;
  for (const length of breaks) {
    movements.push({ at, closed: false }, { at: at + length, closed: true });
    at += length + between(random, 300, 2000);
  }
  return movements;
}

/** In half of the traces ticks come too late, as on a busy machine. */
const lateness = (random: Random, trace: number) => () => (trace % 2 === 0 ? 0 : random() * 200);

test('ten thousand numbers of pulses from 7 to 22 a second, in every country', (t) => {
  const random = seededRandom(40);
  for (let trace = 0; trace < TRACES; trace++) {
    const options = optionsOf(trace);
    const rate = between(random, 7, 22);
    const open = between(random, 0.55, 0.67);
    // The first digit has several pulses, so that a slow dial is known when a single break comes.
    const counts = [among(random, 3, 10), ...Array.from({ length: 3 }, () => among(random, 1, 10))];
    const movements = [...SEIZED];
    let at = 1000;
    for (const count of counts) {
      movements.push(...pulses({ at, pulses: count, rate, open }));
      at += (count * 1000) / rate + between(random, 300, 2000);
    }
    const given = [dialling(150, true), ...levels(bounced(random, movements))];
    const events = play(new SubscriberLoop(options), given, at + 2000, lateness(random, trace));
    const digits = counts.map((count) => digitEvent(digitOf(count, options.coding) ?? '0'));
    t.deepEqual(valuesOf(events), [ON, OFF, ...digits], `trace ${trace}`);
  }
});

test('ten thousand times a break within the window is a flash in a stable call, in every country', (t) => {
  const random = seededRandom(41);
  for (let trace = 0; trace < TRACES; trace++) {
    const options = optionsOf(trace);
    const { flashMin, flashMax } = options;
    const edges = bounced(random, broken(random, [flashMin, flashMax, between(random, flashMin, flashMax)]));
    const given = levels(edges);
    const events = play(new SubscriberLoop(options), given, 20_000, lateness(random, trace));
    t.deepEqual(valuesOf(events), [ON, OFF, FLASH, FLASH, FLASH], `trace ${trace}`);
  }
});

test('a longer break hangs up, dialling or not', (t) => {
  const random = seededRandom(42);
  for (let trace = 0; trace < TRACES; trace++) {
    const options = optionsOf(trace);
    const edges = bounced(random, broken(random, [options.flashMax + between(random, 0.01, 3000)]));
    const given = [...levels(edges), dialling(200, trace % 3 === 0)];
    const events = play(new SubscriberLoop(options), given, 20_000, lateness(random, trace));
    t.deepEqual(valuesOf(events), [ON, OFF, ON, OFF], `trace ${trace}`);
  }
});

test('ten thousand times seized and released', (t) => {
  const random = seededRandom(43);
  for (let trace = 0; trace < TRACES; trace++) {
    const options = optionsOf(trace);
    const movements: Edge[] = [{ at: 0, closed: false }];
    let at = 100;
    for (let times = 0; times < 3; times++) {
      const length = between(random, 50, 5000);
      movements.push({ at, closed: true }, { at: at + length, closed: false });
      at += length + options.flashMax + between(random, 50, 1000);
    }
    const given = levels(bounced(random, movements));
    const events = play(new SubscriberLoop(options), given, at + 2000, lateness(random, trace));
    t.deepEqual(valuesOf(events), [ON, OFF, ON, OFF, ON, OFF, ON], `trace ${trace}`);
  }
});

test('knocks of up to 15 ms are neither digits nor flashes, on the hook, off it and dialling', (t) => {
  const random = seededRandom(44);
  for (let trace = 0; trace < TRACES; trace++) {
    const at = (ms: number) => ms + random() * 50;
    const edges = [
      { at: 0, closed: false },
      ...knock(random, at(100), false),
      ...bounced(random, [{ at: 1000, closed: true }]),
      ...[1100, 1500, 2000].flatMap((ms) => knock(random, at(ms), true)),
    ];
    const given = [...levels(edges), dialling(1800, true)];
    t.deepEqual(valuesOf(play(new SubscriberLoop(optionsOf(trace)), given, 9000)), [ON, OFF]);
  }
});

/** One line of the rule's table: breaks (ms) in a country whose window is 50 to 130 or 300 to 1000. */
const RULE: readonly {
  readonly country: 'GB' | 'US';
  readonly breaks: readonly number[];
  readonly dialling: readonly SubscriberLoopEvent[];
  readonly talking: readonly SubscriberLoopEvent[];
}[] = [
  { country: 'GB', breaks: [61], dialling: [digitEvent('1')], talking: [FLASH] },
  { country: 'GB', breaks: [80], dialling: [digitEvent('1')], talking: [FLASH] },
  { country: 'GB', breaks: [81], dialling: [FLASH], talking: [FLASH] },
  { country: 'GB', breaks: [45], dialling: [digitEvent('1')], talking: [digitEvent('1')] },
  { country: 'GB', breaks: [61, 61], dialling: [digitEvent('2')], talking: [digitEvent('2')] },
  { country: 'GB', breaks: [100, 100, 100], dialling: [digitEvent('3')], talking: [digitEvent('3')] },
  { country: 'GB', breaks: [131], dialling: [ON, OFF], talking: [ON, OFF] },
  { country: 'US', breaks: [61], dialling: [digitEvent('1')], talking: [digitEvent('1')] },
  { country: 'US', breaks: [200], dialling: [digitEvent('1')], talking: [digitEvent('1')] },
  { country: 'US', breaks: [201], dialling: [], talking: [] },
  { country: 'US', breaks: [600], dialling: [FLASH], talking: [FLASH] },
  {
    country: 'US',
    breaks: [61, 61, 600],
    dialling: [digitEvent('2'), FLASH],
    talking: [digitEvent('2'), FLASH],
  },
  { country: 'US', breaks: [61, 61, 1001], dialling: [ON, OFF], talking: [ON, OFF] },
];

for (const { country, breaks, ...expected } of RULE)
  for (const state of ['dialling', 'talking'] as const)
    test(`in ${country}, ${state}, breaks of ${breaks.join(', ')} ms mean what the rule says`, (t) => {
      const { flash, coding } = lineTimingsOf(country);
      const movements = [...SEIZED];
      let at = 1000;
      for (const length of breaks) {
        movements.push({ at, closed: false }, { at: at + length, closed: true });
        at += length + 39;
      }
      const machine = new SubscriberLoop({ flashMin: flash.min, flashMax: flash.max, coding });
      const events = play(machine, [...levels(movements), dialling(500, state === 'dialling')], 9000);
      t.deepEqual(valuesOf(events), [ON, OFF, ...expected[state]]);
    });

test('a slow dial is known after its first long digit: then its single pulse is no flash', (t) => {
  const [rate, open] = [7, 0.67];
  const movements = [
    ...SEIZED,
    ...pulses({ at: 1000, pulses: 1, rate, open }),
    ...pulses({ at: 2000, pulses: 5, rate, open }),
    ...pulses({ at: 4000, pulses: 1, rate, open }),
  ];
  const machine = new SubscriberLoop({ flashMin: 50, flashMax: 130, coding: 'standard' });
  const events = play(machine, [...levels(movements), dialling(500, true)], 9000);
  t.deepEqual(valuesOf(events), [ON, OFF, FLASH, digitEvent('5'), digitEvent('1')]);
});

test('a hand that rattles the hook teaches nothing', (t) => {
  const movements = [...SEIZED];
  for (const [index, length] of [60, 120, 90, 125].entries())
    movements.push(
      { at: 1000 + index * 200, closed: false },
      { at: 1000 + index * 200 + length, closed: true },
    );
  movements.push({ at: 4000, closed: false }, { at: 4100, closed: true });
  const machine = new SubscriberLoop({ flashMin: 50, flashMax: 130, coding: 'standard' });
  const events = play(machine, [...levels(movements), dialling(500, true)], 9000);
  t.deepEqual(valuesOf(events), [ON, OFF, digitEvent('4'), FLASH]);
});

test('a telephone without pulse dial has flashes at once and no digits', (t) => {
  const random = seededRandom(45);
  const machine = new SubscriberLoop({ flashMin: 50, flashMax: 130 });
  const movements = [
    ...SEIZED,
    { at: 1000, closed: false },
    { at: 1100, closed: true },
    { at: 2000, closed: false },
    { at: 2040, closed: true },
  ];
  const given = [...levels(bounced(random, movements)), dialling(500, true)];
  const events = play(machine, given, 9000);
  t.deepEqual(valuesOf(events), [ON, OFF, FLASH]);
  t.true((events.at(-1)?.at ?? 0) <= 1116 + 1e-6);
});

test('a cradle that rattles for 100 ms after lifting dials nothing', (t) => {
  const movements = [
    { at: 0, closed: false },
    { at: 1000, closed: true },
    { at: 1030, closed: false },
    { at: 1060, closed: true },
    { at: 1095, closed: false },
    { at: 1140, closed: true },
  ];
  const machine = new SubscriberLoop({ flashMin: 50, flashMax: 130, coding: 'standard' });
  const events = play(machine, [...levels(movements), dialling(1030, true)], 9000);
  t.deepEqual(events, [
    { at: 20, value: ON },
    { at: 1020, value: OFF },
  ]);
});

test('after a break just too long for a flash the cradle may rattle too', (t) => {
  const movements = [
    ...SEIZED,
    { at: 1000, closed: false },
    { at: 1140, closed: true },
    { at: 1200, closed: false },
    { at: 1230, closed: true },
  ];
  const machine = new SubscriberLoop({ flashMin: 50, flashMax: 130, coding: 'standard' });
  t.deepEqual(valuesOf(play(machine, levels(movements), 9000)), [ON, OFF, ON, OFF]);
  const busy = new SubscriberLoop({ flashMin: 50, flashMax: 130, coding: 'standard' });
  t.deepEqual(valuesOf(play(busy, levels(movements), 9000, () => 1e6)), [ON, OFF, ON, OFF]);
});

test('more pulses than a dial has are told as such', (t) => {
  const movements = [...SEIZED, ...pulses({ at: 1000, pulses: 11, rate: 10, open: 0.6 })];
  const machine = new SubscriberLoop({ flashMin: 300, flashMax: 900, coding: 'standard' });
  t.deepEqual(valuesOf(play(machine, levels(movements), 9000)), [
    ON,
    OFF,
    { kind: 'misdialled', pulses: 11 },
  ]);
});

test('lost edges heal at the next look, and hook states keep alternating', (t) => {
  const random = seededRandom(46);
  for (let trace = 0; trace < 2000; trace++) {
    const breaks = Array.from({ length: 4 }, () => between(random, 20, 3000));
    const edges = bounced(random, broken(random, trace % 2 === 0 ? breaks : [...breaks, 1e6]));
    const until = 30_000;
    const kept = edges.filter(() => random() < 0.6);
    const loop = new SubscriberLoop(optionsOf(trace));
    const given = levels([...kept, ...looks(edges, 1000, until, false)].filter(({ at }) => at <= until));
    const events = valuesOf(play(loop, given, until + 3000));
    t.is(loop.state, trace % 2 === 0 ? 'off' : 'on', `trace ${trace}`);
    const states = events.flatMap((event) => (event.kind === 'hook' ? [event.state] : []));
    for (let index = 1; index < states.length; index++) t.not(states[index], states[index - 1]);
  }
});

test('whatever happens at whatever time, the loop survives, alternates and comes to rest', (t) => {
  const step = fc.tuple(
    fc.double({ min: 0, max: 400, noNaN: true }),
    fc.constantFrom<SubscriberLoopInput>(
      { kind: 'level', closed: true },
      { kind: 'level', closed: false },
      { kind: 'dialling', dialling: true },
      { kind: 'dialling', dialling: false },
      { kind: 'tick' },
    ),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const machine = new SubscriberLoop({ flashMin: 50, flashMax: 310, coding: 'standard' });
      const events: SubscriberLoopEvent[] = [];
      let now = 0;
      for (const [ms, input] of steps) {
        now += ms;
        events.push(...machine.handle(input, now));
      }
      events.push(...valuesOf(play(machine, [], now + 100_000)));
      const states = events.flatMap((event) => (event.kind === 'hook' ? [event.state] : []));
      return (
        machine.deadline === Number.POSITIVE_INFINITY &&
        states.every((state, index) => index === 0 || state !== states[index - 1])
      );
    }),
    { numRuns: 3000 },
  );
  t.pass();
});
