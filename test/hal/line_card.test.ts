import test from 'ava';
import fc from 'fast-check';
import { LINE_AT_REST, LineCard, type LineCardEvent, type LineCardInput } from '#hal/parts/line_card.ts';
import { lineTimingsOf } from '#hal/parts/line_timings.ts';
import { tonesOf } from '#media/tones_by_country.ts';
import { between } from '../support/bounce.ts';
import { ALICE, LineStand, LOADS } from '../support/line_stand.ts';
import { seededRandom } from '../support/mutate.ts';

test('whenever the handset is lifted, it is heard within 150 ms, and within 100 ms nothing rings any more', (t) => {
  const random = seededRandom(30);
  for (const country of ['US', 'GB', 'SE', 'FR', 'JP'])
    for (const load of LOADS)
      for (let time = 0; time < 60; time++) {
        const line = new LineStand(country, { load, seed: time });
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

test('nobody answers: it rings on for all loads, and at the stop all is at rest', (t) => {
  for (const load of LOADS)
    for (const country of ['US', 'GB', 'FR', 'JP']) {
      const line = new LineStand(country, { load });
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
    const line = new LineStand(country, { load: 'follows' });
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

test('no break makes the telephone dead for longer than ten seconds', (t) => {
  const line = new LineStand('US');
  line.telephone.lift();
  line.run(1000);
  const from = line.now;
  line.give({ kind: 'loop-break', ms: 1e9 });
  line.run(20_000);
  t.deepEqual(line.felt(from), [
    ['dead', 0],
    ['alive', 10_000],
  ]);
});

test('who hangs up while the loop is broken is heard when it is back', (t) => {
  const line = new LineStand('US');
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
  const line = new LineStand('US', { powerDown: false });
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
      const line = new LineStand(country, { seed: rate });
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

test('who talks is not rung, and a loop on the hook is not broken', (t) => {
  const line = new LineStand('NL');
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
        const line = new LineStand(country, { load, powerDown });
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
