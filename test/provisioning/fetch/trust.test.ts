import test from 'ava';
import { hostIn, judge, objection, type Pin, type Presented, pinOf } from '#provisioning/fetch/trust.ts';

/** A server with a certificate of its own that nobody vouches for. */
const SELF: Presented = { keys: ['sha256/own'], named: true, proved: false, datesOnly: false, inDate: true };
/** Below an authority, known to the system or not. */
const BELOW: Presented = { ...SELF, keys: ['sha256/leaf', 'sha256/ca'] };
const PROVED: Presented = { ...BELOW, proved: true };
const PIN: Pin = { host: 'pbx.example', keys: ['sha256/own'] };
const CA_PIN: Pin = { host: 'pbx.example', keys: ['sha256/old', 'sha256/ca'] };

for (const [what, question, verdict] of [
  ['an authority vouches', { shown: PROVED }, 'believed'],
  ['nobody vouches', { shown: SELF }, 'unproved'],
  ['a proved server that is not the pinned one', { shown: PROVED, pin: PIN }, 'changed'],
  ['the pinned key', { shown: SELF, pin: PIN }, 'believed'],
  ['the pinned key, whatever name', { shown: { ...SELF, named: false }, pin: PIN }, 'believed'],
  ['the pinned key, out of date', { shown: { ...SELF, inDate: false }, pin: PIN }, 'believed'],
  ['another key', { shown: { ...SELF, keys: ['sha256/evil'] }, pin: PIN }, 'changed'],
  ['a new key below the pinned authority', { shown: BELOW, pin: CA_PIN }, 'believed'],
  ['the same for another name', { shown: { ...BELOW, named: false }, pin: CA_PIN }, 'changed'],
  ['the same out of date', { shown: { ...BELOW, inDate: false }, pin: CA_PIN }, 'refused'],
  [
    'the same while the time is not known',
    { shown: { ...BELOW, inDate: false }, pin: CA_PIN, clock: 'awaited' },
    'believed',
  ],
  [
    'https where http was pinned by name',
    { shown: SELF, pin: { host: 'pbx.example', keys: [] } },
    'unproved',
  ],
  [
    'dates alone are wrong, and the time may come',
    { shown: { ...BELOW, datesOnly: true }, clock: 'awaited' },
    'wait for the time',
  ],
  [
    'dates alone are wrong, and no time came',
    { shown: { ...BELOW, datesOnly: true }, clock: 'absent' },
    'unproved',
  ],
  ['dates alone are wrong by a good clock', { shown: { ...BELOW, datesOnly: true } }, 'unproved'],
  ['the configured pin is missing', { shown: PROVED, required: 'sha256/x' }, 'refused'],
  [
    'the configured pin is missing, though pinned',
    { shown: SELF, pin: PIN, required: 'sha256/x' },
    'refused',
  ],
  ['the configured pin is its key', { shown: SELF, required: 'sha256/own' }, 'believed'],
] as const) {
  test(`${what}: ${verdict}`, (t) => {
    t.is(judge({ pin: undefined, required: undefined, clock: 'known', ...question }).kind, verdict);
  });
}

test('what is pinned is the key of the server and the top of its chain; without TLS the name', (t) => {
  t.deepEqual(pinOf('h', { ...SELF, keys: ['sha256/a', 'sha256/b', 'sha256/c'] }).keys, [
    'sha256/a',
    'sha256/c',
  ]);
  t.deepEqual(pinOf('h', SELF), { host: 'h', keys: ['sha256/own'] });
  t.deepEqual(pinOf('h', undefined), { host: 'h', keys: [] });
});

test('before anybody is asked, another host is another server', (t) => {
  t.is(objection('https://pbx.example/x', PIN), undefined);
  t.like(objection('https://evil.example/x', PIN), { change: true });
  t.like(objection('https://pbx.example:8443/x', PIN), { change: true });
  t.like(objection('http://pbx.example/x', PIN), { change: false });
  t.is(objection('http://pbx.example/x', { ...PIN, keys: [] }), undefined);
});

test('a server is a host and a port, whatever the scheme', (t) => {
  t.is(hostIn('https://A.example:443/x?y'), 'a.example');
  t.is(hostIn('http://a.example/'), 'a.example');
  t.is(hostIn('http://[2001:db8::1]:8080/'), '[2001:db8::1]:8080');
});
