import test from 'ava';
import { HOWLER } from '#media/tones_by_country.ts';
import { Desk, TONES } from '../support/desk.ts';

test('dial tone stops at the first key, which sounds in the ear', (t) => {
  const desk = new Desk();
  desk.lift();
  t.is(desk.tone, TONES.dial);
  t.deepEqual(desk.engine('handset'), [{ kind: 'handset', inUse: true }]);
  desk.press('5');
  t.deepEqual(desk.tone?.intro, [{ hz: [770, 1336], ms: 100 }]);
  t.deepEqual(desk.tone?.loop, []);
});

test('# ends the number and it is called at the account', (t) => {
  const desk = new Desk();
  desk.lift();
  desk.press('123#');
  t.like(desk.commands('call'), [{ to: 'sip:123@example.test', account: 'a' }]);
  t.is(desk.tone, undefined);
});

test('a pause of four seconds ends the number as well', (t) => {
  const desk = new Desk();
  desk.lift();
  desk.press('12');
  desk.clock.run(3999);
  desk.press('3');
  desk.clock.run(3999);
  t.deepEqual(desk.asked, []);
  desk.clock.run(1);
  t.like(desk.commands('call'), [{ to: 'sip:123@example.test' }]);
});

test('a complete number of the map goes without waiting, an incomplete one ends in a tone', (t) => {
  const desk = new Desk({ dial: { map: '[2-7]xx' } });
  desk.lift();
  desk.press('234');
  t.like(desk.commands('call'), [{ to: 'sip:234@example.test' }]);
  desk.putDown();
  desk.lift();
  desk.press('23');
  desk.clock.run(15_000);
  t.is(desk.phone.state, 'special-information');
  t.is(desk.lines[3], 'Number incomplete');
});

test('a wrong number is told at once', (t) => {
  const desk = new Desk({ dial: { map: '[2-7]xx' } });
  desk.lift();
  desk.press('9');
  t.is(desk.tone, TONES.specialInformation);
  t.is(desk.lines[3], 'Not in dial plan');
});

test('an emergency number is called at once, and cannot be put on hold', (t) => {
  const desk = new Desk({ dial: { emergency: ['112'] } });
  const call = desk.callOut('112');
  t.like(desk.commands('call'), [{ to: 'sip:112@example.test' }]);
  desk.answered(call);
  desk.flash();
  t.is(desk.phone.state, 'talking');
});

test('nobody dials: congestion after 15 s, the howler a minute later, silence on hook', (t) => {
  const desk = new Desk();
  desk.lift();
  desk.clock.run(14_999);
  t.is(desk.tone, TONES.dial);
  desk.clock.run(1);
  t.is(desk.tone, TONES.congestion);
  desk.clock.run(60_000);
  t.is(desk.tone, HOWLER);
  desk.clock.run(3_600_000);
  t.is(desk.tone, HOWLER);
  desk.putDown();
  t.is(desk.tone, undefined);
  t.deepEqual(desk.engine('handset').at(-1), { kind: 'handset', inUse: false });
});

test('keys on hook do nothing', (t) => {
  const desk = new Desk();
  desk.press('123#');
  t.is(desk.phone.state, 'idle');
  desk.lift();
  t.is(desk.lines[1], 'Dial a number');
});

test('a number without an account ends in congestion, with the reason on the display and in the log', (t) => {
  const desk = new Desk({ accounts: [] });
  desk.lift();
  desk.press('123#');
  t.is(desk.tone, TONES.congestion);
  t.is(desk.lines[3], 'No account');
  t.regex(desk.logged.join(), /add one to accounts/);
});

test('the first registered account makes the call', (t) => {
  const second = { id: 'b', aor: 'carol@example.org', label: 'Carol', codecs: ['pcmu'] };
  const desk = new Desk({ accounts: [{ id: 'a', aor: 'alice@example.test', label: 'Alice' }, second] });
  desk.sip({ kind: 'registration', account: 'a', state: 'failed', error: '403 Forbidden' });
  desk.sip({ kind: 'registration', account: 'b', state: 'registered', expires: 300 });
  desk.callOut();
  t.like(desk.commands('call'), [{ to: 'sip:123@example.org', account: 'b' }]);
  t.regex(desk.commands('described')[0]?.sdp ?? '', /m=audio \d+ RTP\/AVP 0 /);
});

test('dial on hook goes hands-free and rests when the call ends', (t) => {
  const desk = new Desk();
  desk.give({ kind: 'dial', request: 7, number: 'bob@[2001:db8::1]' });
  const [dialled] = desk.dialled;
  t.like(dialled, { request: 7, call: 'out-1' });
  t.like(desk.commands('call'), [{ to: 'sip:bob@[2001:db8::1]' }]);
  t.is(desk.phone.front().hook, 'off');
  desk.ended('out-1', { status: 486, reason: 'Busy Here' });
  t.is(desk.phone.state, 'idle');
  t.is(desk.phone.front().hook, 'on');
  t.is(desk.tone, undefined);
  t.is(desk.lines[3], '486 Busy Here');
  desk.clock.run(10_000);
  t.is(desk.lines[3], '');
});

test('lifting the handset takes a hands-free call over', (t) => {
  const desk = new Desk();
  desk.give({ kind: 'dial', request: 1, number: '123' });
  desk.lift();
  t.is(desk.phone.state, 'calling');
  desk.ended('out-1', { status: 486 });
  t.is(desk.phone.state, 'busy');
});

test('on-hook ends a hands-free call too', (t) => {
  const desk = new Desk();
  desk.give({ kind: 'dial', request: 1, number: '123' });
  desk.putDown();
  t.deepEqual(desk.asked, ['call', 'hang-up']);
  t.is(desk.phone.state, 'idle');
});

const REFUSED: readonly (readonly [
  why: string,
  prepare: (desk: Desk) => void,
  number: string,
  error: RegExp,
])[] = [
  ['something rings', (desk) => desk.incoming(), '123', /ringing/],
  ['a call is under way', (desk) => desk.callOut(), '123', /in use/],
  ['the number means nothing', () => undefined, 'bob smith', /neither a number nor an address/],
  ['it is empty', () => undefined, ' ', /nothing was dialled/],
];

for (const [why, prepare, number, error] of REFUSED) {
  test(`dial fails with a reason when ${why}`, (t) => {
    const desk = new Desk();
    prepare(desk);
    const { state } = desk.phone;
    desk.forget();
    desk.give({ kind: 'dial', request: 3, number });
    t.is(desk.dialled.length, 1);
    t.regex(desk.dialled[0]?.error ?? '', error);
    t.is(desk.phone.state, state);
    t.deepEqual(desk.asked, []);
  });
}

test('the map bars a number from the command line as well', (t) => {
  const desk = new Desk({ dial: { map: '0900x!|x.T' } });
  desk.give({ kind: 'dial', request: 1, number: '09001' });
  t.regex(desk.dialled[0]?.error ?? '', /bars/);
});

test('a map that cannot be read is told, and the telephone still dials', (t) => {
  const desk = new Desk({ dial: { map: '(' } });
  desk.lift();
  desk.press('123#');
  t.deepEqual(desk.asked, ['call']);
});

test('the echo test joins the handset to its own echo, without account or network', (t) => {
  const desk = new Desk({ accounts: [] });
  desk.give({ kind: 'addresses', addresses: { ipv4: [], ipv6: [] } });
  desk.lift();
  desk.press('*41');
  t.is(desk.joined, 'echo');
  t.is(desk.tone, undefined);
  t.like(desk.phone.calls(), [{ state: 'talking', peer: 'Echo test', media: null, signalling: null }]);
  t.deepEqual(desk.asked, []);
  desk.putDown();
  t.is(desk.joined, 'nothing');
  t.like(desk.phone.calls(), [{ state: 'ended' }]);
});

test('the tone test sounds until hung up', (t) => {
  const desk = new Desk();
  desk.lift();
  desk.press('*42');
  t.deepEqual(desk.tone?.loop, [{ hz: [1004], ms: 0 }]);
  desk.putDown();
  t.is(desk.tone, undefined);
});

test('the own number is shown: extension, account, addresses', (t) => {
  const desk = new Desk();
  desk.lift();
  desk.press('*43');
  t.deepEqual(desk.lines, ['Own number       204', 'alice@example.test', '2001:db8::10', '192.0.2.10']);
});

test('a built-in number dialled from the command line is hands-free and ends by hang-up', (t) => {
  const desk = new Desk();
  desk.give({ kind: 'dial', request: 1, number: '*41' });
  t.like(desk.dialled, [{ call: 'out-1' }]);
  t.is(desk.joined, 'echo');
  desk.give({ kind: 'hang-up', call: 'out-1' });
  t.is(desk.phone.state, 'idle');
  t.is(desk.joined, 'nothing');
});
