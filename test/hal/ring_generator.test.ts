import test from 'ava';
import fc from 'fast-check';
import type { ContactInput } from '#hal/parts/contact.ts';
import {
  RingGenerator,
  type RingGeneratorEvent,
  type RingGeneratorInput,
} from '#hal/parts/ring_generator.ts';
import { AT_REST } from '#hal/parts/ring_plan.ts';
import { RingTrip } from '#hal/parts/ring_trip.ts';
import { between, type Edge, levels, play, type Random, type Timed } from '../support/bounce.ts';
import { seededRandom } from '../support/mutate.ts';

const HERTZ = [1000 / 60, 20, 25, 50];
const AMERICAN = [2000, 4000];
const BRITISH = [400, 200, 400, 2000];

/** How SHK looks while the telephone rings: its own alternating current, and what a lifted handset makes of it. */
interface Load {
  readonly name: string;
  /** SHK while F/R is turned over, or not, with the handset on the hook. */
  readonly onHook: 'low' | 'follows';
  /** ms for which SHK is low after each toggle with the handset lifted. */
  readonly crossing: number;
}

const LOADS: readonly Load[] = [
  { name: 'a light bell', onHook: 'low', crossing: 0 },
  { name: 'a bell whose current SHK follows', onHook: 'follows', crossing: 0 },
  { name: 'a module that sees the crossings', onHook: 'follows', crossing: 3 },
];

interface Story {
  readonly random: Random;
  readonly hertz: number;
  readonly cadence: readonly number[];
  readonly load: Load;
  /** ms after the ring began; Infinity: nobody answers. */
  readonly liftedAt: number;
  readonly until: number;
  /** ms by which toggles come late. */
  readonly jitter?: number;
}

/** A telephone on the module: what the pins do comes back on SHK. The ring begins at 0. */
function ring({ random, hertz, cadence, load, liftedAt, until, jitter = 0 }: Story) {
  const machine = new RingGenerator({ toggling: 'software' });
  const events: Timed<RingGeneratorEvent>[] = [];
  const shk: { readonly at: number; readonly closed: boolean }[] = [];
  const schedule = (at: number, closed: boolean) => {
    shk.push({ at, closed });
    shk.sort((a, b) => a.at - b.at);
  };
  const react = (now: number) => {
    const { ringMode, forwardReverse } = machine.pins;
    if (now < liftedAt) schedule(now, load.onHook === 'follows' && ringMode && forwardReverse === true);
    else if (ringMode && load.crossing > 0) {
      schedule(now, false);
      schedule(now + load.crossing, true);
    } else schedule(now, true);
  };
  const give = (input: RingGeneratorInput, now: number) => {
    for (const value of machine.handle(input, now)) {
      events.push({ at: now, value });
      if (value.kind === 'pins') react(now);
    }
  };
  // The hook switch bounces too.
  if (liftedAt < until) {
    const edges = [0, random() * 5, 5 + random() * 5, 10 + random() * 5, 15];
    for (const [index, ms] of edges.entries()) schedule(liftedAt + ms, index % 2 === 0);
  }
  give({ kind: 'ring', cadence, hertz }, 0);
  for (let count = 0; count < 100_000; count++) {
    const due = machine.deadline + random() * jitter;
    const next = shk[0];
    if (Math.min(due, next?.at ?? Number.POSITIVE_INFINITY) > until) break;
    if (next && next.at <= due) {
      shk.shift();
      give({ kind: 'level', closed: next.closed }, next.at);
    } else give({ kind: 'tick' }, due);
  }
  return { machine, events };
}

/** ms at which ring trip says yes first. */
function tripOf(hertz: number, edges: readonly Edge[]): number | undefined {
  const trip = new RingTrip(hertz);
  const machine = {
    handle: (input: ContactInput, now: number) => (trip.handle(input, now) ? [now] : []),
    get deadline() {
      return trip.deadline;
    },
  };
  const until = (edges.at(-1)?.at ?? 0) + 45;
  return play(machine, levels(edges), until)[0]?.at;
}

test('ring trip takes SHK that follows F/R for a bell, whatever the phase, and a steady level for a hand', (t) => {
  const random = seededRandom(73);
  for (const hertz of HERTZ)
    for (let times = 0; times < 200; times++) {
      const half = 500 / hertz;
      const begins = random() * 1000;
      const follows = Array.from({ length: 60 }, (_, index) => ({
        at: begins + index * half,
        closed: index % 2 === 0,
      }));
      t.is(tripOf(hertz, follows), undefined, `${hertz} Hz`);
      const took = (tripOf(hertz, [{ at: begins, closed: true }]) ?? 0) - begins;
      t.true(took >= 26 && took <= 41, `${hertz} Hz: ${took} ms`);
    }
});

test('interference of 25 ms is no hand, at any frequency', (t) => {
  for (const hertz of HERTZ) {
    const pulse = [
      { at: 100, closed: true },
      { at: 125, closed: false },
    ];
    t.is(tripOf(hertz, pulse), undefined);
  }
});

test('nobody answers: the telephone rings on, whatever SHK does meanwhile', (t) => {
  const random = seededRandom(70);
  for (const hertz of HERTZ)
    for (const load of LOADS)
      for (const jitter of [0, 2]) {
        const story = { random, hertz, load, cadence: BRITISH, until: 30_000, jitter };
        const { events, machine } = ring({ ...story, liftedAt: Number.POSITIVE_INFINITY });
        t.deepEqual(
          events.filter(({ value }) => value.kind === 'trip'),
          [],
        );
        t.true(machine.ringing);
        const bursts = events.filter(({ value }) => value.kind === 'pause').length;
        t.is(bursts, 20, `${hertz} Hz, ${load.name}, jitter ${jitter}`);
      }
});

test('a lifted handset stops the ring and is told within 100 ms, in a burst and in a pause', (t) => {
  const random = seededRandom(71);
  for (const hertz of HERTZ)
    for (const load of LOADS)
      for (let times = 0; times < 300; times++) {
        const liftedAt = between(random, 0, 12_000);
        const jitter = times % 2 === 0 ? 0 : 2;
        const { events, machine } = ring({
          random,
          hertz,
          load,
          cadence: AMERICAN,
          liftedAt,
          until: liftedAt + 5000,
          jitter,
        });
        const story = `${hertz} Hz, ${load.name}, lifted at ${liftedAt}`;
        const trips = events.filter(({ value }) => value.kind === 'trip');
        t.is(trips.length, 1, story);
        const took = (trips[0]?.at ?? Number.POSITIVE_INFINITY) - liftedAt;
        t.true(took >= 0 && took <= 100, `${story}: ${took} ms`);
        const pins = events.filter(({ value }) => value.kind === 'pins').at(-1);
        t.true(pins === undefined || pins.at <= liftedAt + 100, `${story}: pins until ${pins?.at}`);
        t.deepEqual(machine.pins, AT_REST);
        t.false(machine.ringing);
        t.is(machine.deadline, Number.POSITIVE_INFINITY);
      }
});

test('a load that looks like a lifted handset is rung again, and soon no longer believed in a burst', (t) => {
  const machine = new RingGenerator({ toggling: 'pwm' });
  const events: Timed<RingGeneratorEvent>[] = [];
  let shk = false;
  const give = (input: RingGeneratorInput, now: number) => {
    for (const value of machine.handle(input, now)) events.push({ at: now, value });
    const closed = machine.pins.forwardReverse === 'alternating';
    if (closed !== shk) {
      shk = closed;
      give({ kind: 'level', closed }, now);
    }
  };
  give({ kind: 'ring', cadence: AMERICAN, hertz: 20 }, 0);
  while (machine.deadline < 13_000) give({ kind: 'tick' }, machine.deadline);
  t.deepEqual(
    events.filter(({ value }) => value.kind === 'trip'),
    [],
  );
  const begun = events.flatMap(({ at, value }) =>
    value.kind === 'pins' && value.pins.forwardReverse === 'alternating' ? [Math.round(at / 10) * 10] : [],
  );
  // Three false alarms of about 50 and 100 ms each, then the whole second burst, and the third.
  t.is(begun.length, 6);
  t.true((begun[3] ?? 0) < 600);
  t.deepEqual(begun.slice(-2), [6000, 12_000]);
  // In the pause it is believed.
  machine.handle({ kind: 'level', closed: false }, 15_000);
  machine.handle({ kind: 'level', closed: true }, 15_500);
  const lifted = play<RingGeneratorInput, RingGeneratorEvent>(machine, [], 15_700);
  t.true(lifted.some(({ at, value }) => value.kind === 'trip' && at <= 15_600));
});

test('who is off the hook already is told at once and not rung', (t) => {
  const machine = new RingGenerator({ toggling: 'software' });
  machine.handle({ kind: 'level', closed: true }, 0);
  const events = play<RingGeneratorInput, RingGeneratorEvent>(
    machine,
    [{ at: 1000, value: { kind: 'ring', cadence: AMERICAN, hertz: 25 } }],
    9000,
  );
  t.deepEqual(events, [{ at: 1020, value: { kind: 'trip' } }]);
});

test('a stop puts F/R to rest at once and RM 10 ms later, at any moment of the ring', (t) => {
  const random = seededRandom(72);
  for (let times = 0; times < 2000; times++) {
    const stopAt = between(random, 0, 7000);
    const machine = new RingGenerator({ toggling: times % 2 === 0 ? 'software' : 'pwm' });
    const events = play<RingGeneratorInput, RingGeneratorEvent>(
      machine,
      [
        { at: 0, value: { kind: 'ring', cadence: BRITISH, hertz: HERTZ[times % 4] ?? 25 } },
        { at: stopAt, value: { kind: 'stop' } },
      ],
      20_000,
    );
    t.deepEqual(machine.pins, AT_REST);
    t.is(machine.deadline, Number.POSITIVE_INFINITY);
    for (const { at, value } of events)
      if (value.kind === 'pins' && at >= stopAt) {
        t.false(value.pins.forwardReverse);
        if (value.pins.ringMode) t.is(at, stopAt);
        else t.true(at <= stopAt + 10 + 1e-6);
      }
  }
});

test('a pause is told with the time that caller ID has', (t) => {
  const machine = new RingGenerator({ toggling: 'pwm' });
  const events = play<RingGeneratorInput, RingGeneratorEvent>(
    machine,
    [{ at: 500, value: { kind: 'ring', cadence: AMERICAN, hertz: 20 } }],
    9000,
  );
  t.deepEqual(
    events.filter(({ value }) => value.kind === 'pause'),
    [
      { at: 2500, value: { kind: 'pause', burst: 1, ms: 4000 } },
      { at: 8500, value: { kind: 'pause', burst: 2, ms: 4000 } },
    ],
  );
});

test('a clock that leaps finds the ring where it would be, and makes up for nothing', (t) => {
  const machine = new RingGenerator({ toggling: 'software' });
  machine.handle({ kind: 'ring', cadence: AMERICAN, hertz: 20 }, 0);
  t.true(machine.pins.ringMode);
  const events = machine.handle({ kind: 'tick' }, 6_000_000 + 3000);
  t.deepEqual(events, [
    { kind: 'pins', pins: AT_REST },
    { kind: 'pause', burst: 1, ms: 3000 },
  ]);
});

test('whatever comes at whatever time, after a stop everything rests', (t) => {
  const step = fc.tuple(
    fc.double({ min: 0, max: 3000, noNaN: true }),
    fc.constantFrom<RingGeneratorInput>(
      { kind: 'level', closed: true },
      { kind: 'level', closed: false },
      { kind: 'ring', cadence: BRITISH, hertz: 25 },
      { kind: 'ring', cadence: [], hertz: 25 },
      { kind: 'stop' },
      { kind: 'tick' },
    ),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const machine = new RingGenerator({ toggling: 'software' });
      const inputs: Timed<RingGeneratorInput>[] = [];
      let at = 0;
      for (const [ms, value] of steps) {
        at += ms;
        inputs.push({ at, value });
      }
      inputs.push({ at: at + 1, value: { kind: 'stop' } });
      play<RingGeneratorInput, RingGeneratorEvent>(machine, inputs, at + 12);
      return (
        !machine.pins.ringMode &&
        !machine.pins.forwardReverse &&
        machine.deadline === Number.POSITIVE_INFINITY
      );
    }),
    { numRuns: 2000 },
  );
  t.pass();
});
