/** Keys that are no digits: speaker, mute, redial, hold; the headset; where the voice goes. */
import test from 'ava';
import type { FunctionKey, SoundRoute } from '#hal/types.ts';
import { Desk } from '../support/desk.ts';

function hit(desk: Desk, key: FunctionKey): void {
  desk.give({ kind: 'hal', event: { kind: 'function', key, down: true } });
  desk.give({ kind: 'hal', event: { kind: 'function', key, down: false } });
}

const plug = (desk: Desk, plugged: boolean) =>
  desk.give({ kind: 'hal', event: { kind: 'headset', plugged } });
const lamps = (desk: Desk) => desk.phone.front().lamps;
const routes = (desk: Desk): readonly SoundRoute[] => desk.engine('route').map(({ to }) => to);

test('the speaker key seizes the line and gives it back', (t) => {
  const desk = new Desk();
  hit(desk, 'speaker');
  t.is(desk.phone.state, 'dial-tone');
  t.deepEqual([desk.phone.front().hook, lamps(desk).speaker], ['off', 'on']);
  t.deepEqual(desk.engine('handset'), [{ kind: 'handset', inUse: true }]);
  t.deepEqual(routes(desk), ['speaker']);
  hit(desk, 'speaker');
  t.is(desk.phone.state, 'idle');
  t.is(lamps(desk).speaker, undefined);
  t.deepEqual(desk.hal('lamp').at(-1), { kind: 'lamp', name: 'speaker', pattern: 'off' });
  t.deepEqual(desk.hal('route'), [{ kind: 'route', to: 'speaker' }, { kind: 'route' }]);
});

test('a number is dialled and a call made without the receiver', (t) => {
  const desk = new Desk();
  hit(desk, 'speaker');
  desk.press('123#');
  t.is(desk.commands('call').length, 1);
  hit(desk, 'speaker');
  t.deepEqual(desk.asked, ['call', 'hang-up']);
  t.is(desk.phone.state, 'idle');
});

test('the speaker key answers what rings, and ends that call', (t) => {
  const desk = new Desk();
  desk.incoming();
  hit(desk, 'speaker');
  t.is(desk.phone.state, 'talking');
  t.is(desk.commands('accept').length, 1);
  hit(desk, 'speaker');
  t.is(desk.phone.state, 'idle');
  t.is(desk.commands('hang-up').length, 1);
});

test('lifting takes a hands-free call over, replacing ends it', (t) => {
  const desk = new Desk();
  desk.incoming();
  hit(desk, 'speaker');
  desk.lift();
  t.deepEqual(routes(desk), ['speaker', 'handset']);
  t.is(desk.phone.state, 'talking');
  desk.putDown();
  t.is(desk.phone.state, 'idle');
});

test('with the receiver in hand the speaker key changes to the loudspeaker, and the call goes on there', (t) => {
  const desk = new Desk();
  desk.talkIncoming();
  hit(desk, 'speaker');
  hit(desk, 'speaker');
  hit(desk, 'speaker');
  t.deepEqual(routes(desk), ['handset', 'speaker', 'handset', 'speaker']);
  desk.putDown();
  t.is(desk.phone.state, 'talking');
  t.deepEqual(desk.commands('hang-up'), []);
  desk.lift();
  t.is(routes(desk).at(-1), 'handset');
  desk.putDown();
  t.is(desk.phone.state, 'idle');
});

test('the next call begins at the receiver again', (t) => {
  const desk = new Desk();
  desk.talkIncoming();
  hit(desk, 'speaker');
  desk.putDown();
  desk.ended('in-1');
  t.is(desk.phone.state, 'idle');
  desk.lift();
  t.is(routes(desk).at(-1), 'handset');
  desk.putDown();
  t.is(desk.phone.state, 'idle');
});

test('a headset takes the place of the loudspeaker while it is plugged in', (t) => {
  const desk = new Desk();
  hit(desk, 'headset');
  t.is(desk.phone.state, 'idle');
  plug(desk, true);
  t.is(desk.phone.state, 'idle');
  hit(desk, 'headset');
  t.is(desk.phone.state, 'dial-tone');
  t.is(lamps(desk).headset, 'on');
  plug(desk, false);
  t.deepEqual(routes(desk), ['headset', 'speaker']);
  t.is(lamps(desk).headset, undefined);
});

test('mute closes the mouth until it is pressed again, and says so', (t) => {
  const desk = new Desk();
  desk.talkIncoming();
  hit(desk, 'mute');
  t.deepEqual(desk.engine('mute'), [{ kind: 'mute', on: true }]);
  t.is(lamps(desk).mute, 'on');
  t.regex(desk.lines[0] ?? '', /^Muted /);
  hit(desk, 'mute');
  t.deepEqual(desk.engine('mute').at(-1), { kind: 'mute', on: false });
  t.regex(desk.lines[0] ?? '', /^Talking /);
});

test('the next call is not muted, and at rest there is nothing to mute', (t) => {
  const desk = new Desk();
  desk.talkIncoming();
  hit(desk, 'mute');
  desk.putDown();
  t.deepEqual(
    desk.engine('mute').map(({ on }) => on),
    [true, false],
  );
  hit(desk, 'mute');
  desk.lift();
  t.is(desk.engine('mute').length, 2);
});

test('redial calls the last number, from the cradle or with the receiver in hand', (t) => {
  const desk = new Desk();
  hit(desk, 'redial');
  t.is(desk.phone.state, 'idle');
  const call = desk.callOut('123#');
  desk.ended(call, { status: 486 });
  desk.putDown();
  hit(desk, 'redial');
  t.is(desk.phone.state, 'calling');
  t.is(lamps(desk).speaker, 'on');
  hit(desk, 'speaker');
  desk.lift();
  hit(desk, 'redial');
  t.is(lamps(desk).speaker, undefined);
  t.deepEqual(
    desk.commands('call').map(({ to }) => to),
    Array.from({ length: 3 }, () => 'sip:123@example.test'),
  );
});

test('redial in a call changes nothing', (t) => {
  const desk = new Desk();
  desk.callOut('123#');
  hit(desk, 'redial');
  t.is(desk.commands('call').length, 1);
  t.is(desk.phone.state, 'calling');
});

test('hold is the same as a flash', (t) => {
  const desk = new Desk();
  desk.talkIncoming();
  hit(desk, 'hold');
  t.is(desk.phone.state, 'holding');
  hit(desk, 'hold');
  t.is(desk.phone.state, 'talking');
});

test('a bell on the sound card rings there', (t) => {
  const desk = new Desk();
  desk.give({ kind: 'hal', event: { kind: 'ringer', cadence: [1000, 4000] } });
  desk.give({ kind: 'hal', event: { kind: 'ringer' } });
  desk.give({ kind: 'hal', event: { kind: 'ringer', cadence: [1000, 4000], wav: '/bell.wav' } });
  t.deepEqual(desk.engine('ring'), [
    { kind: 'ring', ring: { cadence: [1000, 4000] } },
    { kind: 'ring' },
    { kind: 'ring', ring: { cadence: [1000, 4000], sound: '/bell.wav' } },
  ]);
});

test('a part that fails is named on the resting display until it is back', (t) => {
  const desk = new Desk();
  const part = (state: 'ok' | 'failed') =>
    desk.give({
      kind: 'hal',
      event: {
        kind: 'part',
        status: { part: 'keypad', state, driver: 'character device', note: 'line busy' },
      },
    });
  part('failed');
  t.is(desk.lines[3], 'Fault: keypad');
  part('ok');
  t.is(desk.lines[3], '');
  part('ok');
  t.deepEqual(desk.logged, [
    'keypad (character device): line busy',
    'keypad (character device): works again',
  ]);
});
