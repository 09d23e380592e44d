/** Keys that call without digits: the phone book, messages. */
import test from 'ava';
import fc from 'fast-check';
import type { FunctionKey } from '#hal/types.ts';
import { PhoneBook } from '#phone/phone_book.ts';
import { textsOf } from '#phone/texts.ts';
import { ALICE, Desk, type DeskOptions } from '../support/desk.ts';

const ANN = { name: 'Ann', number: '101' };
const BOB = { name: 'bob', number: '102' };
const EVE = { name: 'Éve', number: 'sip:eve@example.net' };

function hit(desk: Desk, key: FunctionKey): void {
  desk.give({ kind: 'hal', event: { kind: 'function', key, down: true } });
  desk.give({ kind: 'hal', event: { kind: 'function', key, down: false } });
}

const desk = (options: DeskOptions = {}) => new Desk({ contacts: [EVE, BOB, ANN], ...options });
const called = (of: Desk): readonly string[] => of.commands('call').map(({ to }) => to);
const turn = (of: Desk, step: 1 | -1) => of.give({ kind: 'hal', event: { kind: 'volume', step } });

test('the key opens the book by names, and turns its pages round and round', (t) => {
  const phone = desk();
  hit(phone, 'phone-book');
  t.deepEqual(phone.lines, ['Phone book       1/3', 'Ann', '101', 'Lift or # to call']);
  hit(phone, 'phone-book');
  t.is(phone.lines[1], 'bob');
  turn(phone, 1);
  t.deepEqual(phone.lines.slice(1, 3), ['Éve', 'eve@example.net']);
  turn(phone, 1);
  t.is(phone.lines[1], 'Ann');
  turn(phone, -1);
  t.is(phone.lines[1], 'Éve');
  t.deepEqual(phone.engine('volume'), [], 'the volume is what it was');
});

test('digits leap to a letter, with or without its marks, and dial nothing', (t) => {
  const phone = desk();
  hit(phone, 'phone-book');
  phone.press('3');
  t.is(phone.lines[1], 'Éve');
  phone.press('2');
  t.is(phone.lines[1], 'Ann');
  phone.press('2');
  t.is(phone.lines[1], 'bob');
  phone.press('9');
  t.is(phone.lines[1], 'bob', 'nobody begins with W to Z');
  t.is(phone.phone.state, 'idle');
});

test('lifting calls who is shown', (t) => {
  const phone = desk();
  hit(phone, 'phone-book');
  hit(phone, 'phone-book');
  phone.lift();
  t.deepEqual(called(phone), ['sip:102@example.test']);
  t.is(phone.phone.state, 'calling');
  t.is(phone.lines[0], 'Calling');
  phone.putDown();
  t.is(phone.phone.state, 'idle');
});

test('# calls hands-free from the cradle, and from the receiver with it', (t) => {
  const phone = desk();
  hit(phone, 'phone-book');
  phone.press('3#');
  t.deepEqual(called(phone), ['sip:eve@example.net']);
  t.is(phone.phone.front().lamps.speaker, 'on');
  hit(phone, 'speaker');
  phone.lift();
  hit(phone, 'phone-book');
  t.is(phone.lines[1], 'Ann');
  phone.press('#');
  t.is(called(phone).length, 2);
  t.is(phone.phone.front().lamps.speaker, undefined);
});

test('the speaker key calls who is shown', (t) => {
  const phone = desk();
  hit(phone, 'phone-book');
  hit(phone, 'speaker');
  t.deepEqual(called(phone), ['sip:101@example.test']);
});

test('* closes the book, and so does time', (t) => {
  const phone = desk();
  const resting = phone.lines;
  hit(phone, 'phone-book');
  phone.press('*');
  t.deepEqual(phone.lines, resting);
  hit(phone, 'phone-book');
  phone.clock.run(19_000);
  hit(phone, 'phone-book');
  phone.clock.run(19_000);
  t.is(phone.lines[1], 'bob');
  phone.clock.run(1001);
  t.deepEqual(phone.lines, resting);
  phone.lift();
  t.deepEqual(called(phone), []);
});

test('who rings closes the book, and is answered by lifting', (t) => {
  const phone = desk();
  hit(phone, 'phone-book');
  phone.incoming();
  t.is(phone.lines[0], 'Incoming call');
  phone.lift();
  t.is(phone.phone.state, 'talking');
  t.deepEqual(called(phone), []);
  hit(phone, 'phone-book');
  t.is(phone.phone.state, 'talking', 'no book in a call');
});

test('an empty book says so', (t) => {
  const phone = new Desk();
  hit(phone, 'phone-book');
  t.is(phone.lines[3], 'Phone book is empty');
  phone.clock.run(10_001);
  t.is(phone.lines[3], '');
  phone.lift();
  hit(phone, 'phone-book');
  t.deepEqual(phone.lines.slice(1, 3), ['Dial a number', 'Phone book is empty']);
});

test('who is on the LAN is in the book, once', (t) => {
  const phone = desk();
  const near = (name: string, uri: string, fresh = true) => ({ name, uri, fresh, extension: '' });
  phone.give({
    kind: 'lan',
    extension: '204',
    neighbours: [
      near('Hall', 'sip:201@[fe80::1%eth0]'),
      near('Eve', EVE.number),
      near('Gone', 'sip:x', false),
    ],
    met: [],
  });
  hit(phone, 'phone-book');
  t.is(phone.lines[0], 'Phone book       1/4');
  phone.press('4');
  t.is(phone.lines[1], 'Hall');
});

test('messages dials the mailbox of the account that would call', (t) => {
  const phone = new Desk({ accounts: [{ ...ALICE, voicemail: '*97' }] });
  hit(phone, 'messages');
  t.deepEqual(called(phone), ['sip:*97@example.test']);
  t.is(phone.phone.front().lamps.speaker, 'on');
  hit(phone, 'messages');
  t.is(called(phone).length, 1, 'in a call it changes nothing');
});

test('messages without a mailbox says so', (t) => {
  const phone = new Desk();
  hit(phone, 'messages');
  t.is(phone.lines[3], 'No mailbox number');
  t.is(phone.phone.state, 'idle');
});

test('redial says that there is nothing to redial', (t) => {
  const phone = new Desk();
  hit(phone, 'redial');
  t.is(phone.lines[3], 'Nothing dialled yet');
});

test('whatever is done to a book, somebody of it is shown until it is closed', (t) => {
  const contact = fc.record({ name: fc.string({ minLength: 1 }), number: fc.string({ minLength: 1 }) });
  const step = fc.oneof(
    fc.constantFrom(...'0123456789*#').map((key) => (book: PhoneBook) => book.leap(key)),
    fc.constantFrom<1 | -1>(1, -1).map((by) => (book: PhoneBook) => book.turn(by)),
  );
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.array(contact), fc.array(contact), fc.array(step), (own, others, steps) => {
        const book = new PhoneBook(own, textsOf());
        for (const early of steps) early(book);
        if (book.contact !== undefined) return false;
        if (book.open(others) !== own.length + others.length > 0) return false;
        for (const each of steps) {
          each(book);
          const { contact: shown, lines } = book;
          if ((shown === undefined) !== (own.length + others.length === 0)) return false;
          if (shown !== undefined && ![...own, ...others].includes(shown)) return false;
          if (lines !== undefined && lines.length !== 4) return false;
        }
        book.close();
        return book.contact === undefined && book.lines === undefined;
      }),
      { numRuns: 2000 },
    ),
  );
});
