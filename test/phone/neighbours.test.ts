/** Telephones on the LAN: dialled by number or name, shown on the display, and behind an account that works. */
import test from 'ava';
import type { PhoneNeighbour } from '#phone/types.ts';
import { ALICE, Desk, FLOW } from '../support/desk.ts';

const HALL: PhoneNeighbour = {
  ...{ extension: '205', name: 'Hall', uri: 'sip:205@dualtone-0204.local', fresh: true },
};
const BED: PhoneNeighbour = {
  ...HALL,
  extension: '206',
  name: 'Bedroom',
  uri: 'sip:206@dualtone-0205.local',
};
const ADA: PhoneNeighbour = { name: 'Ada', uri: 'sip:ada@192.0.2.9:5070', fresh: true };

function desk(accounts: readonly (typeof ALICE)[], neighbours: readonly PhoneNeighbour[] = [HALL, BED, ADA]) {
  const one = new Desk({ accounts, dial: { emergency: ['112'] } });
  one.give({ kind: 'addresses', addresses: { ipv4: ['192.0.2.10'], ipv6: [] } });
  one.give({ kind: 'lan', extension: '204', neighbours, met: [] });
  return one;
}

function dial(one: Desk, number: string): readonly string[] {
  one.give({ kind: 'dial', request: 1, number });
  return one
    .commands('call')
    .map(({ to, account }) => `${to}${account === undefined ? '' : ` by ${account}`}`);
}

test('a number of the LAN needs no account, and its owner is named', (t) => {
  const one = desk([]);
  t.deepEqual(dial(one, '205'), ['sip:205@dualtone-0204.local']);
  t.deepEqual(one.lines.slice(0, 2), ['Calling', 'Hall']);
});

test('a neighbour is shown by name and number, whichever way it was dialled', (t) => {
  const one = desk([]);
  dial(one, HALL.uri);
  t.deepEqual(one.lines.slice(0, 3), ['Calling', 'Hall', '205']);
  const book = desk([], [HALL]);
  book.give({ kind: 'hal', event: { kind: 'function', key: 'phone-book', down: true } });
  t.deepEqual(book.lines.slice(1, 3), ['Hall', '205']);
  book.press('#');
  t.deepEqual(book.lines.slice(0, 3), ['Calling', 'Hall', '205']);
});

test('who has no name on the LAN is shown by number, and by address who has neither', (t) => {
  const one = desk([], []);
  dial(one, 'sip:205@dualtone-0204.local:5062');
  t.deepEqual(one.lines.slice(0, 3), ['Calling', '205', '']);
  const other = desk([], []);
  dial(other, 'sip:dualtone-0204.local');
  t.deepEqual(other.lines.slice(0, 3), ['Calling', 'dualtone-0204.local', '']);
});

test('a number that is all there is to tell is told once', (t) => {
  const one = desk([], [{ ...HALL, name: '205' }]);
  t.is(one.lines[1], '205');
});

test('so does a name, whatever its case', (t) => {
  t.deepEqual(dial(desk([]), 'BEDROOM'), [BED.uri]);
  t.deepEqual(dial(desk([]), 'ada'), [ADA.uri]);
});

test('who has not been heard of lately is called if nobody else has the number', (t) => {
  const old = { ...HALL, fresh: false, uri: 'sip:205@old.local' };
  t.deepEqual(dial(desk([], [old, HALL]), '205'), [HALL.uri]);
  t.deepEqual(dial(desk([], [old]), '205'), [old.uri]);
});

test('an account that is registered goes before the neighbours, one that is not goes behind', (t) => {
  const one = desk([ALICE]);
  one.give({ kind: 'sip', event: { kind: 'registration', account: 'a', state: 'registered', flow: FLOW } });
  t.deepEqual(dial(one, '205'), ['sip:205@example.test by a']);
  t.deepEqual(dial(desk([ALICE]), '205'), [HALL.uri]);
  t.deepEqual(dial(desk([ALICE]), '300'), ['sip:300@example.test by a']);
});

test('an emergency number is never a neighbour’s', (t) => {
  const villain = { ...HALL, extension: '112', name: '112' };
  t.deepEqual(dial(desk([ALICE], [villain]), '112'), ['sip:112@example.test by a']);
  t.deepEqual(dial(desk([], [villain]), '112'), []);
});

test('nobody on the LAN has a number where an account of ours calls: who dials it would pay', (t) => {
  const villain = { ...HALL, uri: 'sip:09001234@Example.test;transport=tcp' };
  t.deepEqual(dial(desk([ALICE], [villain]), '205'), ['sip:205@example.test by a']);
  t.deepEqual(dial(desk([ALICE], [villain]), 'hall'), ['sip:hall@example.test by a']);
  const address = { ...ALICE, aor: 'sip:alice@192.0.2.9' };
  t.deepEqual(dial(desk([address]), 'ada'), ['sip:ada@192.0.2.9 by a']);
});

test('digits on the keys reach a neighbour', (t) => {
  const one = desk([]);
  one.lift();
  for (const key of ['2', '0', '5', '#'] as const) one.press(key);
  t.deepEqual(
    one.commands('call').map(({ to }) => to),
    [HALL.uri],
  );
});

test('*47 calls an IPv4 address, whoever lives there', (t) => {
  t.deepEqual(dial(desk([]), '*4710*0*0*9#'), ['sip:10.0.0.9']);
});

test('without an account the display names those who can be called, and who is new once', (t) => {
  const one = desk([]);
  t.deepEqual(one.lines.slice(0, 3), ['Kitchen          204', '205 Hall', '206 Bedroom       +1']);
  one.give({ kind: 'lan', extension: '207', neighbours: [HALL], met: ['205 Hall'] });
  t.deepEqual(one.lines, ['Kitchen          207', '205 Hall', '', 'New: 205 Hall']);
  one.clock.run(60_000);
  t.is(one.lines[3], '');
});

test('who is new waits until what else there is to read has been read', (t) => {
  const one = desk([]);
  one.give({ kind: 'notice', text: 'Settings refused', ms: 5000 });
  one.give({ kind: 'lan', extension: '204', neighbours: [HALL], met: ['205 Hall'] });
  t.is(one.lines[3], 'Settings refused');
  one.clock.run(5500);
  t.is(one.lines[3], 'New: 205 Hall');
  one.clock.run(60_000);
  t.is(one.lines[3], '');
});

test('who has gone is not shown', (t) => {
  const one = desk([], [{ ...HALL, fresh: false }]);
  t.is(one.lines[1], 'Direct calls only');
});

test('nobody is announced to who is on the telephone', (t) => {
  const one = desk([]);
  one.lift();
  one.give({ kind: 'lan', extension: '204', neighbours: [HALL], met: ['205 Hall'] });
  t.false(one.lines.some((line) => line.includes('New')));
});

test('the number of one who shows another key is not called, and the display says why', (t) => {
  const { extension = '', name } = BED;
  const one = desk([], [HALL]);
  const lan = { kind: 'lan', extension: '204', neighbours: [HALL], met: [] } as const;
  one.give({ ...lan, changed: [{ extension, name }] });
  one.lift();
  for (const key of ['2', '0', '6', '#'] as const) one.press(key);
  t.deepEqual(one.commands('call'), []);
  t.is(one.lines[3], 'Key has changed');
  one.putDown();
  t.deepEqual(dial(one, 'bedroom'), []);
  const [refused] = one.dialled.slice(-1);
  t.regex(refused?.error ?? '', /bedroom shows another key than before: accept it on the settings page/);
  one.give({ ...lan, neighbours: [HALL, BED] });
  t.deepEqual(dial(one, '206'), [BED.uri], 'until it is accepted');
});

test('who says to have the number of another is not called by who has the right key, nor in place of an account', (t) => {
  const one = desk([], [HALL]);
  const changed = [{ extension: '205', name: 'Hall' }];
  one.give({ kind: 'lan', extension: '204', neighbours: [HALL], met: [], changed });
  t.deepEqual(dial(one, '205'), [HALL.uri]);
  const other = desk([ALICE], []);
  other.give({ kind: 'lan', extension: '204', neighbours: [], met: [], changed });
  t.deepEqual(dial(other, '205'), ['sip:205@example.test by a']);
});
