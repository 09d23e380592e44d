/**
 * The weight against networks with delays, jitter and loss: a race is played for each transaction as the agent plays
 * it, with a clock that jumps and seeded dice.
 */
import test from 'ava';
import type { Family } from '#address/endpoint.ts';
import { FamilyPreference } from '#address/preference.ts';
import { seededRandom } from '../support/mutate.ts';

const DESTINATION = 'example.com';
/** RFC 3261 T1, ms: what is lost is sent again after it, and a silent favourite is left then. */
const T1 = 500;
/** A probe without an answer for this long has failed, ms. */
const GIVEN_UP = 1_500;

interface World {
  /** Mean time to an answer, ms; Infinity: dead. */
  readonly rtt: Record<Family, number>;
  /** Greatest part of the time to be added, evenly spread; and now and then ten times that. */
  readonly jitterMs: number;
  readonly loss: number;
  readonly random: () => number;
  /** Connections: the loser of a race is reset, so that nothing late is heard. */
  readonly resets?: boolean;
}

/** Milliseconds from sending to answer. */
function answerTime(world: World, family: Family): number {
  const rare = world.random() < 0.01 ? 4 : 1;
  const once = world.rtt[family] + world.random() * world.jitterMs * rare;
  return world.random() < world.loss ? T1 + once : once;
}

interface Outcome {
  readonly winner: Family | undefined;
  /** From the start to the answer, ms. */
  readonly took: number;
}

/** One transaction. Without a fresh verdict both families are probed, the second after the head start. */
function transact(preference: FamilyPreference, world: World, now: number): Outcome {
  const plan = preference.plan(DESTINATION, now);
  const second: Family = plan.first === 6 ? 4 : 6;
  const wait = plan.fresh ? T1 : plan.headStartMs;
  const alone = answerTime(world, plan.first);
  if (plan.recheck !== undefined) {
    const back = world.rtt[plan.recheck];
    if (back < GIVEN_UP) preference.alive(DESTINATION, plan.recheck, now + back);
    else preference.failed(DESTINATION, plan.recheck, now + GIVEN_UP);
  }
  if (alone <= wait) {
    preference.won(DESTINATION, plan.first, { raced: false }, now + alone);
    return { winner: plan.first, took: alone };
  }
  const other = wait + answerTime(world, second);
  const [winner, loser, took, late]: [Family, Family, number, number] =
    alone <= other ? [plan.first, second, alone, other] : [second, plan.first, other, alone];
  if (took === Infinity) {
    for (const family of [winner, loser]) preference.failed(DESTINATION, family, now + GIVEN_UP);
    return { winner: undefined, took };
  }
  preference.won(DESTINATION, winner, { raced: true }, now + took);
  if (world.resets === true && late < Infinity) return { winner, took };
  if (late <= took + GIVEN_UP) preference.alive(DESTINATION, loser, now + late);
  else preference.failed(DESTINATION, loser, now + took + GIVEN_UP);
  return { winner, took };
}

const weight = (preference: FamilyPreference, now: number): number =>
  preference.weights(now).find(({ destination }) => destination === DESTINATION)?.p ?? 0;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** Between transactions, ms: with a fresh verdict nearly always, or never, or as rarely as registrations come. */
const PACES = { seconds: 3 * SECOND, minutes: 2 * MINUTE, hours: 60 * MINUTE };
const DIFFERENCES = Array.from({ length: 31 }, (_, index) => -300 + 20 * index);

/** The weights after each of `count` transactions. */
function weightsOf(preference: FamilyPreference, world: World, from: number, pace: number, count: number) {
  return Array.from({ length: count }, (_, index) => {
    const now = from + index * pace;
    transact(preference, world, now);
    return weight(preference, now);
  });
}

/** How often the side changed; 0 is on neither. */
function changes(weights: readonly number[]): number {
  const sides = weights.map(Math.sign).filter((side) => side !== 0);
  return sides.filter((side, index) => index > 0 && side !== sides[index - 1]).length;
}

function worldOf(difference: number, jitterMs: number, loss: number, seed: number): World {
  const rtt = { 6: 20 + Math.max(0, -difference), 4: 20 + Math.max(0, difference) };
  return { rtt, jitterMs, loss, random: seededRandom(seed) };
}

for (const [pace, ms] of Object.entries(PACES)) {
  for (const [jitterMs, loss] of [
    [0, 0],
    [15, 0],
    [60, 0],
    [15, 0.01],
  ] as const) {
    const air = `${jitterMs} ms of jitter and ${loss * 100} % of loss`;
    test(`P converges within 10 and then changes sides at most once in 1000: ${pace} apart, ${air}`, (t) => {
      for (const difference of DIFFERENCES) {
        for (const seed of [1, 2, 3]) {
          const preference = new FamilyPreference();
          const world = worldOf(difference, jitterMs, loss, seed * 1_000 + difference);
          const first = weightsOf(preference, world, 0, ms, 10);
          const later = weightsOf(preference, world, 10 * ms, ms, 1_000);
          const story = `IPv4 − IPv6 = ${difference} ms, seed ${seed}: ${first.join(' ')} …`;
          t.true(changes([...first.slice(-1), ...later]) <= 1, story);
          if (jitterMs === 0) t.is(Math.abs(first.at(-1) ?? 0), 20, story);
          if (jitterMs <= 15 && loss === 0) t.true(Math.abs(first.at(-1) ?? 0) >= 8, story);
          if (difference > 0 && jitterMs <= 15) t.true((later.at(-1) ?? 0) > 0, story);
          if (difference <= -100 && jitterMs <= 15) t.true((later.at(-1) ?? 0) < 0, story);
        }
      }
    });
  }
}

test('P converges as well where connections race and the loser is reset unheard', (t) => {
  for (const pace of Object.values(PACES)) {
    for (const difference of DIFFERENCES) {
      const preference = new FamilyPreference();
      const world = { ...worldOf(difference, 15, 0, difference), resets: true };
      const first = weightsOf(preference, world, 0, pace, 10);
      const later = weightsOf(preference, world, 10 * pace, pace, 1_000);
      const story = `IPv4 − IPv6 = ${difference} ms: ${first.join(' ')} …`;
      t.true(Math.abs(first.at(-1) ?? 0) >= 8, story);
      t.true(changes([...first.slice(-1), ...later]) <= 1, story);
    }
  }
});

for (const start of [20, -20]) {
  test(`from ${start} the quicker side is reached within ten transactions too`, (t) => {
    for (const pace of [PACES.seconds, PACES.minutes]) {
      const preference = new FamilyPreference({
        attachment: '',
        destinations: [{ attachment: '', destination: DESTINATION, p: start }],
      });
      const world = worldOf(start > 0 ? -300 : 300, 0, 0, 1);
      t.is(weightsOf(preference, world, 0, pace, 10).at(-1), -start);
    }
  });
}

const FAMILIES: readonly Family[] = [6, 4];
const withDead = (world: World, dead: Family): World => ({
  ...world,
  rtt: { ...world.rtt, [dead]: Infinity },
});

for (const dead of FAMILIES) {
  for (const [pace, ms] of Object.entries(PACES)) {
    test(`IPv${dead} dies, is not waited for again, and is used again when it lives: ${pace} apart`, (t) => {
      for (const difference of [-250, -100, -40, 0, 40, 100, 250]) {
        const preference = new FamilyPreference();
        const world = worldOf(difference, 10, 0, 77 + difference);
        const before = weightsOf(preference, world, 0, ms, 20);
        const settled = Math.sign(before.at(-1) ?? 0);
        const story = `IPv4 − IPv6 = ${difference} ms`;

        const broken = withDead(world, dead);
        const took = Array.from(
          { length: 20 },
          (_, index) => transact(preference, broken, (20 + index) * ms).took,
        );
        const living: Family = dead === 6 ? 4 : 6;
        const longest = world.rtt[living] + 40;
        t.true((took[0] ?? Infinity) <= T1 + longest, story);
        for (const later of took.slice(1)) t.true(later <= longest, `${story}: ${took.join(' ')}`);

        // The longest pause is five minutes: one plan after it asks, the next knows.
        const healed = 40 * ms + 5 * MINUTE;
        const winners = Array.from(
          { length: 6 },
          (_, index) => transact(preference, world, healed + index * ms).winner,
        );
        const preferred: Family = settled > 0 ? 6 : 4;
        t.deepEqual(
          winners.slice(1),
          Array.from({ length: 5 }, () => preferred),
          story,
        );
        t.is(Math.sign(weight(preference, healed + 6 * ms)), settled, story);
      }
    });
  }
}

test('when both die nothing is waited for, and the first that lives is used', (t) => {
  const world = worldOf(0, 0, 0, 5);
  const preference = new FamilyPreference();
  weightsOf(preference, world, 0, MINUTE, 20);
  const dark = withDead(withDead(world, 6), 4);
  t.is(transact(preference, dark, 20 * MINUTE).winner, undefined);
  const plan = preference.plan(DESTINATION, 20 * MINUTE + 2 * SECOND);
  t.deepEqual([plan.headStartMs, plan.fresh], [0, false]);
  const half = withDead(world, 6);
  t.deepEqual(transact(preference, half, 20 * MINUTE + 3 * SECOND), { winner: 4, took: 20 });
});
