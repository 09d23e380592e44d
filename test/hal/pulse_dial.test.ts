import test from 'ava';
import fc from 'fast-check';
import { type Digit, digitOf, PULSE_CODINGS, type PulseCoding, pulsesOf } from '#hal/parts/pulse_coding.ts';
import { type DialContact, PulseDial, type PulseDialInput } from '#hal/parts/pulse_dial.ts';
import {
  among,
  between,
  bounced,
  type Edge,
  play,
  pulses,
  type Random,
  type Timed,
  valuesOf,
} from '../support/bounce.ts';
import { seededRandom } from '../support/mutate.ts';

const TRACES = 10_000;
const DIGITS: readonly Digit[] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
const CONTACTS: readonly DialContact[] = ['normally-closed', 'normally-open'];

function pick<T>(random: Random, values: readonly [T, ...T[]] | readonly T[]): T {
  return values[among(random, 0, values.length - 1)] as T;
}

interface Dialled {
  /** Both as of a dial whose contacts are closed at rest. */
  readonly pulse: readonly Edge[];
  readonly offNormal: readonly Edge[];
  readonly until: number;
}

/** A hand that dials: it winds up, lets go, and waits a while before the next digit. */
function dial(random: Random, digits: readonly Digit[], coding: PulseCoding, rate: number): Dialled {
  const open = between(random, 0.55, 0.67);
  const pulse: Edge[] = [];
  const offNormal: Edge[] = [];
  let at = 1000;
  for (const digit of digits) {
    offNormal.push({ at, closed: false });
    at += between(random, 200, 1500);
    const count = pulsesOf(digit, coding);
    pulse.push(...pulses({ at, pulses: count, rate, open }));
    at += (count * 1000) / rate + between(random, 30, 300);
    offNormal.push({ at, closed: true });
    at += between(random, 400, 2000);
  }
  return { pulse, offNormal, until: at + 5000 };
}

function inputs(
  contact: 'pulse' | 'off-normal',
  edges: readonly Edge[],
  wired: DialContact,
): Timed<PulseDialInput>[] {
  return [{ at: 0, closed: true }, ...edges].map(({ at, closed }) => ({
    at,
    value: { kind: 'level', contact, closed: closed === (wired === 'normally-closed') },
  }));
}

test('a coding reads what it writes, and knows ten numbers of pulses', (t) => {
  for (const coding of PULSE_CODINGS) {
    t.deepEqual(
      DIGITS.map((digit) => digitOf(pulsesOf(digit, coding), coding)),
      [...DIGITS],
    );
    t.deepEqual(
      [0, 11, -1, 1.5, Number.NaN].map((count) => digitOf(count, coding)),
      [undefined, undefined, undefined, undefined, undefined],
    );
  }
});

test('one pulse is 1, in Sweden 0, in New Zealand 9; ten are 0, in Sweden 9', (t) => {
  t.deepEqual(
    PULSE_CODINGS.map((coding) => [digitOf(1, coding), digitOf(2, coding), digitOf(10, coding)]),
    [
      ['1', '2', '0'],
      ['0', '1', '9'],
      ['9', '8', '0'],
    ],
  );
});

test('ten thousand numbers from 7 to 22 pulses a second, with and without an off-normal contact', (t) => {
  const random = seededRandom(20);
  for (let trace = 0; trace < TRACES; trace++) {
    const wiring = { pulse: pick(random, CONTACTS), coding: pick(random, PULSE_CODINGS) };
    const rest = pick(random, CONTACTS);
    const digits = Array.from({ length: 4 }, () => pick(random, DIGITS));
    const { pulse, offNormal, until } = dial(random, digits, wiring.coding, between(random, 7, 22));
    const machine = new PulseDial(trace % 2 === 0 ? wiring : { ...wiring, offNormal: rest });
    const trace1 = inputs('pulse', bounced(random, pulse), wiring.pulse);
    const trace2 = inputs('off-normal', bounced(random, offNormal), rest);
    const late = () => (trace % 4 < 2 ? 0 : random() * 100);
    const events = play(machine, trace % 2 === 0 ? trace1 : [...trace1, ...trace2], until, late);
    t.deepEqual(
      valuesOf(events),
      digits.map((digit) => ({ kind: 'digit', digit })),
      `trace ${trace}`,
    );
  }
});

test('the slowest and the fastest dial with the longest and the shortest break, every digit', (t) => {
  const random = seededRandom(21);
  for (const rate of [7, 22])
    for (const open of [0.5, 0.55, 0.6, 0.67])
      for (let count = 1; count <= 10; count++)
        for (let times = 0; times < 50; times++) {
          const edges = bounced(random, pulses({ at: 1000, pulses: count, rate, open }));
          const machine = new PulseDial({ pulse: 'normally-closed', coding: 'standard' });
          const events = play(machine, inputs('pulse', edges, 'normally-closed'), 10_000);
          t.deepEqual(valuesOf(events), [{ kind: 'digit', digit: digitOf(count, 'standard') }]);
        }
});

test('without an off-normal contact a digit is told 250 ms after its last pulse', (t) => {
  const machine = new PulseDial({ pulse: 'normally-closed', coding: 'standard' });
  const edges = pulses({ at: 0, pulses: 3, rate: 10, open: 0.6 });
  t.deepEqual(play(machine, inputs('pulse', edges, 'normally-closed'), 5000), [
    { at: 510, value: { kind: 'digit', digit: '3' } },
  ]);
});

test('with an off-normal contact it is told 50 ms after the dial is back, however slowly it returns', (t) => {
  const machine = new PulseDial({ pulse: 'normally-closed', offNormal: 'normally-open', coding: 'standard' });
  const slow = [0, 1200, 2400].flatMap((at) => pulses({ at: at + 500, pulses: 1, rate: 10, open: 0.6 }));
  const wound = [
    { at: 10, closed: false },
    { at: 3200, closed: true },
  ];
  t.deepEqual(
    play(
      machine,
      [...inputs('pulse', slow, 'normally-closed'), ...inputs('off-normal', wound, 'normally-open')],
      9000,
    ),
    [{ at: 3250, value: { kind: 'digit', digit: '3' } }],
  );
});

test('interference at a dial at rest is no digit, and neither is winding up without letting go', (t) => {
  const machine = new PulseDial({ pulse: 'normally-closed', offNormal: 'normally-open', coding: 'standard' });
  const events = play(
    machine,
    [
      ...inputs('pulse', pulses({ at: 5000, pulses: 1, rate: 10, open: 0.6 }), 'normally-closed'),
      ...inputs(
        'off-normal',
        [
          { at: 1000, closed: false },
          { at: 2000, closed: true },
        ],
        'normally-open',
      ),
    ],
    9000,
  );
  t.deepEqual(events, []);
});

test('a dial whose off-normal edges were lost, or that is stuck away from rest, is still understood', (t) => {
  const options = { pulse: 'normally-closed', offNormal: 'normally-open', coding: 'standard' } as const;
  const train = inputs('pulse', pulses({ at: 1000, pulses: 4, rate: 10, open: 0.6 }), 'normally-closed');
  const digit = { kind: 'digit', digit: '4' } as const;
  t.deepEqual(valuesOf(play(new PulseDial(options), train, 9000)), [digit]);
  const stuck = inputs('off-normal', [{ at: 500, closed: false }], 'normally-open');
  t.deepEqual(valuesOf(play(new PulseDial(options), [...train, ...stuck], 9000)), [digit]);
});

test('a spark in the middle of a break does not make two of it', (t) => {
  const random = seededRandom(22);
  for (let trace = 0; trace < 2000; trace++) {
    const clean = pulses({ at: 1000, pulses: 3, rate: 10, open: 0.6 });
    const at = between(random, 1020, 1030);
    const spark = [
      { at, closed: true },
      { at: at + between(random, 0.1, 9.9), closed: false },
    ];
    const machine = new PulseDial({ pulse: 'normally-closed', coding: 'standard' });
    const edges = [...clean, ...spark].toSorted((a, b) => a.at - b.at);
    t.deepEqual(valuesOf(play(machine, inputs('pulse', edges, 'normally-closed'), 5000)), [
      { kind: 'digit', digit: '3' },
    ]);
  }
});

test('a break that is too long for a pulse counts for nothing', (t) => {
  const machine = new PulseDial({ pulse: 'normally-closed', coding: 'standard' });
  const edges = [
    { at: 1000, closed: false },
    { at: 1201, closed: true },
  ];
  t.deepEqual(play(machine, inputs('pulse', edges, 'normally-closed'), 5000), []);
});

test('a pulse that has begun when the pause would be over still counts', (t) => {
  const machine = new PulseDial({ pulse: 'normally-closed', coding: 'standard' });
  const edges = [0, 290].flatMap((at) => pulses({ at, pulses: 1, rate: 10, open: 0.6 }));
  t.deepEqual(valuesOf(play(machine, inputs('pulse', edges, 'normally-closed'), 5000)), [
    { kind: 'digit', digit: '2' },
  ]);
});

test('a dial that is wound up again at once tells its digit first', (t) => {
  const machine = new PulseDial({
    pulse: 'normally-closed',
    offNormal: 'normally-closed',
    coding: 'standard',
  });
  const wound = [
    { at: 100, closed: false },
    { at: 2000, closed: true },
    { at: 2022, closed: false },
    { at: 4000, closed: true },
  ];
  const edges = [1000, 3000].flatMap((at) => pulses({ at, pulses: 1, rate: 10, open: 0.6 }));
  const given = [
    ...inputs('pulse', edges, 'normally-closed'),
    ...inputs('off-normal', wound, 'normally-closed'),
  ];
  t.deepEqual(play(machine, given, 9000), [
    { at: 2042, value: { kind: 'digit', digit: '1' } },
    { at: 4050, value: { kind: 'digit', digit: '1' } },
  ]);
});

test('more pulses than a dial has are told as such', (t) => {
  const machine = new PulseDial({ pulse: 'normally-closed', coding: 'standard' });
  const edges = pulses({ at: 0, pulses: 12, rate: 10, open: 0.6 });
  t.deepEqual(valuesOf(play(machine, inputs('pulse', edges, 'normally-closed'), 5000)), [
    { kind: 'misdialled', pulses: 12 },
  ]);
});

test('a contact that stays open, or is of the other polarity, is never a digit', (t) => {
  const machine = new PulseDial({ pulse: 'normally-closed', coding: 'standard' });
  const open = [{ at: 100, closed: false }];
  t.deepEqual(play(machine, inputs('pulse', open, 'normally-closed'), 60_000), []);
  t.is(machine.deadline, Number.POSITIVE_INFINITY);
});

test('a leap of time between two digits does not join them', (t) => {
  const machine = new PulseDial({ pulse: 'normally-closed', coding: 'standard' });
  const edges = [0, 3000].flatMap((at) => pulses({ at, pulses: 2, rate: 10, open: 0.6 }));
  const events = play(machine, inputs('pulse', edges, 'normally-closed'), 9000, () => 1e6);
  t.deepEqual(
    valuesOf(events),
    [1, 2].map(() => ({ kind: 'digit', digit: '2' })),
  );
});

test('whatever moves at whatever time, the dial survives and comes to rest', (t) => {
  const step = fc.tuple(
    fc.double({ min: 0, max: 400, noNaN: true }),
    fc.constantFrom('pulse' as const, 'off-normal' as const),
    fc.boolean(),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const machine = new PulseDial({ pulse: 'normally-closed', offNormal: 'normally-open', coding: 'SE' });
      let now = 0;
      for (const [ms, contact, closed] of steps) {
        now += ms;
        machine.handle({ kind: 'level', contact, closed }, now);
      }
      play(machine, [], now + 100_000);
      return machine.deadline === Number.POSITIVE_INFINITY;
    }),
    { numRuns: 3000 },
  );
  t.pass();
});
