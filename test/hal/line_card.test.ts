import test from 'ava';
import fc from 'fast-check';
import { callerIdSchemeOf, PROCEDURES } from '#hal/parts/caller_id_procedure.ts';
import {
  LINE_AT_REST,
  LineCard,
  type LineCardEvent,
  type LineCardInput,
  type LineCardOptions,
} from '#hal/parts/line_card.ts';
import { lineTimingsOf } from '#hal/parts/line_timings.ts';
import { callerIdSound } from '#media/caller_id.ts';
import { COUNTRIES, tonesOf } from '#media/tones_by_country.ts';
import { between, type Timed } from '../support/bounce.ts';
import { Clock } from '../support/clock.ts';
import { LineModel, type Load } from '../support/models/line_card.ts';
import { seededRandom } from '../support/mutate.ts';

const ALICE = { number: '2025550123', name: 'ALICE' };
const TIME = { month: 11, day: 20, hour: 4, minute: 34 };
const LOADS: readonly Load[] = ['low', 'follows', 'crossings'];

/** A card with a telephone on its line; times are ms since the stand was made. */
class Stand {
  readonly clock = new Clock();
  readonly card: LineCard;
  readonly telephone: LineModel;
  readonly #events: Timed<LineCardEvent>[] = [];
  readonly #began = this.clock.now;
  readonly give: (input: LineCardInput) => void;

  constructor(country: string, change: Partial<LineCardOptions> & { load?: Load; seed?: number } = {}) {
    const { flash, coding, ringHertz, callerId } = lineTimingsOf(country);
    const { load = 'low', seed = 1, ...options } = change;
    this.card = new LineCard({
      loop: { flashMin: flash.min, flashMax: flash.max, coding },
      ringHertz,
      callerId,
      powerDown: true,
      ...options,
    });
    this.telephone = new LineModel({
      clock: { now: () => this.clock.now, after: (ms, action) => this.clock.after(ms, action) },
      random: seededRandom(seed),
      shk: (closed) => this.give({ kind: 'level', closed }),
      hertz: ringHertz,
      load,
    });
    this.give = this.clock.drive<LineCardInput, LineCardEvent>(this.card, (value) => {
      this.#events.push({ at: this.now, value });
      if (value.kind === 'pins') this.telephone.set(value.pins);
    });
    this.give({ kind: 'level', closed: false });
    this.run(100);
    this.events();
  }

  get now(): number {
    return this.clock.now - this.#began;
  }

  run(ms: number): void {
    this.clock.run(ms);
  }

  /** Since the last time, without the pins. */
  events(): Timed<Exclude<LineCardEvent, { kind: 'pins' }>>[] {
    return this.#events.splice(0).flatMap(({ at, value }) => (value.kind === 'pins' ? [] : [{ at, value }]));
  }

  values() {
    return this.events().map(({ value }) => value);
  }

  /** What the telephone felt since `from`. */
  felt(from: number) {
    return this.telephone.heard.map(({ at, what }) => [what, Math.round(at - this.#began - from)] as const);
  }
}

/** A call comes, is told and answered in the second ring. */
function story(country: string, change: ConstructorParameters<typeof Stand>[1] = {}) {
  const line = new Stand(country, change);
  const from = line.now;
  line.give({ kind: 'ring', cadence: tonesOf(country).ring, caller: ALICE });
  line.run(8000);
  return {
    line,
    felt: line.felt(from),
    events: line.events().map(({ at, value }) => ({ at: at - from, value })),
  };
}

test('in America the caller is told between the first two rings, in the middle of the pause', (t) => {
  const { felt, events } = story('US');
  t.deepEqual(
    felt.slice(0, 3).map(([what]) => what),
    ['ring', 'quiet', 'ring'],
  );
  t.is(felt[2]?.[1], 6000);
  t.deepEqual(events, [
    { at: 2600, value: { kind: 'caller-id', scheme: 'bellcore', caller: ALICE, hook: 'on' } },
  ]);
});

test('in Great Britain the line is turned over, the caller told, then it rings', (t) => {
  const { felt, events } = story('GB');
  t.deepEqual(felt[0], ['reversed', 0]);
  t.deepEqual(events, [
    { at: 150, value: { kind: 'caller-id', scheme: 'sin227', caller: ALICE, hook: 'on' } },
  ]);
  const rings = felt.filter(([what]) => what === 'ring');
  t.true((rings[0]?.[1] ?? 0) > 1200 && (rings[0]?.[1] ?? 0) < 2000);
  t.deepEqual(
    rings.slice(0, 3).map(([, at]) => at - (rings[0]?.[1] ?? 0)),
    [0, 600, 3000],
  );
});

test('by keys the line is turned over for as long as they take', (t) => {
  const { felt, events } = story('SE');
  t.is(events[0]?.at, 300);
  t.like(events[0]?.value, { kind: 'caller-id', scheme: 'dtmf' });
  const ring = felt.find(([what]) => what === 'ring')?.[1] ?? 0;
  t.true(ring > 300 + 12 * 140 && ring < 3000, `${ring}`);
});

test('after a ring pulse of 250 ms the caller is told, then it rings', (t) => {
  const { felt, events } = story('DE', { callerId: 'etsi-ring-pulse' });
  t.deepEqual(
    felt.slice(0, 2).map(([what]) => what),
    ['ring', 'quiet'],
  );
  t.true((felt[1]?.[1] ?? 0) >= 200 && (felt[1]?.[1] ?? 0) <= 250);
  const told = events[0]?.at ?? 0;
  t.true(told >= 250 + 500 && told <= 250 + 800, `${told}`);
  const rings = felt.filter(([what]) => what === 'ring').map(([, at]) => at);
  t.true((rings[1] ?? 0) > told + 600);
  t.is((rings[2] ?? 0) - (rings[1] ?? 0), 5000);
});

test('in every country the sound ends 200 ms and more before the next ring, if there is room for it at all', (t) => {
  let told = 0;
  const longest = { number: '12345678901234567890', name: 'A NAME OF 15 CH' };
  for (const country of COUNTRIES)
    for (const caller of [ALICE, longest, {}, { withheld: true }]) {
      const line = new Stand(country);
      const from = line.now;
      line.give({ kind: 'ring', cadence: tonesOf(country).ring, caller });
      line.run(20_000);
      const [first, ...others] = line.events();
      t.deepEqual(others, [], country);
      if (first?.value.kind !== 'caller-id') continue;
      told++;
      const { scheme } = first.value;
      const sound = callerIdSound(scheme, country, caller, TIME).length / 8;
      const next = line.felt(from).find(([what, at]) => what === 'ring' && at > first.at - from)?.[1] ?? 0;
      t.true(
        first.at - from + sound + 200 <= next - 100,
        `${country}: ${next - first.at + from} for ${sound}`,
      );
    }
  // Cadences without a pause: LK. Japan.
  t.true(told >= 4 * (COUNTRIES.length - 3), `${told}`);
});

test('every scheme of a country has its procedure', (t) => {
  for (const country of COUNTRIES) {
    const scheme = callerIdSchemeOf(country);
    if (country === 'JP') t.is(scheme, undefined);
    else t.truthy(scheme && PROCEDURES[scheme]);
  }
  t.is(callerIdSchemeOf('constructor'), 'etsi-between-rings');
});

test('without a caller, or where nobody is told, it only rings', (t) => {
  for (const [country, caller] of [
    ['US', undefined],
    ['GB', undefined],
    ['JP', ALICE],
  ] as const) {
    const line = new Stand(country);
    const from = line.now;
    line.give({ kind: 'ring', cadence: [1000, 4000], caller });
    line.run(7000);
    t.deepEqual(line.values(), []);
    t.is(line.felt(from)[0]?.[0], 'ring');
    t.is(line.felt(from)[0]?.[1], 0);
  }
});

test('whenever the handset is lifted, it is heard within 150 ms, and within 100 ms nothing rings any more', (t) => {
  const random = seededRandom(30);
  for (const country of ['US', 'GB', 'SE', 'FR', 'JP'])
    for (const load of LOADS)
      for (let time = 0; time < 60; time++) {
        const line = new Stand(country, { load, seed: time });
        line.give({ kind: 'ring', cadence: tonesOf(country).ring, caller: ALICE });
        line.run(between(random, 0, 9000));
        line.events();
        const lifted = line.now;
        line.telephone.lift();
        line.run(5000);
        const hooks = line.events().filter(({ value }) => value.kind !== 'caller-id');
        const where = `${country}, ${load}, ${lifted}`;
        t.deepEqual(
          hooks.map(({ value }) => value),
          [{ kind: 'hook', state: 'off' }],
          where,
        );
        t.true((hooks[0]?.at ?? 0) - lifted <= 150, `${where}: ${(hooks[0]?.at ?? 0) - lifted}`);
        t.deepEqual(
          line
            .felt(lifted)
            .filter(([what, at]) => at > 0 && (what === 'reversed' || (what === 'ring' && at > 100))),
          [],
          where,
        );
        t.deepEqual(line.card.pins, LINE_AT_REST);
      }
});

test('nobody is told who has lifted the handset meanwhile', (t) => {
  for (const country of ['US', 'GB', 'SE']) {
    const line = new Stand(country);
    line.give({ kind: 'ring', cadence: tonesOf(country).ring, caller: ALICE });
    line.run(country === 'US' ? 2100 : 100);
    line.telephone.lift();
    line.run(8000);
    t.deepEqual(line.values(), [{ kind: 'hook', state: 'off' }]);
  }
});

test('nobody answers: it rings on for all loads, and at the stop all is at rest', (t) => {
  for (const load of LOADS)
    for (const country of ['US', 'GB', 'FR', 'JP']) {
      const line = new Stand(country, { load });
      line.give({ kind: 'ring', cadence: tonesOf(country).ring, caller: ALICE });
      line.run(60_000);
      line.give({ kind: 'stop' });
      line.run(3000);
      t.deepEqual(
        line.values().filter(({ kind }) => kind !== 'caller-id'),
        [],
        `${country} ${load}`,
      );
      t.deepEqual(line.card.pins, LINE_AT_REST);
      t.is(line.card.deadline, Number.POSITIVE_INFINITY);
    }
});

test('answered, flashed, the far end hangs up, and so do we', (t) => {
  for (const country of ['US', 'GB', 'NL', 'FR']) {
    const { min, max, sent } = lineTimingsOf(country).flash;
    t.true(sent >= min && sent <= max);
    const line = new Stand(country, { load: 'follows' });
    line.give({ kind: 'ring', cadence: tonesOf(country).ring, caller: ALICE });
    line.run(7300);
    line.telephone.lift();
    line.run(500);
    line.give({ kind: 'stop' });
    line.give({ kind: 'dialling', dialling: false });
    line.run(3000);
    line.telephone.flash(sent);
    line.run(3000);
    t.deepEqual(line.values().slice(1), [{ kind: 'hook', state: 'off' }, { kind: 'flash' }], country);
    const from = line.now;
    line.give({ kind: 'loop-break', ms: 400 });
    line.run(5000);
    t.deepEqual(line.felt(from).slice(-2), [
      ['dead', 0],
      ['alive', 400],
    ]);
    t.deepEqual(line.values(), []);
    line.telephone.putDown();
    line.run(3000);
    t.deepEqual(line.values(), [{ kind: 'hook', state: 'on' }]);
    t.deepEqual(line.card.pins, LINE_AT_REST);
  }
});

test('who hangs up while the loop is broken is heard when it is back', (t) => {
  const line = new Stand('US');
  line.telephone.lift();
  line.run(1000);
  line.give({ kind: 'loop-break', ms: 500 });
  line.run(200);
  line.telephone.putDown();
  line.run(5000);
  t.deepEqual(line.values(), [
    { kind: 'hook', state: 'off' },
    { kind: 'hook', state: 'on' },
  ]);
});

test('SHK that takes its time after a ring or a break is no handset that moves', (t) => {
  const card = new LineCard({ loop: { flashMin: 20, flashMax: 130 }, ringHertz: 25, powerDown: true });
  const seen: LineCardEvent[] = [];
  const give = (input: LineCardInput, at: number) => {
    while (card.deadline < at) seen.push(...card.handle({ kind: 'tick' }, card.deadline));
    seen.push(...card.handle(input, at));
  };
  give({ kind: 'level', closed: false }, 0);
  give({ kind: 'ring', cadence: [1000, 4000] }, 1000);
  give({ kind: 'level', closed: true }, 1100);
  give({ kind: 'stop' }, 1105);
  give({ kind: 'level', closed: false }, 1145);
  give({ kind: 'tick' }, 3000);
  t.deepEqual(
    seen.filter(({ kind }) => kind !== 'pins'),
    [{ kind: 'hook', state: 'on' }],
  );
  give({ kind: 'level', closed: true }, 4000);
  give({ kind: 'loop-break', ms: 300 }, 5000);
  give({ kind: 'level', closed: false }, 5002);
  give({ kind: 'level', closed: true }, 5380);
  give({ kind: 'tick' }, 8000);
  t.deepEqual(seen.filter(({ kind }) => kind !== 'pins').slice(1), [{ kind: 'hook', state: 'off' }]);
});

test('a module without power-down turns the line over in place of the break', (t) => {
  const line = new Stand('US', { powerDown: false });
  line.telephone.lift();
  line.run(1000);
  const from = line.now;
  line.give({ kind: 'polarity', reversed: true });
  line.run(1000);
  line.give({ kind: 'loop-break', ms: 300 });
  line.run(1000);
  line.give({ kind: 'polarity', reversed: false });
  line.run(1000);
  t.deepEqual(line.felt(from), [
    ['reversed', 0],
    ['normal', 1000],
    ['reversed', 1300],
    ['normal', 2000],
  ]);
  t.deepEqual(line.values(), [{ kind: 'hook', state: 'off' }]);
  t.deepEqual(line.card.pins, LINE_AT_REST);
});

test('numbers dialled by pulses of any speed come as digits', (t) => {
  for (const [country, coding] of [
    ['NL', (digit: number) => digit || 10],
    ['NZ', (digit: number) => 10 - digit],
    ['SE', (digit: number) => digit + 1],
  ] as const)
    for (const rate of [8, 10, 16, 20]) {
      const line = new Stand(country, { seed: rate });
      line.give({ kind: 'dialling', dialling: true });
      line.telephone.lift();
      line.run(1000);
      for (const digit of [2, 0, 5, 1, 9]) {
        const ms = line.telephone.dial(coding(digit), rate);
        line.run(ms + 700);
      }
      const digits = line.values().flatMap((event) => (event.kind === 'digit' ? [event.digit] : []));
      t.is(digits.join(''), '20519', `${country} at ${rate} a second`);
    }
});

test('a second caller is told to who talks, and to nobody else', (t) => {
  const line = new Stand('US');
  line.give({ kind: 'call-waiting', caller: ALICE });
  t.deepEqual(line.values(), []);
  line.telephone.lift();
  line.run(500);
  line.give({ kind: 'call-waiting', caller: ALICE });
  t.deepEqual(line.values(), [
    { kind: 'hook', state: 'off' },
    { kind: 'caller-id', scheme: 'bellcore', caller: ALICE, hook: 'off' },
  ]);
});

test('who talks is not rung, and a loop on the hook is not broken', (t) => {
  const line = new Stand('NL');
  line.give({ kind: 'loop-break', ms: 400 });
  t.deepEqual(line.felt(0), []);
  line.telephone.lift();
  line.run(500);
  line.give({ kind: 'ring', cadence: [1000, 4000], caller: ALICE });
  line.run(8000);
  t.deepEqual(line.felt(0), []);
});

test('whatever comes at whatever time: no burst above 2 s, and after the stop all is at rest', (t) => {
  const step = fc.tuple(
    fc.integer({ min: 0, max: 3000 }),
    fc.constantFrom('ring', 'told', 'stop', 'lift', 'down', 'flash', 'break', 'reverse', 'dial'),
  );
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 25 }),
      fc.constantFrom(...LOADS),
      fc.constantFrom('US', 'GB', 'SE', 'DE'),
      fc.boolean(),
      (steps, load, country, powerDown) => {
        const line = new Stand(country, { load, powerDown });
        for (const [ms, what] of steps) {
          line.run(ms);
          if (what === 'ring') line.give({ kind: 'ring', cadence: [5000, 100] });
          else if (what === 'told')
            line.give({ kind: 'ring', cadence: tonesOf(country).ring, caller: ALICE });
          else if (what === 'stop') line.give({ kind: 'stop' });
          else if (what === 'lift') line.telephone.lift();
          else if (what === 'down') line.telephone.putDown();
          else if (what === 'flash') line.telephone.flash(100);
          else if (what === 'break') line.give({ kind: 'loop-break', ms: 400 });
          else if (what === 'reverse') line.give({ kind: 'polarity', reversed: ms % 2 === 0 });
          else line.telephone.dial(3);
        }
        line.run(1000);
        line.give({ kind: 'stop' });
        line.give({ kind: 'polarity', reversed: false });
        line.telephone.putDown();
        line.run(12_000);
        const felt = line.felt(0);
        const bursts = felt.flatMap(([what, at], index) =>
          what === 'ring' ? [(felt.slice(index).find((next) => next[0] === 'quiet')?.[1] ?? 1e9) - at] : [],
        );
        return (
          bursts.every((ms) => ms <= 2000) &&
          line.card.hook === 'on' &&
          line.card.deadline === Number.POSITIVE_INFINITY &&
          JSON.stringify(line.card.pins) === JSON.stringify(LINE_AT_REST)
        );
      },
    ),
    { numRuns: 300 },
  );
  t.pass();
});
