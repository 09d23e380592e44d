import test from 'ava';
import fc from 'fast-check';
import { LIFECYCLE_TIMINGS, Lifecycle } from '#provisioning/lifecycle/lifecycle.ts';
import { TABLE } from '#provisioning/lifecycle/table.ts';
import {
  type Generation,
  type Kept,
  type LifecycleEffect,
  type LifecycleInput,
  NOTHING,
  NOTHING_KEPT,
} from '#provisioning/lifecycle/types.ts';
import { Clock } from '../../support/clock.ts';

const { trial: TRIAL, uptime: UPTIME } = LIFECYCLE_TIMINGS;

function generation(version: string, more: Partial<Generation> = {}): Generation {
  return { id: `hash of ${version}`, server: 'pbx.test', version, accounts: 1, ...more };
}

/** A lifecycle on a clock that jumps, what it applied and said, and what a store would hold. */
class Stand {
  readonly clock = new Clock();
  readonly applied: string[] = [];
  readonly told: string[] = [];
  readonly screen: string[] = [];
  kept: Kept;
  lifecycle = new Lifecycle();
  /** While true, nothing can be written. */
  full = false;
  #give!: (input: LifecycleInput) => void;

  constructor(kept: Kept = NOTHING_KEPT) {
    this.kept = kept;
    this.start();
  }

  /** As after a crash or a power cut: only what was kept is known. */
  start(): void {
    this.lifecycle = new Lifecycle();
    const machine = this.lifecycle;
    const give = this.clock.drive<LifecycleInput, LifecycleEffect>(machine, (effect) => {
      if (machine === this.lifecycle) this.#deliver(effect);
    });
    this.#give = give;
    give({ kind: 'start', kept: this.kept });
  }

  give(...inputs: readonly LifecycleInput[]): this {
    for (const input of inputs) this.#give(input);
    return this;
  }

  offer(generation: Generation, insisted = false): this {
    return this.give({ kind: 'offered', generation, insisted });
  }

  #deliver(effect: LifecycleEffect): void {
    if (effect.kind === 'apply') this.applied.push(effect.generation.version ?? effect.generation.id);
    else if (effect.kind === 'told') {
      this.told.push(effect.text);
      if (effect.screen !== undefined) this.screen.push(effect.screen);
    } else if (this.full) this.#give({ kind: 'not-kept', reason: 'no space left on device' });
    else this.kept = effect.kept;
  }
}

/** A telephone that is content with version 1. */
function settled(): Stand {
  const stand = new Stand().offer(generation('1')).give({ kind: 'registered' });
  stand.told.length = 0;
  stand.applied.length = 0;
  return stand;
}

test('a new configuration is on trial, and good as soon as one of its accounts registers', (t) => {
  const stand = new Stand().offer(generation('1'));
  t.like(stand.lifecycle.report, { state: 'trial', version: '1', server: 'pbx.test' });
  t.like(stand.kept, { inForce: { version: '1' }, trial: { starts: 1 } });
  t.is(stand.kept.good, undefined);
  stand.clock.run(TRIAL - 1);
  stand.give({ kind: 'registered' });
  t.is(stand.lifecycle.report.state, 'settled');
  t.deepEqual(stand.kept, { inForce: generation('1'), good: generation('1'), givenUp: [] });
  t.deepEqual(stand.applied, ['none', '1']);
  t.is(stand.lifecycle.deadline, Number.POSITIVE_INFINITY);
});

test('one that does not register in time gives way to the last good one, and that is told', (t) => {
  const stand = settled().offer(generation('2'));
  stand.clock.run(TRIAL - 1);
  t.deepEqual(stand.applied, ['2']);
  stand.clock.run(1);
  t.deepEqual(stand.applied, ['2', '1']);
  t.is(
    stand.told.at(-1),
    'configuration 2 from pbx.test did not register within 300 s: back to configuration 1 from pbx.test',
  );
  t.is(stand.screen.at(-1), 'Settings undone');
  t.like(stand.lifecycle.report, { state: 'settled', version: '1' });
  t.like(stand.lifecycle.report.givenUp[0], { version: '2', reason: 'did not register within 300 s' });
});

test('what was given up is not tried again until it changes, or a person insists', (t) => {
  const stand = settled().offer(generation('2'));
  stand.clock.settle();
  stand.offer(generation('2')).offer(generation('2'));
  t.deepEqual(stand.applied, ['2', '1']);
  t.is(stand.told.filter((text) => text.startsWith('refused')).length, 1);
  t.is(
    stand.lifecycle.report.refused,
    'configuration 2 from pbx.test was given up before and has not changed',
  );
  stand.start();
  stand.offer(generation('2'));
  t.is(stand.applied.at(-1), '1', 'also after a restart');
  stand.offer(generation('2', { id: 'other content' }));
  t.is(stand.applied.at(-1), '2');
  stand.clock.settle();
  stand.offer(generation('2'), true);
  t.is(stand.applied.at(-1), '2');
  t.is(stand.lifecycle.report.refused, undefined);
});

test('one without accounts is good after two minutes of uptime, with or without a network', (t) => {
  const stand = settled()
    .give({ kind: 'network', up: false })
    .offer(generation('2', { accounts: 0 }));
  stand.clock.run(UPTIME - 1);
  t.is(stand.lifecycle.report.state, 'trial');
  stand.clock.run(1);
  t.is(stand.lifecycle.report.state, 'settled');
  t.is(stand.kept.good?.version, '2');
});

test('the time of a trial stands still while there is no network', (t) => {
  const stand = settled().offer(generation('2'));
  stand.clock.run(TRIAL / 2);
  stand.give({ kind: 'network', up: false });
  t.is(stand.lifecycle.deadline, Number.POSITIVE_INFINITY);
  stand.clock.run(100 * TRIAL);
  stand.give({ kind: 'network', up: true });
  t.is(stand.lifecycle.deadline, stand.clock.now + TRIAL / 2);
  stand.clock.settle();
  t.is(stand.applied.at(-1), '1');
});

test('the first configuration of all is not taken away from a telephone that has nothing to go back to', (t) => {
  const stand = new Stand().offer(generation('1'));
  stand.clock.run(10 * TRIAL);
  t.like(stand.lifecycle.report, { state: 'trial', version: '1' });
  t.regex(stand.told.at(-1) ?? '', /has not registered yet/);
  t.is(stand.lifecycle.deadline, Number.POSITIVE_INFINITY);
  stand.give({ kind: 'registered' });
  t.is(stand.kept.good?.version, '1');
});

test('what the telephone has of itself is worth going back to, once it has registered', (t) => {
  const stand = new Stand().give({ kind: 'registered' });
  t.is(stand.kept.good?.id, NOTHING.id);
  stand.offer(generation('1'));
  stand.clock.settle();
  t.deepEqual(stand.applied, ['none', '1', 'none']);
});

test('a telephone that is started three times in a trial and never ends in order goes back at the fourth', (t) => {
  for (const stand of [settled(), new Stand()]) {
    stand.offer(generation('2'));
    stand.start();
    stand.start();
    t.is(stand.applied.at(-1), '2');
    stand.start();
    t.not(stand.applied.at(-1), '2');
    t.regex(stand.told.at(-1) ?? '', /was started 3 times and did not last/);
    stand.offer(generation('2'));
    t.not(stand.applied.at(-1), '2');
  }
});

test('orderly ends are no crashes, and neither are restarts after a trial that came to no end', (t) => {
  const stand = settled().offer(generation('2'));
  for (let i = 0; i < 10; i++) {
    stand.give({ kind: 'stopping' });
    stand.start();
  }
  t.is(stand.applied.at(-1), '2');
  const first = new Stand().offer(generation('1'));
  for (let i = 0; i < 10; i++) {
    first.clock.run(TRIAL);
    first.start();
  }
  t.is(first.applied.at(-1), '1');
});

test('a restart in a trial begins its time anew', (t) => {
  const stand = settled().offer(generation('2'));
  stand.clock.run(TRIAL - 1);
  stand.start();
  stand.clock.run(TRIAL - 1);
  t.is(stand.applied.at(-1), '2');
  stand.clock.run(1);
  t.is(stand.applied.at(-1), '1');
});

test('one that the telephone cannot start with goes at once, with the reason', (t) => {
  const stand = settled().offer(generation('2')).give({ kind: 'unusable', reason: 'port 5060 is taken' });
  t.is(stand.applied.at(-1), '1');
  t.is(stand.lifecycle.report.givenUp[0]?.reason, 'cannot be used (port 5060 is taken)');
});

test('a third configuration in a trial gets its own, and the last good one stays the last good one', (t) => {
  const stand = settled().offer(generation('2'));
  stand.clock.run(TRIAL - 1);
  stand.offer(generation('3'));
  stand.clock.run(TRIAL - 1);
  t.is(stand.applied.at(-1), '3');
  stand.clock.run(1);
  t.is(stand.applied.at(-1), '1');
});

test('a server that goes back to the last good one by itself ends the trial', (t) => {
  const stand = settled().offer(generation('2')).offer(generation('1'));
  t.like(stand.lifecycle.report, { state: 'settled', version: '1', givenUp: [] });
  stand.offer(generation('2'));
  t.is(stand.applied.at(-1), '2', 'no blame on the one withdrawn');
});

test('an older version of the same server is refused and shown', (t) => {
  const stand = new Stand().offer(generation('2026-11-20.10')).give({ kind: 'registered' });
  for (const old of ['2026-11-20.9', '2025-12-31.99', '2026-11-20']) stand.offer(generation(old));
  stand.offer({ id: 'no version', server: 'pbx.test', accounts: 1 });
  t.deepEqual(stand.applied, ['none', '2026-11-20.10']);
  t.is(
    stand.told.filter((text) => /^refused: .* is older than configuration 2026-11-20.10/.test(text)).length,
    4,
  );
  t.is(stand.screen.at(-1), 'Settings refused');
  stand.offer(generation('2026-11-20.11'));
  t.is(stand.applied.at(-1), '2026-11-20.11');
  stand.offer(generation('1', { server: 'other.test' }));
  t.is(stand.applied.at(-1), '1', 'another server counts by itself');
  stand.offer(generation('0', { server: 'other.test' }), true);
  t.is(stand.applied.at(-1), '0', 'a person insists');
});

test('servers whose files have no versions may change them as they like', (t) => {
  const stand = new Stand();
  for (const id of ['a', 'b', 'a'])
    stand.offer({ id, server: 'pbx.test', accounts: 1 }).give({ kind: 'registered' });
  t.deepEqual(stand.applied, ['none', 'a', 'b', 'a']);
});

test('a configuration that cannot be kept is not in force, and not given up either', (t) => {
  const stand = settled();
  stand.full = true;
  const before = stand.kept;
  stand.offer(generation('2'));
  t.deepEqual(stand.kept, before);
  t.is(stand.applied.at(-1), '1');
  t.regex(stand.told.at(-1) ?? '', /cannot be kept \(no space left on device\): back to configuration 1/);
  stand.full = false;
  stand.offer(generation('2'));
  t.is(stand.applied.at(-1), '2');
});

test('a full disk later takes nothing away from a trial that was kept', (t) => {
  const stand = settled().offer(generation('2'));
  stand.full = true;
  stand.start();
  t.is(stand.applied.at(-1), '2');
  stand.give({ kind: 'registered' });
  t.is(stand.lifecycle.report.state, 'settled');
});

test('an event that the table does not list changes nothing', (t) => {
  const stand = settled();
  const before = stand.kept;
  stand.give(
    { kind: 'unusable', reason: 'x' },
    { kind: 'not-kept', reason: 'x' },
    { kind: 'tick' },
    { kind: 'stopping' },
    { kind: 'registered' },
  );
  stand.offer(generation('1'));
  t.deepEqual([stand.kept, stand.applied, stand.told], [before, [], []]);
  t.deepEqual(Object.keys(TABLE), ['settled', 'trial']);
});

const INPUT: fc.Arbitrary<LifecycleInput | 'restart' | number> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('offered' as const),
      generation: fc
        .tuple(fc.constantFrom('1', '2', '3', '4'), fc.nat(1))
        .map(([v, accounts]) => generation(v, { accounts, id: `${v}/${accounts}` })),
    }),
  },
  fc.constantFrom<LifecycleInput>(
    { kind: 'registered' },
    { kind: 'unusable', reason: 'x' },
    { kind: 'tick' },
    { kind: 'stopping' },
    { kind: 'network', up: true },
    { kind: 'network', up: false },
  ),
  fc.constant('restart' as const),
  fc.integer({ min: 1, max: 2 * TRIAL }),
);

test('whatever happens, what is applied has been kept, and a bad one never outlives its trial', (t) => {
  fc.assert(
    fc.property(fc.array(INPUT, { maxLength: 30 }), (inputs) => {
      const stand = new Stand();
      for (const input of inputs) {
        const givenUp = new Set(stand.kept.givenUp.map(({ id }) => id));
        const before = stand.applied.length;
        if (input === 'restart') stand.start();
        else if (typeof input === 'number') stand.clock.run(input);
        else stand.give(input);
        const { inForce, trial } = stand.kept;
        t.is(stand.applied.at(-1), inForce.version ?? inForce.id);
        if (stand.applied.length > before && trial !== undefined) t.false(givenUp.has(inForce.id));
        if (stand.lifecycle.deadline < Number.POSITIVE_INFINITY) t.is(stand.lifecycle.report.state, 'trial');
      }
      const hadGood = stand.kept.good !== undefined;
      stand.give({ kind: 'network', up: true });
      stand.clock.run(TRIAL);
      t.true(!hadGood || stand.lifecycle.report.state === 'settled');
      t.true(stand.kept.givenUp.length <= 16);
    }),
    { numRuns: 2000 },
  );
});
