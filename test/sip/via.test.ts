import test from 'ava';
import fc from 'fast-check';
import { Params } from '#sip/message/params.ts';
import { formatVia, parseVia, type Via } from '#sip/message/via.ts';

test('a Via says where the response goes', (t) => {
  t.like(parseVia('SIP/2.0/UDP erlang.bell-telephone.com:5060;received=192.0.2.207;branch=z9hG4bK87asdks7'), {
    protocol: 'SIP/2.0',
    transport: 'UDP',
    host: 'erlang.bell-telephone.com',
    port: 5060,
    received: '192.0.2.207',
    branch: 'z9hG4bK87asdks7',
  });
  t.like(parseVia('SIP / 2.0 / udp  [2001:db8::9:1] : 5070 ; maddr = 224.2.0.1 ; ttl=16 ;RPORT'), {
    protocol: 'SIP/2.0',
    transport: 'UDP',
    host: '[2001:db8::9:1]',
    port: 5070,
    maddr: '224.2.0.1',
    ttl: 16,
    rport: true,
  });
});

const RECEIVED: readonly (readonly [written: string, meant: string | undefined])[] = [
  ['received=198.51.100.15', '198.51.100.15'],
  ['received=2001:db8::2:1', '2001:db8::2:1'],
  ['received=[2001:db8::2:1]', '2001:db8::2:1'],
  ['received="[2001:db8::2:1]"', '2001:db8::2:1'],
  ['received=fe80::1%25eth0', 'fe80::1%25eth0'],
  ['received=', undefined],
  ['received', undefined],
  ['received=192.0.2.1;received=192.0.2.2', '192.0.2.1'],
];

for (const [written, meant] of RECEIVED) {
  test(`${written} means ${meant}`, (t) => t.is(parseVia(`SIP/2.0/UDP a;${written}`)?.received, meant));
}

const RPORT: readonly (readonly [written: string, meant: number | true | undefined])[] = [
  ['rport=55021', 55021],
  ['rport', true],
  ['rport=', true],
  ['rport=abc', true],
  ['rport=0', true],
  ['rport=65536', true],
  ['x=y', undefined],
];

for (const [written, meant] of RPORT) {
  test(`${written} is read as ${meant}`, (t) => t.is(parseVia(`SIP/2.0/UDP a;${written}`)?.rport, meant));
}

for (const text of [
  'SIP/2.0/SCTP a',
  'SIP/2.0/TLS-SCTP a',
  'SIP/2.0/DTLS-UDP a',
  'SIP/3.0/X a',
  'FOO/9/bar a',
  'SIP/2.0/ UDP a',
  'SIP/2.0/UDP\ta',
  'SIP/2.0/UDP sbc_1.example.org',
  'SIP/2.0/UDP [fe80::1%25eth0]',
  'SIP/2.0/UDP [fe80::1%eth0]:5060',
  'SIP/2.0/UDP a;maddr="x"',
  'SIP/2.0/UDP a;x-q="a;b,\\"c"',
  'SIP/2.0/UDP a;ttl=999;branch=',
]) {
  test(`${text} is a Via`, (t) => t.truthy(parseVia(text)));
}

for (const text of [
  '',
  'SIP',
  'SIP/2.0',
  'SIP/2.0/UDP',
  'SIP/2.0/UDP ',
  'SIP/2.0/ ',
  '/2.0/UDP a',
  'SIP//UDP a',
  'SIP/2.0/UDP :5060',
  'SIP/2.0/UDP a:',
  'SIP/2.0/UDP a:x',
  'SIP/2.0/UDP a:0',
  'SIP/2.0/UDP a:99999',
  'SIP/2.0/UDP a b',
  'SIP/2.0/UDP a;',
  'SIP/2.0/UDP a;;b',
  'SIP/2.0/UDP a;b,',
  'SIP/2.0/UDP a, SIP/2.0/UDP b',
  'SIP/2.0/UDP a;b="c',
  'SIP/2.0/UDP [::1',
  'SIP/2.0/UDP 2001:db8::1:5060',
]) {
  test(`${JSON.stringify(text)} is no Via`, (t) => t.is(parseVia(text), undefined));
}

const token = fc.stringMatching(/^[A-Za-z0-9.!%*_+`'~-]{1,10}$/);
const octets = fc.string({
  unit: fc.integer({ min: 32, max: 255 }).map((code) => String.fromCharCode(code)),
  maxLength: 12,
});

test('every Via that is written is read as what it was', (t) => {
  const via = fc.record({
    transport: token.map((text) => text.toUpperCase()),
    host: fc.oneof(
      fc.domain(),
      fc.ipV4(),
      fc.ipV6().map((text) => `[${text}]`),
    ),
    port: fc.option(fc.integer({ min: 1, max: 65535 }), { nil: undefined }),
    branch: token,
    extra: fc.array(
      fc.tuple(
        token.map((text) => `x-${text.toLowerCase()}`),
        fc.oneof(octets, fc.constant(true as const)),
      ),
      { maxLength: 4 },
    ),
  });
  t.notThrows(() =>
    fc.assert(
      fc.property(via, ({ transport, host, port, branch, extra }) => {
        const params = Params.of([
          ['branch', branch],
          ['received', '2001:db8::1'],
          ['rport', '5062'],
          ...extra,
        ]);
        const made: Via = {
          protocol: 'SIP/2.0',
          transport,
          host,
          ...(port === undefined ? {} : { port }),
          branch,
          received: '2001:db8::1',
          rport: 5062,
          params,
        };
        return t.deepEqual(parseVia(formatVia(made)), made);
      }),
    ),
  );
});
