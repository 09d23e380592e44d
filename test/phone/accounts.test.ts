import test from 'ava';
import { Desk, FLOW6 } from '../support/desk.ts';

test('accounts are asked to register once, when the first address comes', (t) => {
  const desk = new Desk();
  t.true(desk.first.includes('register'));
  desk.give({ kind: 'addresses', addresses: { ipv4: ['192.0.2.11'], ipv6: [] } });
  desk.give({ kind: 'addresses', addresses: { ipv4: [], ipv6: [] } });
  desk.give({ kind: 'addresses', addresses: { ipv4: ['192.0.2.11'], ipv6: [] } });
  t.deepEqual(desk.commands('register'), []);
});

test('the status of an account and its lamp', (t) => {
  const desk = new Desk();
  t.is(desk.phone.front().lamps.status, 'slow');
  desk.sip({ kind: 'registration', account: 'a', state: 'registered', flow: FLOW6, expires: 300 });
  t.is(desk.phone.front().lamps.status, 'on');
  t.deepEqual(desk.phone.accounts(), [
    {
      aor: 'sip:alice@example.test',
      state: 'registered',
      family: 'ipv6',
      transport: 'tcp',
      target: '[2001:db8::1]:5060',
      expires: 300,
      error: null,
    },
  ]);
  desk.sip({ kind: 'registration', account: 'a', state: 'failed', error: '403 Forbidden' });
  t.is(desk.phone.front().lamps.status, 'fast');
  desk.give({ kind: 'addresses', addresses: { ipv4: [], ipv6: [] } });
  t.is(desk.phone.front().lamps.status, 'double');
});

test('the log tells a registration that fails, and that works again, once however often it is tried', (t) => {
  const desk = new Desk();
  const registration = (
    more: { state: 'registered'; expires: number } | { state: 'failed'; error: string },
  ) => desk.sip({ kind: 'registration', account: 'a', ...more });
  for (let tries = 0; tries < 3; tries++) registration({ state: 'failed', error: '403 Forbidden' });
  registration({ state: 'failed', error: 'no answer' });
  for (let renewals = 0; renewals < 3; renewals++) registration({ state: 'registered', expires: 300 });
  registration({ state: 'failed', error: 'no answer' });
  t.deepEqual(
    desk.logged.filter((line) => line.includes('registration')),
    ['403 Forbidden', 'no answer', 'registered', 'no answer'].map(
      (news) => `registration of sip:alice@example.test: ${news}`,
    ),
  );
});
