import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import test from 'ava';
import { knownZone, LocalTime, shownTime } from '#fleet/local_time.ts';
import type { ShownTime } from '#phone/types.ts';

const NOON = Date.UTC(2026, 10, 20, 12, 5);

for (const [time, zone, date, clock] of [
  [NOON, 'Europe/Amsterdam', 'Fri 20 Nov', '13:05'],
  [NOON, 'America/New_York', 'Fri 20 Nov', '07:05'],
  [NOON, 'Pacific/Kiritimati', 'Sat 21 Nov', '02:05'],
  [Date.UTC(2026, 8, 1, 22, 0), 'Europe/Amsterdam', 'Wed 2 Sep', '00:00'],
  [Date.UTC(2026, 11, 31, 23, 59), 'UTC', 'Thu 31 Dec', '23:59'],
] as const) {
  test(`${clock} on ${date} is what ${zone} reads at ${new Date(time).toISOString()}`, (t) => {
    t.deepEqual(shownTime(time, zone), { date, time: clock });
  });
}

for (const [language, date] of [
  ['nl', 'vr 20 nov'],
  ['de', 'Fr 20 Nov'],
  ['fr', 'ven 20 nov'],
] as const) {
  test(`the day is ${date} to who speaks ${language}`, (t) => {
    t.deepEqual(shownTime(NOON, 'UTC', language), { date, time: '12:05' });
  });
}

for (const language of ['en', 'nl', 'de', 'fr']) {
  test(`a date and a time have room beside each other on any day of a year in ${language}, and no two look alike`, (t) => {
    const days = Array.from({ length: 365 }, (_, day) => shownTime(NOON + day * 86_400_000, 'UTC', language));
    for (const { date, time } of days) t.true(date.length <= 11 && time.length === 5, `${date} ${time}`);
    t.is(new Set(days.map(({ date }) => date)).size, 365);
  });
}

test('only zones that there are count', (t) => {
  t.is(knownZone('Europe/Amsterdam'), 'Europe/Amsterdam');
  t.is(knownZone('Europe/Nowhere'), undefined);
  t.is(knownZone(undefined), undefined);
});

/** TZ counts in a process of its own only: the tests' threads have a copy of the environment. */
const IN_A_PROCESS = `
import { LocalTime } from '#fleet/local_time.ts';
const told = [];
const local = new LocalTime({ time: () => ${NOON}, show: ({ time }) => told.push(time) });
const hours = () => new Date(${NOON}).getHours();
told.push(hours());
local.use('Asia/Kolkata');
told.push(hours(), local.zone);
local.use('Asia/Kolkata');
local.use(undefined);
told.push(hours(), local.zone);
console.log(JSON.stringify(told));
`;

for (const [own, hours, zone, time] of [
  ['UTC', 12, 'UTC', '12:05'],
  ['America/New_York', 7, 'America/New_York', '07:05'],
] as const) {
  test(`the zone is that of the whole process, and ${own}, which was before it, comes back`, async (t) => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', IN_A_PROCESS],
      { env: { ...process.env, TZ: own } },
    );
    t.deepEqual(JSON.parse(stdout), [hours, '17:35', 17, 'Asia/Kolkata', time, hours, zone]);
  });
}

test('the clock on the display moves with the minutes, and is empty while nobody knows the time', async (t) => {
  const shown: (ShownTime | undefined)[] = [];
  let now: number | undefined;
  const [moved, move] = [Promise.withResolvers<void>(), () => moved.resolve()];
  const local = new LocalTime({
    time: () => now,
    show: (each) => {
      shown.push(each);
      if (shown.length === 3) move();
    },
    environment: { TZ: 'UTC' },
  });
  t.teardown(() => local.close());
  local.tell();
  now = NOON + 59_950;
  local.tell();
  const waiting = setTimeout(() => {}, 5000);
  now = NOON + 60_000;
  await moved.promise;
  clearTimeout(waiting);
  t.is(shown[0], undefined);
  t.regex(shown[1]?.time ?? '', /:05$/);
  t.regex(shown[2]?.time ?? '', /:06$/);
});
