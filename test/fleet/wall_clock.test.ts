import test from 'ava';
import fc from 'fast-check';
import { sipDate, WallClock } from '#fleet/wall_clock.ts';

const NOW = Date.UTC(1970, 0, 1, 0, 1);
const TRUE = Date.UTC(2026, 10, 20, 12);

function clock(mayBeSet: boolean) {
  const stand = { system: NOW, log: [] as string[] };
  const wall = new WallClock({
    system: () => stand.system,
    set: (time) => {
      if (mayBeSet) stand.system = time;
      return mayBeSet;
    },
    log: (text) => void stand.log.push(text),
  });
  return { stand, wall };
}

test('what time servers say is the time, whether the system lets itself be set or not', (t) => {
  for (const mayBeSet of [true, false]) {
    const { stand, wall } = clock(mayBeSet);
    wall.ntp(TRUE - NOW);
    t.is(wall.now(), TRUE);
    t.is(stand.system, mayBeSet ? TRUE : NOW);
    t.is(stand.log.length, 1);
    wall.ntp(mayBeSet ? 0 : TRUE - NOW);
    t.is(wall.now(), TRUE);
    t.is(stand.log.length, 1);
  }
});

test('a system that is right to a second keeps its clock, and nothing is said', (t) => {
  const { stand, wall } = clock(true);
  wall.ntp(400);
  t.is(wall.now(), NOW + 400);
  t.is(stand.system, NOW);
  t.deepEqual(stand.log, []);
});

test('the Date of a SIP server counts where the clock is far off and no time server has spoken', (t) => {
  const { wall } = clock(false);
  wall.sip('Fri, 20 Nov 2026 12:00:00 GMT');
  t.is(wall.now(), TRUE);
  t.is(wall.source, 'sip');
  wall.sip('Fri, 20 Nov 2026 12:00:50 GMT');
  t.is(wall.now(), TRUE);
  wall.ntp(TRUE + 5000 - NOW);
  wall.sip('Sat, 20 Nov 2027 12:00:00 GMT');
  t.is(wall.now(), TRUE + 5000);
});

test('a Date is read as RFC 3261 25.1 writes it, and in no other way', (t) => {
  t.is(sipDate('Sat, 13 Nov 2010 23:29:00 GMT'), Date.UTC(2010, 10, 13, 23, 29));
  for (const text of [
    '',
    'Sat, 13 Nov 2010 23:29:00 CET',
    'Sat, 31 Feb 2010 23:29:00 GMT',
    '2010-11-13T23:29:00Z',
  ])
    t.is(sipDate(text), undefined);
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date('2199-01-01'), noInvalidDate: true }), (date) => {
      t.is(sipDate(date.toUTCString()), Math.floor(date.getTime() / 1000) * 1000);
    }),
  );
  fc.assert(fc.property(fc.string(), (text) => sipDate(text) === undefined));
});

test('who says that it is earlier than this firmware is not believed: old certificates stay old', (t) => {
  const { stand, wall } = clock(true);
  wall.ntp(TRUE - NOW);
  stand.log.length = 0;
  const early = Date.UTC(2025, 11, 31, 23, 59, 59);
  wall.ntp(early - TRUE);
  t.is(stand.system, TRUE);
  t.deepEqual(stand.log, ['time servers say that it is earlier than this firmware: they are not believed']);
  const other = clock(true);
  other.wall.sip('Wed, 31 Dec 2025 23:59:59 GMT');
  other.wall.ntp(early - NOW);
  t.is(other.stand.system, NOW);
  t.is(other.wall.source, 'system');
});
