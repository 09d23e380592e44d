import test from 'ava';
import fc from 'fast-check';
import { BEAT, DeadManSwitch, type Rest } from '#hal/parts/dead_man_switch.ts';

/** A switch with a clock that jumps from deadline to deadline, and a heart that may stop. */
class Stand {
  readonly switch = new DeadManSwitch();
  readonly rests: (Rest & { readonly at: number })[] = [];
  now = 0;
  beats = 0;
  beating = true;
  #nextBeat = BEAT;

  on(output: number, limit: number): void {
    this.switch.handle({ kind: 'on', output, limit }, this.now);
  }

  off(output: number): void {
    this.switch.handle({ kind: 'off', output }, this.now);
  }

  run(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const next = Math.min(this.switch.deadline, this.#nextBeat);
      if (next > end) break;
      this.now = next;
      if (next === this.#nextBeat) {
        this.#nextBeat += BEAT;
        if (this.beating) this.beats++;
      } else this.tick();
    }
    this.now = end;
  }

  tick(): void {
    const rests = this.switch.handle({ kind: 'tick', beats: this.beats }, this.now);
    this.rests.push(...rests.map((rest) => ({ ...rest, at: this.now })));
  }
}

test('an output is on for no longer than its limit, to the millisecond', (t) => {
  const stand = new Stand();
  stand.run(1000);
  stand.on(1, 2050);
  stand.run(60_000);
  t.deepEqual(stand.rests, [{ output: 1, why: 'limit', at: 3050 }]);
  t.is(stand.switch.deadline, Number.POSITIVE_INFINITY);
});

test('switched on again its limit begins anew; switched off in time nothing is done', (t) => {
  const stand = new Stand();
  stand.on(1, 2000);
  stand.run(1500);
  stand.on(1, 2000);
  stand.run(1500);
  t.deepEqual(stand.rests, []);
  stand.off(1);
  t.is(stand.switch.deadline, Number.POSITIVE_INFINITY);
  stand.run(5000);
  t.deepEqual(stand.rests, []);
});

test('without signs of life all that is on goes to rest within 800 ms, once', (t) => {
  for (let lead = 0; lead < 400; lead += 7) {
    const stand = new Stand();
    stand.on(1, Number.POSITIVE_INFINITY);
    stand.run(lead);
    stand.on(2, 10_000);
    stand.run(2000 + lead);
    const last = stand.now;
    stand.beating = false;
    stand.run(20_000);
    t.deepEqual(
      stand.rests.map(({ output, why }) => [output, why]),
      [
        [1, 'silence'],
        [2, 'silence'],
      ],
    );
    for (const { at } of stand.rests) t.true(at - last >= 400 && at - last <= 800, `${at - last}`);
  }
});

test('with signs of life an output may be on for ever', (t) => {
  const stand = new Stand();
  stand.on(1, Number.POSITIVE_INFINITY);
  stand.run(3_600_000);
  t.deepEqual(stand.rests, []);
});

test('a machine that stood still altogether says nothing against who gives the signs', (t) => {
  const stand = new Stand();
  stand.on(1, Number.POSITIVE_INFINITY);
  stand.run(1000);
  for (let stall = 0; stall < 10; stall++) {
    // Nobody ran: neither the heart nor the looks.
    stand.now += 5000;
    stand.tick();
    stand.beats++;
    stand.now += 100;
    stand.tick();
  }
  t.deepEqual(stand.rests, []);
});

test('a limit that was slept over is kept at the first moment there is', (t) => {
  const stand = new Stand();
  stand.on(1, 2000);
  stand.now = 9000;
  stand.tick();
  t.deepEqual(stand.rests, [{ output: 1, why: 'limit', at: 9000 }]);
});

test('whatever is switched when: nothing is on beyond its limit, nor 800 ms after the last sign of life', (t) => {
  const step = fc.record({
    wait: fc.integer({ min: 0, max: 900 }),
    output: fc.integer({ min: 1, max: 3 }),
    limit: fc.option(fc.integer({ min: 1, max: 3000 })),
    beating: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const stand = new Stand();
      const until = new Map<number, number>();
      let sign = 0;
      for (const { wait, output, limit, beating } of steps) {
        if (limit === null) {
          stand.off(output);
          until.delete(output);
        } else {
          stand.on(output, limit);
          until.set(output, stand.now + limit);
        }
        sign = stand.now;
        const before = stand.beats;
        stand.beating = beating;
        stand.run(wait);
        if (stand.beats > before) sign = stand.now;
        for (const { output: rested } of stand.rests.splice(0)) until.delete(rested);
        for (const end of until.values()) if (end <= stand.now) return false;
        if (until.size > 0 && stand.now - sign > 800) return false;
      }
      return true;
    }),
    { numRuns: 2000 },
  );
  t.pass();
});
