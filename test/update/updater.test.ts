/** The machine of updates, with the clock that jumps: good slots, when to look, when to install, when to start anew. */
import test from 'ava';
import fc from 'fast-check';
import type { Slots } from '#update/slots.ts';
import { TIMINGS } from '#update/timings.ts';
import type { UpdateInput } from '#update/types.ts';
import { seededRandom } from '../support/mutate.ts';
import {
  BUNDLE,
  configured,
  GOOD,
  HOUR,
  idle,
  LAID,
  MANIFEST,
  MINUTE,
  manifest,
  Stand,
  slots,
  WANTED,
} from './updater_stand.ts';

test('the status names no hash of a bundle: nobody reads it', (t) => {
  const other = { version: '1.1.0', hash: 'a'.repeat(64), good: true };
  const stand = new Stand().hear(slots({ ...GOOD, hash: 'b'.repeat(64), other }));
  t.notRegex(JSON.stringify(stand.updater.status), /hash|a{9}|b{9}/);
});

test('a slot is marked good when the telephone serves, once after each start', (t) => {
  const stand = new Stand().hear(slots({ ...GOOD, state: 'trial' }), idle());
  t.deepEqual(stand.marked(), []);
  t.is(stand.updater.status?.state, 'trial');
  t.deepEqual(stand.screen(), ['Update on trial']);
  stand
    .hear({ kind: 'serves' }, { kind: 'serves' })
    .pass(HOUR)
    .hear({ kind: 'marked' }, { kind: 'serves' })
    .pass(HOUR);
  t.deepEqual(stand.marked(), ['mark', 'ask']);
});

test('it serves before RAUC has said what the slots are: it is marked as soon as that is known', (t) => {
  for (const state of ['trial', 'good'] as const) {
    const stand = new Stand().hear({ kind: 'serves' }).pass(HOUR);
    t.deepEqual(stand.marked(), []);
    t.deepEqual(
      stand
        .hear(slots({ ...GOOD, state }))
        .pass(HOUR)
        .marked(),
      ['mark'],
      state,
    );
  }
});

test('a slot that was good gets its start back as soon as it is known, also while the registrar is away', (t) => {
  const stand = new Stand().hear(slots(), idle());
  t.deepEqual(stand.marked(), ['mark']);
  stand.hear({ kind: 'marked' }, slots(), { kind: 'serves' }).pass(HOUR);
  t.deepEqual(stand.marked(), ['mark', 'ask'], 'once');
});

test('a mark that failed is tried again each minute', (t) => {
  const stand = new Stand().hear(slots(), { kind: 'serves' });
  for (let minute = 1; minute <= 3; minute += 1)
    stand.hear({ kind: 'not marked', reason: 'no bus' }).pass(MINUTE);
  t.deepEqual(
    stand.times('mark'),
    [0, 1, 2, 3].map((minute) => minute * MINUTE),
  );
});

test('a bundle that was laid there waits until nobody uses the telephone, is installed and removed', (t) => {
  const stand = new Stand().hear(
    slots(),
    idle(false),
    { kind: 'laid', bundle: LAID },
    { kind: 'laid', bundle: LAID },
  );
  stand.pass(HOUR);
  t.deepEqual(stand.wanted(), []);
  t.is(stand.updater.status?.waiting, 'installation');
  stand.hear(idle());
  t.deepEqual(stand.effects.at(-1), { kind: 'install', bundle: LAID, at: stand.now });
  stand.hear({ kind: 'progress', percent: 40.7 }, { kind: 'laid', bundle: LAID });
  t.is(stand.updater.status?.installing, 40);
  stand.hear({ kind: 'installed' });
  t.deepEqual(stand.wanted().slice(1), ['remove', 'ask']);
  stand.pass(MINUTE);
  t.deepEqual(stand.screen(), ['Update installed', 'Starting anew']);
  t.is(stand.wanted().at(-1), 'restart');
});

test('a bundle that RAUC refuses is removed too, and the reason is told once', (t) => {
  const stand = new Stand().hear(slots(), idle(), { kind: 'laid', bundle: LAID });
  stand.hear({ kind: 'refused', reason: 'signature verification failed' });
  t.deepEqual(stand.wanted(), ['install', 'remove', 'ask']);
  t.is(stand.updater.status?.refused, `${LAID.source}: signature verification failed`);
  t.deepEqual(stand.screen(), ['Update refused']);
  stand.pass(48 * HOUR);
  t.deepEqual(stand.wanted(), ['install', 'remove', 'ask'], 'and nothing is started anew');
});

test('a bundle that is what runs already is removed, not refused; nothing starts anew, and the next one is installed', (t) => {
  const next = { ...LAID, source: '/data/dualtone/update/y.raucb' };
  const stand = new Stand().hear(slots(), idle(), { kind: 'laid', bundle: LAID });
  stand.hear({ kind: 'runs already' }).pass(48 * HOUR);
  t.deepEqual(stand.wanted(), ['install', 'remove']);
  const { refused, present, installing, waiting } = stand.updater.status ?? {};
  t.deepEqual([refused, present, installing, waiting], [undefined, LAID.source, undefined, undefined]);
  t.true(stand.effects.every((effect) => effect.kind !== 'tell' || effect.level === 'info'));
  t.regex(stand.told(), /x\.raucb is what runs already/);
  t.deepEqual(stand.screen(), ['Update runs already']);
  stand.hear({ kind: 'laid', bundle: next });
  t.deepEqual(stand.wanted(), ['install', 'remove', 'install']);
  t.is(stand.updater.status?.present, undefined, 'that was the one before');
});

test('nothing is installed over the way back: not while the slot is on trial', (t) => {
  const trial: Slots = { ...GOOD, state: 'trial' };
  const stand = new Stand().hear(slots(trial), idle(), { kind: 'install', bundle: BUNDLE }).pass(HOUR);
  t.deepEqual(stand.wanted(), []);
  t.is(stand.updater.status?.waiting, 'trial', 'that is what it waits for');
  stand.hear({ kind: 'serves' }, { kind: 'not marked', reason: 'no bus' }, slots());
  t.deepEqual(stand.marked(), ['mark']);
  t.is(stand.updater.status?.waiting, 'trial', 'still');
  stand.pass(MINUTE).hear({ kind: 'marked' }, slots());
  t.deepEqual(stand.marked(), ['mark', 'mark', 'install', 'ask']);
});

test('nothing is installed over what waits to be started', (t) => {
  const stand = new Stand().hear(slots(), idle(), { kind: 'install', bundle: BUNDLE }, idle(false), {
    kind: 'installed',
  });
  stand.hear({ kind: 'laid', bundle: LAID }).pass(HOUR).hear(idle()).pass(30_000);
  t.deepEqual(stand.wanted(), ['install', 'ask']);
  t.is(stand.updater.status?.waiting, 'restart');
});

test('it starts anew when nobody has used it for a minute, and once', (t) => {
  const stand = new Stand().hear(slots(), idle(), { kind: 'install', bundle: BUNDLE }, idle(false), {
    kind: 'installed',
  });
  stand
    .pass(10 * MINUTE)
    .hear(idle())
    .pass(TIMINGS.quiet - 1)
    .hear(idle(false))
    .pass(MINUTE)
    .hear(idle());
  t.deepEqual(stand.times('restart'), []);
  const quiet = stand.now - 5_000_000 + TIMINGS.quiet;
  stand.pass(HOUR);
  t.deepEqual(stand.times('restart'), [quiet]);
});

test('a start that cannot be had is tried again each minute while it is quiet, and told once', (t) => {
  const stand = new Stand().hear(slots(), idle(), { kind: 'install', bundle: BUNDLE }, { kind: 'installed' });
  const first = TIMINGS.quiet;
  stand.pass(first).hear({ kind: 'not started', reason: 'no room' });
  t.is(stand.updater.status?.waiting, 'restart');
  stand.pass(MINUTE).hear({ kind: 'not started', reason: 'no room' });
  stand.hear(idle(false)).pass(5 * MINUTE);
  t.deepEqual(stand.times('restart'), [first, first + MINUTE]);
  const quiet = stand.hear(idle()).now - 5_000_000 + TIMINGS.quiet;
  stand.pass(HOUR);
  t.deepEqual(stand.times('restart'), [first, first + MINUTE, quiet], 'and no more when it comes');
  t.is(stand.told().match(/no room/g)?.length, 1);
  t.is(stand.screen().filter((text) => text === 'Starting anew').length, 1);
});

test('it looks within ten minutes of its start, and each day about the same time', (t) => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const stand = new Stand({ random: seededRandom(seed) }).hear(slots(), idle(), configured());
    for (let day = 0; day < 10; day += 1) {
      stand.pass(stand.updater.deadline - stand.now);
      stand.pass(30_000).hear(manifest('1.2.0'));
    }
    const looks = stand.times('look');
    t.true((looks[0] ?? 0) >= 5 * MINUTE && (looks[0] ?? 0) <= 10 * MINUTE);
    const pauses = looks.slice(1).map((at, index) => (at - (looks[index] ?? 0)) / HOUR);
    t.true(
      pauses.every((pause) => pause > 21.5 && pause < 26.5),
      pauses.join(),
    );
    t.true(new Set(pauses).size > 5, 'not at the same minute');
  }
});

test('a channel that is away is asked ever more seldom, down to once a day', (t) => {
  const stand = new Stand().hear(slots(), idle(), configured());
  for (let look = 0; look < 10; look += 1) {
    stand.pass(stand.updater.deadline - stand.now);
    stand.hear({ kind: 'no manifest', reason: 'no route' });
  }
  const looks = stand.times('look');
  const pauses = looks.slice(1).map((at, index) => (at - (looks[index] ?? 0)) / MINUTE);
  t.deepEqual(pauses, [15, 30, 60, 120, 240, 480, 960, 1440, 1440]);
  t.is(stand.told().match(/no update: no route/g)?.length, 1);
});

test('a newer version is installed', (t) => {
  const stand = new Stand().hear(slots(), idle(), configured()).pass(HOUR).hear(manifest('1.3.0'));
  t.deepEqual(stand.wanted(), ['look', 'install']);
  const bundle = { ...BUNDLE, version: '1.3.0' };
  t.deepEqual(stand.effects.at(-1), { kind: 'install', bundle, at: stand.now }, 'as its channel calls it');
});

test('with mode: notify a newer version is told, once, and a person may install it', (t) => {
  const stand = new Stand().hear(slots(), idle(), configured({ ...WANTED, mode: 'notify' })).pass(HOUR);
  stand
    .hear(manifest('1.3.0'))
    .pass(24 * HOUR + 3 * HOUR)
    .hear(manifest('1.3.0'));
  t.deepEqual(stand.wanted(), ['look', 'look']);
  t.deepEqual(stand.screen(), ['Update 1.3.0']);
  t.is(stand.updater.status?.available, '1.3.0');
  stand.hear({ kind: 'install', bundle: BUNDLE });
  t.is(stand.wanted().at(-1), 'install');
});

test('with mode: off, or without a url, nobody is asked; a person may still look where there is one', (t) => {
  const { url: _, ...nowhere } = WANTED;
  t.deepEqual(
    new Stand()
      .hear(slots(), idle(), configured(nowhere), { kind: 'check' })
      .pass(99 * HOUR)
      .wanted(),
    [],
  );
  const off = new Stand().hear(slots(), idle(), configured({ ...WANTED, mode: 'off' })).pass(99 * HOUR);
  t.deepEqual(off.wanted(), []);
  off.hear({ kind: 'check' }, { kind: 'check' }, manifest('1.3.0')).pass(99 * HOUR);
  t.deepEqual(off.wanted(), ['look']);
  t.is(off.updater.status?.available, '1.3.0');
});

const NOT_TAKEN: readonly [string, UpdateInput, Slots, RegExp | undefined][] = [
  ['the version that runs', manifest('1.2.0'), GOOD, undefined],
  ['an older one', manifest('1.1.9'), GOOD, /1\.1\.9 is older than 1\.2\.0/],
  ['another channel', manifest('1.3.0', 'beta'), GOOD, /of channel "beta", not of "stable"/],
  [
    'no manifest at all',
    { kind: 'manifest', octets: Buffer.from('<html>'), from: MANIFEST },
    GOOD,
    /no JSON/,
  ],
  [
    'what was tried and given up',
    manifest('1.3.0'),
    { ...GOOD, fell: 'b', other: { version: '1.3.0', good: false } },
    /1\.3\.0 was tried and given up/,
  ],
];

for (const [title, answer, said, reason] of NOT_TAKEN)
  test(`not taken: ${title}`, (t) => {
    const stand = new Stand().hear(slots(said), idle(), configured()).pass(HOUR).hear(answer);
    t.deepEqual(stand.wanted(), ['look']);
    if (reason === undefined) t.is(stand.updater.status?.refused, undefined);
    else t.regex(stand.updater.status?.refused ?? '', reason);
  });

test('what is installed in place of what was given up was not given up', (t) => {
  const fell = 'b' as const;
  const stand = new Stand().hear(slots({ ...GOOD, fell, other: { version: '1.3.0', good: false } }), idle());
  t.is(stand.updater.status?.fell, 'b');
  stand.hear({ kind: 'install', bundle: BUNDLE }, idle(false), { kind: 'installed' });
  // The boot state is read once, at the start.
  stand.hear(slots({ ...GOOD, fell, other: { version: '1.3.1', good: false } }));
  t.is(stand.updater.status?.fell, null);
  stand.hear(configured(), { kind: 'check' }, manifest('1.3.1'));
  t.is(stand.updater.status?.refused, undefined);
});

test('a version newer than the one that was given up is installed', (t) => {
  const said: Slots = { ...GOOD, fell: 'b', other: { version: '1.3.0', good: false } };
  t.deepEqual(
    new Stand().hear(slots(said), idle(), configured()).pass(HOUR).hear(manifest('1.3.1')).wanted(),
    ['look', 'install'],
  );
});

test('what was given up is told at the start, and a development key is', (t) => {
  const said: Slots = { ...GOOD, fell: 'b', other: { version: '1.3.0', good: false } };
  const stand = new Stand({ development: true }).hear(slots(said), slots(said));
  t.deepEqual(stand.screen(), ['Development key', 'Update rolled back']);
  t.regex(stand.told(), /1\.3\.0 in slot b was given up: 1\.2\.0 runs again/);
  const { fell, development } = stand.updater.status ?? {};
  t.deepEqual([fell, development], ['b', true]);
});

const SECRET = 'https://me:geheim@updates.example/x?token=geheim#y';

test('no line is too long for the display, and no secret of a URL is told', (t) => {
  const stand = new Stand({ development: true }).hear(slots(), idle(), configured()).pass(HOUR);
  stand.hear(manifest('1.300.4-some.long.name.of.a.build'), { kind: 'refused', reason: 'no' });
  stand.hear({
    kind: 'install',
    bundle: { source: SECRET, allowOlder: false },
  });
  stand.hear({ kind: 'refused', reason: `Failed to stream bundle ${SECRET}: no route` });
  t.regex(stand.told(), /installing https:\/\/updates\.example\/x\n/);
  t.regex(stand.updater.status?.refused ?? '', /Failed to stream bundle .*: no route/);
  t.notRegex(JSON.stringify(stand.updater.status), /geheim/);
  t.true(stand.screen().every((text) => text.length <= 20));
  t.notRegex(stand.told(), /geheim/);
});

const inputs: fc.Arbitrary<UpdateInput> = fc.oneof(
  fc.constantFrom<UpdateInput>(
    slots(),
    slots({ ...GOOD, state: 'trial' }),
    slots({ ...GOOD, fell: 'b' }),
    idle(),
    idle(false),
    configured(),
    configured({ ...WANTED, mode: 'notify' }),
    configured({ mode: 'off', channel: 'stable' }),
    { kind: 'serves' },
  ),
  fc.constantFrom<UpdateInput>(
    { kind: 'marked' },
    { kind: 'not marked', reason: 'x' },
    manifest('1.3.0'),
    manifest('1.0.0'),
    { kind: 'no manifest', reason: 'x' },
    { kind: 'laid', bundle: LAID },
    { kind: 'check' },
    { kind: 'install', bundle: BUNDLE },
    { kind: 'progress', percent: 200 },
  ),
  fc.constantFrom<UpdateInput>(
    { kind: 'installed' },
    { kind: 'runs already' },
    { kind: 'refused', reason: 'x' },
    { kind: 'not started', reason: 'x' },
    { kind: 'tick' },
  ),
);

test('whatever it hears in whatever order: it always rests, and never installs while in use or twice at once', (t) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(inputs, fc.nat(2 * HOUR)), { maxLength: 60 }), (story) => {
      const stand = new Stand();
      let [isIdle, isInstalling] = [false, false];
      for (const [input, pause] of story) {
        if (input.kind === 'idle') isIdle = input.idle;
        if (['installed', 'refused', 'runs already'].includes(input.kind)) isInstalling = false;
        const before = stand.effects.length;
        stand.hear(input);
        t.true(stand.updater.deadline > stand.now);
        stand.pass(pause);
        for (const { kind } of stand.effects.slice(before)) {
          if (kind === 'install') t.true(isIdle && !isInstalling);
          if (kind === 'restart') t.true(isIdle && !isInstalling);
          if (kind === 'install') isInstalling = true;
        }
      }
    }),
    { numRuns: 2000 },
  );
});
