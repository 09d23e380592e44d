/** Numbers that may not be dialled: refused before anything is sent, and told on the display, in the ear and in the log. */
import test from 'ava';
import { Accounts } from '#phone/accounts.ts';
import { Numbering } from '#phone/numbering.ts';
import { TIMINGS } from '#phone/timings.ts';
import { parseUri } from '#sip/message/uri.ts';
import { ALICE, Desk, TONES } from '../support/desk.ts';
import { mutations } from '../support/mutate.ts';

const dial = { emergency: ['112'], allow: ['06*', '204', '+31*'] };

/** Who is called when this is typed as a whole, or why nobody is. */
function typed(number: string, options: ConstructorParameters<typeof Desk>[0] = { dial }): string {
  const desk = new Desk(options);
  desk.give({ kind: 'dial', request: 1, number });
  const [call] = desk.commands('call');
  return call?.to ?? desk.dialled[0]?.error ?? 'service';
}

const ALLOWED: readonly (readonly [dialled: string, called: string])[] = [
  ['204', 'sip:204@example.test'],
  ['0612345678', 'sip:0612345678@example.test'],
  ['06-1234 5678', 'sip:0612345678@example.test'],
  ['tel:+31-20-1234567', 'sip:+31201234567@example.test;user=phone'],
  ['sip:204@example.test', 'sip:204@example.test'],
  ['112', 'sip:112@example.test'],
  ['tel:112', 'sip:112@example.test;user=phone'],
  ['*41', 'service'],
];
for (const [dialled, called] of ALLOWED) {
  test(`${dialled} may be dialled`, (t) => {
    t.is(typed(dialled), called);
  });
}

const BARRED = [
  '2040',
  '20',
  '0906123456',
  '0031612345678',
  'sip:0906123456@example.test',
  'sip:%30906@example.test',
  'sip:0906;x=06@example.test',
  'tel:0906123456',
  'bob',
  'sip:bob@example.net',
  '192.0.2.7',
  '*47192*0*2*7',
];
for (const dialled of BARRED) {
  test(`${dialled} may not be dialled`, (t) => {
    t.is(typed(dialled), `dial.allow bars ${dialled}`);
  });
}

test('a refused number is told on the display, in the ear and in the log, and nothing is sent', (t) => {
  const desk = new Desk({ dial });
  desk.lift();
  desk.press('0906#');
  t.deepEqual(desk.asked, []);
  t.is(desk.phone.state, 'special-information');
  t.is(desk.tone, TONES.specialInformation);
  t.deepEqual([desk.lines[0], desk.lines[3]], ['Unobtainable', 'Not allowed here']);
  t.is(desk.logged.at(-1), 'dial.allow bars 0906');
});

test('redial and phone book take no way round', (t) => {
  const desk = new Desk({ dial, contacts: [{ name: 'Chat line', number: '0906123456' }] });
  desk.lift();
  desk.give({ kind: 'hal', event: { kind: 'function', key: 'phone-book', down: true } });
  desk.press('#');
  t.deepEqual(desk.asked, []);
  t.is(desk.lines[3], 'Not allowed here');
});

test('what the map makes of a number is what counts', (t) => {
  const rewriting = { ...dial, map: '(<9:0>xxx.T|06xx.T)' };
  t.is(typed('9612', { dial: rewriting }), 'sip:0612@example.test');
  t.is(typed('9906', { dial: rewriting }), 'dial.allow bars 0906');
});

test('where none is allowed help still comes, by keys too', (t) => {
  const desk = new Desk({ dial: { emergency: ['112'], allow: [] } });
  desk.callOut('112');
  t.like(desk.commands('call'), [{ to: 'sip:112@example.test' }]);
  t.is(typed('113', { dial: { emergency: ['112'], allow: [] } }), 'dial.allow bars 113');
});

test('a neighbour is barred by its number as everybody else', (t) => {
  const neighbour = (extension: string) => {
    const desk = new Desk({ accounts: [], dial });
    const hall = { extension, name: 'Hall', uri: `sip:${extension}@hall.local`, fresh: true };
    desk.give({ kind: 'lan', extension: '210', neighbours: [hall], met: [] });
    desk.give({ kind: 'dial', request: 1, number: 'Hall' });
    return desk.commands('call').map(({ to }) => to);
  };
  t.deepEqual(neighbour('204'), ['sip:204@hall.local']);
  t.deepEqual(neighbour('205'), []);
});

test('with a star, or without a word of it, everything is allowed', (t) => {
  t.is(typed('sip:bob@example.net', { dial: { allow: ['*'] } }), 'sip:bob@example.net');
  t.is(typed('0906', { accounts: [ALICE] }), 'sip:0906@example.test');
});

test('no text, however it is written, calls a number that no pattern allows', (t) => {
  const numbering = new Numbering(new Accounts([ALICE]), dial, TIMINGS, () => {});
  const seeds = [...ALLOWED.map(([dialled]) => dialled), ...BARRED].map((text) => Buffer.from(text));
  let called = 0;
  for (const octets of mutations(seeds, 100_000, 6)) {
    const { target } = numbering.typed(Buffer.from(octets).toString());
    if (target.kind !== 'call') continue;
    called++;
    const uri = parseUri(target.uri);
    const user = uri !== undefined && 'user' in uri ? uri.user : undefined;
    t.regex(user ?? '', /^(?:06[\d*#]*|204|\+31[\d*#]*|112)$/, target.uri);
  }
  t.true(called > 1000, String(called));
});
