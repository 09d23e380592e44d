import test from 'ava';
import { type Digit, PULSE_CODINGS, type PulseCoding, pulsesOf } from '#hal/parts/pulse_coding.ts';
import type { DialContact } from '#hal/parts/pulse_dial.ts';
import { PulseLearner, type PulseLearnerEvent, type PulseLearnerInput } from '#hal/parts/pulse_learner.ts';
import {
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

interface Dial {
  readonly pulse: DialContact;
  readonly offNormal: DialContact | undefined;
  readonly coding: PulseCoding;
}

const CONTACTS: readonly DialContact[] = ['normally-closed', 'normally-open'];

/** A person dials the digits one after the other, each as soon as it is asked for, every 8 s. */
function dialled(random: Random, { pulse, offNormal, coding }: Dial, digits: readonly Digit[]) {
  const given: Timed<PulseLearnerInput>[] = [];
  const level = (contact: 'pulse' | 'off-normal', wired: DialContact, edges: readonly Edge[]) => {
    for (const { at, closed } of edges)
      given.push({
        at,
        value: { kind: 'level', contact, closed: closed === (wired === 'normally-closed') },
      });
  };
  level('pulse', pulse, [{ at: 0, closed: true }]);
  // A line that leads nowhere is pulled up.
  level('off-normal', offNormal ?? 'normally-closed', [{ at: 0, closed: true }]);
  const rate = between(random, 7, 22);
  for (const [index, digit] of digits.entries()) {
    const at = 1000 + index * 8000;
    given.push({ at, value: { kind: 'expect', digit } });
    const count = pulsesOf(digit, coding);
    const wound = [
      { at: at + 300, closed: false },
      { at: at + 1600 + (count * 1000) / rate, closed: true },
    ];
    level('pulse', pulse, bounced(random, pulses({ at: at + 1500, pulses: count, rate, open: 0.6 })));
    if (offNormal) level('off-normal', offNormal, bounced(random, wound));
  }
  return given;
}

function heard(given: readonly Timed<PulseLearnerInput>[]): PulseLearnerEvent[] {
  return valuesOf(play(new PulseLearner(), given, 60_000));
}

test('polarity, off-normal contact and coding are found from two digits, whatever the wiring', (t) => {
  const random = seededRandom(30);
  for (const pulse of CONTACTS)
    for (const offNormal of [...CONTACTS, undefined])
      for (const coding of PULSE_CODINGS)
        for (const second of ['3', '1', '0'] as const) {
          const dial = { pulse, offNormal, coding };
          const events = heard(dialled(random, dial, ['1', second]));
          t.deepEqual(events, [
            { kind: 'heard', digit: '1', pulses: pulsesOf('1', coding) },
            { kind: 'learned', wiring: { pulse, coding, ...(offNormal && { offNormal }) } },
          ]);
        }
});

test('who comes late with the time finds the same', (t) => {
  const dial = { pulse: 'normally-open', offNormal: 'normally-open', coding: 'SE' } as const;
  const given = dialled(seededRandom(35), dial, ['1', '7']);
  const events = valuesOf(play(new PulseLearner(), given, 60_000, () => 1e6));
  t.deepEqual(events, heard(given));
  t.is(events.at(-1)?.kind, 'learned');
});

test('digits that two codings share do not settle it; a third one does', (t) => {
  const dial = { pulse: 'normally-closed', offNormal: undefined, coding: 'NZ' } as const;
  t.deepEqual(heard(dialled(seededRandom(31), dial, ['5', '0', '7'])), [
    { kind: 'heard', digit: '5', pulses: 5 },
    { kind: 'heard', digit: '0', pulses: 10 },
    { kind: 'learned', wiring: { pulse: 'normally-closed', coding: 'NZ' } },
  ]);
});

test('a dial that nobody turns is silent', (t) => {
  const quiet: Timed<PulseLearnerInput>[] = [
    { at: 0, value: { kind: 'level', contact: 'pulse', closed: true } },
    { at: 100, value: { kind: 'expect', digit: '1' } },
  ];
  t.deepEqual(play(new PulseLearner(), quiet, 60_000), [
    { at: 15_100, value: { kind: 'unclear', reason: 'silent' } },
  ]);
});

test('lines that are exchanged are told', (t) => {
  const dial = { pulse: 'normally-closed', offNormal: 'normally-open', coding: 'standard' } as const;
  const exchanged = dialled(seededRandom(32), dial, ['4']).map(({ at, value }) => ({
    at,
    value:
      value.kind === 'level'
        ? { ...value, contact: value.contact === 'pulse' ? ('off-normal' as const) : ('pulse' as const) }
        : value,
  }));
  t.deepEqual(heard(exchanged), [{ kind: 'unclear', reason: 'swapped' }]);
});

test('a contact that does not come back is stuck', (t) => {
  const dial = { pulse: 'normally-closed', offNormal: 'normally-open', coding: 'standard' } as const;
  const given = dialled(seededRandom(33), dial, ['4']);
  const stuck = given.filter(
    ({ at, value }) => value.kind !== 'level' || value.contact === 'pulse' || at < 2000,
  );
  t.deepEqual(heard(stuck), [{ kind: 'unclear', reason: 'stuck' }]);
});

test('a number of pulses that fits no coding begins anew', (t) => {
  const dial = { pulse: 'normally-closed', offNormal: undefined, coding: 'standard' } as const;
  const given = dialled(seededRandom(34), dial, ['1', '5', '1', '2']).map(({ at, value }) => ({
    at,
    value: value.kind === 'expect' && value.digit === '5' ? { ...value, digit: '2' as const } : value,
  }));
  t.deepEqual(
    heard(given).map((event) => (event.kind === 'unclear' ? event.reason : event.kind)),
    ['heard', 'no-coding', 'heard', 'learned'],
  );
});
