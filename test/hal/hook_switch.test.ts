import test from 'ava';
import fc from 'fast-check';
import { type HookEvent, HookSwitch } from '#hal/parts/hook_switch.ts';
import { lineTimingsOf, TIMED_COUNTRIES } from '#hal/parts/line_timings.ts';
import {
  between,
  bounced,
  type Edge,
  knock,
  levels,
  looks,
  play,
  type Random,
  valuesOf,
} from '../support/bounce.ts';
import { seededRandom } from '../support/mutate.ts';

const TRACES = 10_000;
const ON: HookEvent = { kind: 'hook', state: 'on' };
const OFF: HookEvent = { kind: 'hook', state: 'off' };
const FLASH: HookEvent = { kind: 'flash' };

/** Every country in turn; ETSI's window for one that is unknown. */
function windowOf(trace: number) {
  const countries = [...TIMED_COUNTRIES, 'XX'];
  const { min, max } = lineTimingsOf(countries[trace % countries.length] ?? 'XX').flash;
  return { flashMin: min, flashMax: max };
}

/** Lifted at 100 ms, with breaks of these lengths from 1 s on. */
function lifted(random: Random, breaks: readonly number[]): Edge[] {
  const movements: Edge[] = [
    { at: 0, closed: false },
    { at: 100, closed: true },
  ];
  let at = 1000;
  for (const length of breaks) {
    movements.push({ at, closed: false }, { at: at + length, closed: true });
    at += length + between(random, 100, 2000);
  }
  return movements;
}

/** Levels by the ms that pass before each. */
function inSequence(steps: readonly (readonly [number, boolean])[]): Edge[] {
  const edges: Edge[] = [];
  for (const [ms, closed] of steps) edges.push({ at: (edges.at(-1)?.at ?? 0) + ms, closed });
  return edges;
}

/** In half of the traces ticks come up to 400 ms too late, as on a busy machine. */
const lateness = (random: Random, trace: number) => () => (trace % 2 === 0 ? 0 : random() * 400);

test('ten thousand times the handset is lifted and replaced, in every country', (t) => {
  const random = seededRandom(10);
  for (let trace = 0; trace < TRACES; trace++) {
    const window = windowOf(trace);
    const movements: Edge[] = [{ at: 0, closed: false }];
    let at = 100;
    for (let times = 0; times < 3; times++) {
      const length = between(random, 50, 5000);
      movements.push({ at, closed: true }, { at: at + length, closed: false });
      at += length + window.flashMax + between(random, 50, 1000);
    }
    const events = play(
      new HookSwitch(window),
      levels(bounced(random, movements)),
      at + 2000,
      lateness(random, trace),
    );
    t.deepEqual(valuesOf(events), [ON, OFF, ON, OFF, ON, OFF, ON], `trace ${trace}`);
  }
});

test('ten thousand times a break within the window is a flash, from its shortest to its longest', (t) => {
  const random = seededRandom(11);
  for (let trace = 0; trace < TRACES; trace++) {
    const { flashMin, flashMax } = windowOf(trace);
    const breaks = [flashMin, flashMax, between(random, flashMin, flashMax)];
    const edges = bounced(random, lifted(random, breaks));
    const events = play(
      new HookSwitch({ flashMin, flashMax }),
      levels(edges),
      20_000,
      lateness(random, trace),
    );
    t.deepEqual(valuesOf(events), [ON, OFF, FLASH, FLASH, FLASH], `trace ${trace}`);
  }
});

test('a shorter break is a knock, a longer one hangs up', (t) => {
  const random = seededRandom(12);
  for (let trace = 0; trace < TRACES; trace++) {
    const { flashMin, flashMax } = windowOf(trace);
    const breaks = [between(random, 1, flashMin - 0.01), flashMax + between(random, 0.01, 3000)];
    const edges = bounced(random, lifted(random, breaks));
    const events = play(
      new HookSwitch({ flashMin, flashMax }),
      levels(edges),
      20_000,
      lateness(random, trace),
    );
    t.deepEqual(valuesOf(events), [ON, OFF, ON, OFF], `trace ${trace}`);
  }
});

test('a shaken cradle says nothing', (t) => {
  const random = seededRandom(13);
  for (let trace = 0; trace < TRACES; trace++) {
    const window = windowOf(trace);
    const shaken = [500, 1500, 1700].flatMap((at) => knock(random, at, at < 1000));
    const edges = [{ at: 0, closed: true }, ...bounced(random, [{ at: 1000, closed: false }]), ...shaken];
    const until = 1000 + Math.max(0, 1700 - 1000) + window.flashMax + 200;
    const events = play(new HookSwitch(window), levels(edges), until);
    t.deepEqual(valuesOf(events), [OFF, ON], `trace ${trace}`);
  }
});

test('a hang-up is told when the window has passed, a lift after the debounce', (t) => {
  const events = play(
    new HookSwitch({ flashMin: 50, flashMax: 130 }),
    levels([
      { at: 0, closed: false },
      { at: 1000, closed: true },
      { at: 2000, closed: false },
    ]),
    5000,
  );
  t.deepEqual(events, [
    { at: 20, value: ON },
    { at: 1020, value: OFF },
    { at: 2150, value: ON },
  ]);
});

test('looks at the contact change nothing about a flash that bounces at the end of the window', (t) => {
  const random = seededRandom(16);
  for (let trace = 0; trace < 500; trace++) {
    const edges = bounced(random, lifted(random, [130]));
    const seen = looks(edges, 1, 1300, false);
    const machine = new HookSwitch({ flashMin: 50, flashMax: 130 });
    t.deepEqual(valuesOf(play(machine, levels([...edges, ...seen]), 5000)), [ON, OFF, FLASH]);
  }
});

test('a contact that comes back too late does not delay the hang-up', (t) => {
  const movements = [
    { at: 0, closed: true },
    { at: 1000, closed: false },
    { at: 1140, closed: true },
  ];
  t.deepEqual(play(new HookSwitch({ flashMin: 50, flashMax: 130 }), levels(movements), 5000), [
    { at: 20, value: OFF },
    { at: 1150, value: ON },
    { at: 1160, value: OFF },
  ]);
});

test('a contact that opens when the handset is lifted means the same', (t) => {
  const random = seededRandom(14);
  const movements = lifted(random, [200, 5000]);
  const window = { flashMin: 100, flashMax: 900 };
  const closes = play(new HookSwitch(window), levels(bounced(random, movements)), 20_000);
  const opens = play(
    new HookSwitch({ ...window, offHook: 'open' }),
    levels(bounced(random, movements).map(({ at, closed }) => ({ at, closed: !closed }))),
    20_000,
  );
  t.deepEqual(valuesOf(closes), [ON, OFF, FLASH, ON, OFF]);
  t.deepEqual(valuesOf(opens), valuesOf(closes));
});

test('lost edges heal at the next look, and hook states keep alternating', (t) => {
  const random = seededRandom(15);
  for (let trace = 0; trace < 2000; trace++) {
    const window = windowOf(trace);
    const breaks = Array.from({ length: 4 }, () => between(random, 20, 3000));
    const edges = bounced(random, lifted(random, trace % 2 === 0 ? breaks : [...breaks, 1e6]));
    const until = 30_000;
    const kept = edges.filter(() => random() < 0.6);
    const hook = new HookSwitch(window);
    const inputs = levels([...kept, ...looks(edges, 1000, until, false)].filter(({ at }) => at <= until));
    const events = valuesOf(play(hook, inputs, until + 3000));
    t.is(hook.state, trace % 2 === 0 ? 'off' : 'on', `trace ${trace}`);
    const states = events.flatMap((event) => (event.kind === 'hook' ? [event.state] : []));
    for (let index = 1; index < states.length; index++) t.not(states[index], states[index - 1]);
  }
});

test('whatever happens at whatever time, hook states alternate and no deadline is stuck', (t) => {
  const step = fc.tuple(fc.double({ min: 0, max: 3000, noNaN: true }), fc.boolean());
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const edges = inSequence(steps);
      const events = valuesOf(play(new HookSwitch({ flashMin: 50, flashMax: 310 }), levels(edges), 200_000));
      const states = events.flatMap((event) => (event.kind === 'hook' ? [event.state] : []));
      return states.every((state, index) => index === 0 || state !== states[index - 1]);
    }),
    { numRuns: 3000 },
  );
  t.pass();
});
