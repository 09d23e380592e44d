import test from 'ava';
import fc from 'fast-check';
import { Params } from '#sip/message/params.ts';
import { formatUri, parseUri, type Uri } from '#sip/message/uri.ts';
import { uriEquals } from '#sip/message/uri_equality.ts';

const ROUND_TRIPS = [
  'sip:alice@atlanta.com',
  'sips:alice@atlanta.com:5061',
  'sip:alice:secretword@atlanta.com;transport=tcp',
  'sips:alice@atlanta.com?subject=project%20x&priority=urgent',
  'sip:+1-212-555-1212:1234@gateway.com;user=phone',
  'sips:1212@gateway.com',
  'sip:alice@192.0.2.4',
  'sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com',
  'sip:alice;day=tuesday@atlanta.com',
  'sip:[2001:db8::1]',
  'sip:alice@[2001:db8::1]:5060;lr',
  'sip:alice@[fe80::1%25eth0]',
  'sip:alice@[::ffff:192.0.2.1]:65535',
  'sip:%00%00@example.com',
  'sip:a%40b@example.com',
  'sip:*21%23@example.com',
  'sip:sbc_1.example.org.',
  'sip:a@b;maddr=[2001:db8::2];ttl=15',
  'tel:+15551234',
  'tel:*21%23;phone-context=example.com',
  'tel:7042;phone-context=+1-201',
  'urn:service:sos',
  'nobodyKnowsThisScheme:totallyopaquecontent'.toLowerCase(),
];

for (const text of ROUND_TRIPS) {
  test(`${text} is read and written back`, (t) => {
    const uri = parseUri(text);
    t.is(uri && formatUri(uri), text);
  });
}

test('the parts of a URI are without escapes and brackets, the host in small letters', (t) => {
  t.like(parseUri('SIP:%61l%69ce:p%40ss@[2001:DB8::A%25Eth0]:5070;Transport=TCP;l%72?a=b'), {
    scheme: 'sip',
    user: 'alice',
    password: 'p@ss',
    host: '2001:db8::a%Eth0',
    ipv6: true,
    port: 5070,
    params: Params.of([
      ['transport', 'TCP'],
      ['lr', true],
    ]),
    headers: 'a=b',
  });
  t.like(parseUri('sip:bob@Example.COM'), { host: 'example.com', ipv6: false });
  t.like(parseUri('tel:+1-201-(555).0123;ext=5'), { scheme: 'tel', number: '+12015550123' });
  t.like(parseUri('Mailto:a@b'), { scheme: 'other', name: 'mailto', rest: 'a@b' });
});

test('what careless telephones leave unescaped in a user is taken', (t) => {
  t.like(parseUri('sip:*21#@example.com'), { user: '*21#' });
  t.is(
    formatUri(parseUri('sip:*21#@example.com') ?? { scheme: 'other', name: '', rest: '' }),
    'sip:*21%23@example.com',
  );
  t.like(parseUri('sip:j\xfcrgen@example.com'), { user: 'j\xfcrgen' });
});

for (const text of [
  '',
  'alice',
  'sip',
  'sip:',
  ':a',
  '1sip:a',
  'sip:@example.com',
  'sip:a@',
  'sip:a@b@c',
  'sip:a b@example.com',
  ' sip:a',
  'sip:a ',
  'sip:a\0',
  'sip:<a>',
  'sip:"a"@b',
  'sip:a%@b',
  'sip:a%4@b',
  'sip:a%zz@b',
  'sip:a;',
  'sip:a;;lr',
  'sip:a;=b',
  'sip:a:',
  'sip:a:0',
  'sip:a:65536',
  'sip:a:x',
  'sip:a:5060x',
  'sip:2001:db8::10',
  'sip:[2001:db8::10',
  'sip:[]',
  'sip:[::1]x',
  'sip:[1::2::3]',
  'sip:[12345::]',
  'sip:[1:2:3:4:5:6:7:8:9]',
  'sip:[192.0.2.1]',
  'sip:[example.com]',
  'tel:',
  'tel:+',
  'tel:alice',
  'tel:+1;',
  'urn:',
]) {
  test(`${JSON.stringify(text)} is no URI`, (t) => {
    t.is(parseUri(text), undefined);
  });
}

/** RFC 3261 19.1.4, RFC 3966 4, RFC 5954. */
const EQUAL: readonly (readonly [a: string, b: string])[] = [
  ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtlanTa.CoM;Transport=tcp'],
  ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5'],
  ['sip:carol@chicago.com', 'sip:carol@chicago.com;security=on'],
  ['sip:carol@chicago.com;newparam=5', 'sip:carol@chicago.com;security=on'],
  [
    'sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com',
    'sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com',
  ],
  [
    'sip:alice@atlanta.com?subject=project%20x&priority=urgent',
    'sip:alice@atlanta.com?priority=urgent&subject=project%20x',
  ],
  ['sip:a@[2001:db8::9:1]', 'sip:a@[2001:0DB8:0:0:0:0:9:01]'],
  ['sip:a@[::ffff:c000:201]', 'sip:a@[::ffff:192.0.2.1]'],
  ['tel:+1-201-555-0123', 'tel:+12015550123'],
  ['tel:1;a=b;c=d', 'tel:1;c=d;A=B'],
  ['urn:service:sos', 'URN:service:sos'],
];

const DIFFERENT: readonly (readonly [a: string, b: string])[] = [
  ['SIP:ALICE@AtLanTa.CoM;Transport=udp', 'sip:alice@AtLanTa.CoM;Transport=UDP'],
  ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060'],
  ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;transport=udp'],
  ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:6000;transport=tcp'],
  ['sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting'],
  ['sip:bob@phone21.boxesbybob.com', 'sip:bob@192.0.2.4'],
  ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;security=off'],
  ['sip:alice@atlanta.com', 'sips:alice@atlanta.com'],
  ['sip:alice@atlanta.com', 'sip:atlanta.com'],
  ['sip:alice:a@atlanta.com', 'sip:alice@atlanta.com'],
  ['sip:a@b;maddr=c', 'sip:a@b'],
  ['sip:a@[fe80::1%25eth0]', 'sip:a@[fe80::1%25eth1]'],
  ['tel:1', 'tel:+1'],
  ['tel:1;a=b', 'tel:1'],
  ['tel:1', 'sip:1@a'],
  ['urn:a', 'urn:b'],
];

function equals(a: string, b: string): boolean {
  const [one, other] = [parseUri(a), parseUri(b)];
  if (one === undefined || other === undefined) throw new Error(`${a} or ${b} is no URI`);
  return uriEquals(one, other) && uriEquals(other, one);
}

for (const [a, b] of EQUAL) test(`${a} is ${b}`, (t) => t.true(equals(a, b)));
for (const [a, b] of DIFFERENT) test(`${a} is not ${b}`, (t) => t.false(equals(a, b)));

const octets = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
  minLength: 1,
  maxLength: 12,
});
const params = fc
  .uniqueArray(
    fc.tuple(
      octets.map((name) => name.toLowerCase()),
      fc.oneof(octets, fc.constant(true as const)),
    ),
    { selector: ([name]) => name, maxLength: 4 },
  )
  .map((entries) => Params.of(entries));
const host = fc.oneof(
  fc.domain().map((name) => ({ host: name.toLowerCase(), ipv6: false })),
  fc.ipV4().map((name) => ({ host: name, ipv6: false })),
  fc.ipV6().map((name) => ({ host: name.toLowerCase(), ipv6: true })),
  fc.constant({ host: 'fe80::1%eth0.5', ipv6: true }),
);
const optional = <Key extends string, Value>(key: Key, value: fc.Arbitrary<Value>) =>
  fc
    .option(value, { nil: undefined })
    .map((some) => (some === undefined ? {} : { [key]: some }) as { [K in Key]?: Value });

const sipUri: fc.Arbitrary<Uri> = fc
  .tuple(
    fc.constantFrom('sip' as const, 'sips' as const),
    optional('user', octets),
    optional('password', octets),
    host,
    optional('port', fc.integer({ min: 1, max: 65535 })),
    params,
  )
  .map(([scheme, user, password, where, port, uriParams]) => ({
    scheme,
    ...user,
    ...(user.user === undefined ? {} : password),
    ...where,
    ...port,
    params: uriParams,
    headers: '',
  }));

test('every SIP URI that is written is read as what it was', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(sipUri, (uri) => {
        const read = parseUri(formatUri(uri));
        t.deepEqual(read, uri);
        return read !== undefined && uriEquals(read, uri);
      }),
    ),
  );
});
