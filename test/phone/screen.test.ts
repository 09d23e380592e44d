import test from 'ava';
import fc from 'fast-check';
import type { Network } from '#address/network.ts';
import { BUILT_IN_NUMBERS } from '#phone/features.ts';
import { HANDSET_STATES } from '#phone/handset_states.ts';
import { screen, type View } from '#phone/screen.ts';
import { COLUMNS, cut, plain, spread, width } from '#phone/screen_text.ts';
import { textsOf } from '#phone/texts.ts';
import type { AccountStatus } from '#phone/types.ts';

const ACCOUNT: AccountStatus = {
  aor: 'sip:alice@example.test',
  state: 'registered',
  family: 'ipv6',
  transport: 'udp',
  target: null,
  expires: 300,
  error: null,
};

const VIEW: View = {
  texts: textsOf('en'),
  state: 'idle',
  name: 'Kitchen',
  extension: '204',
  accounts: [ACCOUNT],
  addresses: { ipv4: ['192.0.2.10'], ipv6: [] },
  digits: '',
  notice: '',
  missed: 0,
};

const NATIVE_NETWORK: Network = {
  addresses: [{ address: '2a02:898::2', prefixLength: 64, interface: 'eth0' }],
  defaultRoute: { 4: true, 6: true },
};
const IPV4 = { ipv4: ['192.0.2.10'], ipv6: [] };
const TUNNELLED = {
  ipv4: ['192.0.2.10'],
  ipv6: ['fc64:bed::1'],
  network: { addresses: [], defaultRoute: { 4: true, 6: false } },
};

const CALL = {
  name: 'Bob Brown',
  peer: 'sip:bob@example.test:5070;transport=tcp',
  keys: '12#',
  answered: false,
  seconds: 65,
  heldByPeer: false,
};
const PEER = ['Bob Brown', 'bob@example.test:507'];

const SCREENS: readonly (readonly [what: string, view: Partial<View>, lines: readonly string[]])[] = [
  ['idle, registered', {}, ['Kitchen          204', 'alice@example.test', 'Registered      IPv6', '']],
  [
    'idle, on the way',
    { accounts: [{ ...ACCOUNT, state: 'trying' }] },
    ['Kitchen          204', 'alice@example.test', 'Registering...', ''],
  ],
  [
    'idle, refused by the registrar, two calls missed',
    { accounts: [{ ...ACCOUNT, state: 'failed', error: '403 Forbidden' }], missed: 2 },
    ['Kitchen          204', 'alice@example.test', '403 Forbidden', '2 missed calls'],
  ],
  [
    'idle, with a clock',
    { clock: { date: 'Fri 20 Nov', time: '14:05' } },
    ['Kitchen          204', 'alice@example.test', 'Registered      IPv6', 'Fri 20 Nov     14:05'],
  ],
  [
    'idle, with a clock and nine calls missed',
    { clock: { date: 'Fri 20 Nov', time: '14:05' }, missed: 9 },
    ['Kitchen          204', 'alice@example.test', 'Registered      IPv6', '9 missed calls 14:05'],
  ],
  [
    'idle, with a clock and more calls missed than there is room to say',
    { clock: { date: 'Fri 20 Nov', time: '14:05' }, missed: 12 },
    ['Kitchen          204', 'alice@example.test', 'Registered      IPv6', '12 missed      14:05'],
  ],
  [
    'idle, with a clock and something to read',
    { clock: { date: 'Fri 20 Nov', time: '14:05' }, notice: 'New settings' },
    ['Kitchen          204', 'alice@example.test', 'Registered      IPv6', 'New settings'],
  ],
  [
    'idle, with a clock and a fault',
    { clock: { date: 'Fri 20 Nov', time: '14:05' }, faults: ['keypad', 'bell'] },
    ['Kitchen          204', 'alice@example.test', 'Registered      IPv6', 'Fault: keypad, 14:05'],
  ],
  [
    'idle, without account, one call missed',
    { accounts: [], missed: 1 },
    ['Kitchen          204', 'Direct calls only', '', '1 missed call'],
  ],
  [
    'idle, without network',
    { addresses: { ipv4: [], ipv6: [] }, notice: '408 Timeout' },
    ['Kitchen          204', 'No network', '', '408 Timeout'],
  ],
  [
    'idle, without account and without a router of 6bed4',
    { accounts: [], addresses: { ...IPV4, sixbed4: { state: 'waiting', why: 'no-router' } } },
    ['Kitchen          204', 'Direct calls only', 'IPv4 only', ''],
  ],
  [
    'idle, without account and with 6bed4',
    { accounts: [], addresses: { ...TUNNELLED, sixbed4: { state: 'up', why: 'missing' } } },
    ['Kitchen          204', 'Direct calls only', 'IPv4 6bed4', ''],
  ],
  [
    'idle, registered over 6bed4',
    { accounts: [{ ...ACCOUNT, encapsulated: '6bed4' }] },
    ['Kitchen          204', 'alice@example.test', 'Registered     6bed4', ''],
  ],
  [
    'the network without a router',
    {
      state: 'service',
      service: BUILT_IN_NUMBERS[3],
      addresses: { ...IPV4, sixbed4: { state: 'waiting', why: 'no-router' } },
    },
    ['IPv4 only', 'No 6bed4 router', '', '192.0.2.10'],
  ],
  [
    'the network with 6bed4',
    {
      state: 'service',
      service: BUILT_IN_NUMBERS[3],
      addresses: { ...TUNNELLED, sixbed4: { state: 'up', why: 'missing' } },
    },
    ['IPv4 6bed4', 'IPv6 by 6bed4', 'fc64:bed::1', '192.0.2.10'],
  ],
  [
    'the network with native IPv6',
    {
      state: 'service',
      service: BUILT_IN_NUMBERS[3],
      addresses: {
        ipv4: ['192.0.2.10'],
        ipv6: ['2a02:898::2'],
        network: NATIVE_NETWORK,
        sixbed4: { state: 'off', why: 'native' },
      },
    },
    ['IPv6 IPv4', '6bed4 not needed', '2a02:898::2', '192.0.2.10'],
  ],
  [
    'no network at all',
    { state: 'service', service: BUILT_IN_NUMBERS[3], addresses: { ipv4: [], ipv6: [] } },
    ['No network', '', '', ''],
  ],
  ['dial tone', { state: 'dial-tone' }, ['Kitchen          204', 'Dial a number', '', '']],
  [
    'dialling more than the display holds',
    { state: 'dialling', digits: '1234567890123456789012' },
    ['Dial', '34567890123456789012', '', '# to call'],
  ],
  ['ringing', { state: 'ringing', call: CALL }, ['Incoming call', ...PEER, '']],
  [
    'ringing, caller without a name',
    { state: 'ringing', call: { ...CALL, name: '' } },
    ['Incoming call', 'bob', '@example.test:5070', ''],
  ],
  [
    'ringing, a caller without a name whose name is long',
    { state: 'ringing', call: { ...CALL, name: '', peer: 'sip:robert.of.the.workshop@example.test' } },
    ['Incoming call', 'robert.of.the.worksh', 'op@example.test', ''],
  ],
  ['calling', { state: 'calling', call: CALL }, ['Calling', ...PEER, '']],
  ['talking', { state: 'talking', call: CALL }, ['Talking         1:05', ...PEER, '12#']],
  [
    'held by the peer',
    { state: 'talking', call: { ...CALL, heldByPeer: true } },
    ['Held by peer    1:05', ...PEER, '12#'],
  ],
  ['on hold', { state: 'holding', call: CALL }, ['On hold         1:05', ...PEER, '12#']],
  ['busy', { state: 'busy', call: CALL, notice: '486 Busy Here' }, ['Busy', ...PEER, '486 Busy Here']],
  ['hung up by the peer', { state: 'busy', call: { ...CALL, answered: true } }, ['Call ended', ...PEER, '']],
  [
    'own number with a long IPv6 address',
    {
      state: 'service',
      service: BUILT_IN_NUMBERS[2],
      addresses: { ipv4: ['192.0.2.10'], ipv6: ['2001:db8:1234:5678:9abc:def0:1234:5678'] },
    },
    ['Own number       204', 'alice@example.test', '2001:db8:1234:5678:9', 'abc:def0:1234:5678'],
  ],
  ['howler', { state: 'howler' }, ['', 'Please hang up', '', '']],
];

for (const [what, view, lines] of SCREENS) {
  test(`the display says: ${what}`, (t) => {
    t.deepEqual(screen({ ...VIEW, ...view }), lines);
  });
}

test('text of the network loses controls and what turns or hides letters', (t) => {
  t.is(plain('Al\u0000i\u001b[31mce'), 'Al i [31mce');
  t.is(plain('a\r\nb\u2028c'), 'a b c');
  t.is(plain('safe\u202eevil\u2066'), 'safe evil');
  t.is(plain('a\u200bb\ufeff'), 'a b');
  t.is(plain(`x\ud800y`), 'x\ufffdy');
});

test('text is cut between graphemes', (t) => {
  t.is(cut('123456789012345678e\u0301\u0301 tail'), '123456789012345678e\u0301\u0301');
  t.is(cut('👩‍👩‍👧‍👦'.repeat(11)), '👩‍👩‍👧‍👦'.repeat(10));
  t.is(cut('電話'.repeat(6)), '電話'.repeat(5));
  t.is(cut('ab電', 3), 'ab');
});

test('a heap of marks on one letter is cut', (t) => {
  t.is(cut(`a${'\u0301'.repeat(100)}b`), `a${'\u0301'.repeat(7)}b`);
});

test('two texts share a line, the left one gives way', (t) => {
  t.is(spread('Kitchen', '204'), 'Kitchen          204');
  t.is(spread('A very long name of a room', '204'), 'A very long name 204');
  t.is(spread('left', ''), 'left');
});

test('four lines of twenty columns, whatever the network says', (t) => {
  const name = fc.string({ unit: 'binary', maxLength: 60 });
  const seconds = fc.integer({ min: -5, max: 1e9 });
  fc.assert(
    fc.property(
      fc.constantFrom(...HANDSET_STATES),
      name,
      name,
      name,
      seconds,
      (state, who, peer, notice, s) => {
        const call = {
          name: who,
          peer,
          keys: '123'.repeat(20),
          answered: true,
          seconds: s,
          heldByPeer: false,
        };
        const lines = screen({ ...VIEW, state, call, notice, name: who, digits: '1'.repeat(64) });
        return (
          lines.length === 4 &&
          lines.every((line) => width(line) <= COLUMNS && !/[\p{Cc}\p{Zl}\p{Zp}\u202e]/u.test(line))
        );
      },
    ),
    { numRuns: 2000 },
  );
  t.pass();
});
