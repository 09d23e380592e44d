import test from 'ava';
import { readMessage, type SipMessage } from '#sip/message/message.ts';
import { type ResponseParts, writeRequest, writeResponse } from '#sip/message/write.ts';
import { HARD_ROUTES, HARD_VIAS, invite, octetsOf, SEED_ROUTES, SEED_VIAS } from './vectors.ts';

const SOURCE = { received: '203.0.113.9', rport: 5060 };

function request(octets: Uint8Array): SipMessage {
  const message = readMessage(octets);
  if (message === undefined) throw new Error('no SIP');
  return message;
}

/** The response's lines, without the start line. */
function answered(octets: Uint8Array, parts: Partial<ResponseParts> = {}): readonly string[] {
  const response = writeResponse(request(octets), {
    status: 200,
    topVia: SOURCE,
    recordRoute: true,
    ...parts,
  });
  return Buffer.from(response.octets).toString('latin1').split('\r\n').slice(1);
}

const orders = {
  'in the order of its making': [SEED_VIAS, SEED_ROUTES],
  'in the order of the wire': [SEED_VIAS.toReversed(), SEED_ROUTES.toReversed()],
} as const;

for (const [order, [vias, routes]] of Object.entries(orders)) {
  test(`every Via but the top and every Record-Route comes back octet for octet, ${order}`, (t) => {
    const lines = answered(invite(vias, routes));
    const [top = '', ...lower] = vias;
    t.deepEqual(lines.slice(1, 4), lower);
    const expectedTop = top.includes('received=')
      ? top.replace('198.51.100.15', '203.0.113.9').replace('55021', '5060')
      : `${top};received=203.0.113.9`;
    t.is(lines[0], expectedTop);
    t.deepEqual(
      lines.filter((line) => line.startsWith('Record-Route')),
      routes,
    );
  });
}

for (const via of HARD_VIAS) {
  test(`below the top ${JSON.stringify(via)} comes back octet for octet`, (t) => {
    const lines = answered(invite(['Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK0', via])).join('\r\n');
    t.true(
      lines.startsWith(`Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK0;received=203.0.113.9\r\n${via}\r\nFrom:`),
      lines,
    );
  });
}

for (const route of HARD_ROUTES) {
  test(`${JSON.stringify(route)} comes back octet for octet`, (t) => {
    const lines = answered(invite(['Via: SIP/2.0/UDP 192.0.2.7'], [SEED_ROUTES[0], route])).join('\r\n');
    t.true(lines.includes(`\r\n${SEED_ROUTES[0]}\r\n${route}\r\nContent-Length`), lines);
  });
}

const TOP: readonly (readonly [via: string, answered: string])[] = [
  ['Via: SIP/2.0/UDP a;rport;branch=b', 'Via: SIP/2.0/UDP a;rport=5060;branch=b;received=203.0.113.9'],
  ['Via: SIP/2.0/UDP a;branch=b;rport', 'Via: SIP/2.0/UDP a;branch=b;rport=5060;received=203.0.113.9'],
  ['Via: SIP/2.0/UDP a;rport=abc;branch=b', 'Via: SIP/2.0/UDP a;rport=5060;branch=b;received=203.0.113.9'],
  [
    'Via: SIP/2.0/UDP a;Received=[::1];RPORT = 1 ;b=c',
    'Via: SIP/2.0/UDP a;received=203.0.113.9;rport=5060 ;b=c',
  ],
  [
    'Via: SIP/2.0/UDP a;received=1;received=2;rport;rport=3',
    'Via: SIP/2.0/UDP a;received=203.0.113.9;rport=5060',
  ],
  ['Via: SIP/2.0/UDP a', 'Via: SIP/2.0/UDP a;received=203.0.113.9'],
  ['Via: SIP/2.0/UDP a  ', 'Via: SIP/2.0/UDP a;received=203.0.113.9  '],
  [
    'Via: SIP/2.0/UDP [2001:db8::1]:5060;rport',
    'Via: SIP/2.0/UDP [2001:db8::1]:5060;rport=5060;received=203.0.113.9',
  ],
  [
    'v: SIP/2.0/UDP a;rport;branch=b , SIP/2.0/TCP c;rport;received=1',
    'v: SIP/2.0/UDP a;rport=5060;branch=b;received=203.0.113.9 , SIP/2.0/TCP c;rport;received=1',
  ],
  [
    'Via: SIP / 2.0\r\n / UDP a ;\r\n rport\r\n ;branch=b\r\n , SIP/2.0/TCP c',
    'Via: SIP / 2.0\r\n / UDP a ;rport=5060\r\n ;branch=b;received=203.0.113.9\r\n , SIP/2.0/TCP c',
  ],
  [
    'Via: SIP/2.0/UDP a;x=";rport, \\";received=1";rport',
    'Via: SIP/2.0/UDP a;x=";rport, \\";received=1";rport=5060;received=203.0.113.9',
  ],
  ['Via: SIP/2.0/UDP 192.0.2.15;;,;,,', 'Via: SIP/2.0/UDP 192.0.2.15;;;received=203.0.113.9,;,,'],
];

for (const [via, expected] of TOP) {
  test(`the top ${JSON.stringify(via)} learns where the request came from, and nothing else of it changes`, (t) => {
    const lines = answered(invite([via, SEED_VIAS[1]])).join('\r\n');
    t.is(lines.slice(0, lines.indexOf('\r\nFrom:')), `${expected}\r\n${SEED_VIAS[1]}`);
  });
}

test('an IPv6 source is written without brackets', (t) => {
  const [top] = answered(invite(['Via: SIP/2.0/UDP a;rport']), {
    topVia: { received: '2001:db8::9', rport: 1 },
  });
  t.is(top, 'Via: SIP/2.0/UDP a;rport=1;received=2001:db8::9');
});

test('a request without any Via gets none', (t) => {
  const response = writeResponse(request(octetsOf('BYE sip:a SIP/2.0', 'To: <sip:a>')), {
    status: 400,
    topVia: SOURCE,
  });
  t.false(response.has('via'));
});

test('without knowledge of the source the Vias are as they came', (t) => {
  const response = writeResponse(request(invite(SEED_VIAS)), { status: 100 });
  t.is(response.lines('via'), `${SEED_VIAS.join('\r\n')}\r\n`);
});

test('To gets the tag once, behind whatever it says', (t) => {
  const plain = request(invite(SEED_VIAS));
  const ringing = writeResponse(plain, { status: 180, toTag: 'x1' });
  t.is(ringing.lines('to'), 'To: Bob <sip:bob@example.com>;tag=x1\r\n');
  t.is(ringing.toTag, 'x1');
  t.is(writeResponse(plain, { status: 100 }).toTag, undefined);
  t.is(writeResponse(ringing, { status: 200, toTag: 'y2' }).toTag, 'x1');
});

test('To as a folded line, in compact form and without brackets gets its tag', (t) => {
  for (const to of [
    't:\r\n sip:bob@example.com',
    'TO : "Bob, \\"B\\"" <sip:bob@example.com>\r\n  ;x=y',
    'To: sip:bob@example.com;x=y  ',
  ]) {
    const response = writeResponse(request(octetsOf('BYE sip:a SIP/2.0', to)), { status: 200, toTag: 'T' });
    t.is(response.lines('to'), `${to};tag=T\r\n`);
    t.is(response.toTag, 'T');
  }
});

test('a field that must stand once is answered once', (t) => {
  const twice = octetsOf(
    'BYE sip:a SIP/2.0',
    'To: <sip:a>',
    'To: <sip:b>',
    'Call-ID: 1',
    'i: 2',
    'CSeq: 1 BYE',
  );
  const response = writeResponse(request(twice), { status: 400 });
  t.deepEqual([response.lines('to'), response.lines('call-id')], ['To: <sip:a>\r\n', 'Call-ID: 1\r\n']);
});

test('From, Call-ID and CSeq come back octet for octet, Record-Route only when asked for', (t) => {
  const odd = ['f :\t<sip:\xe4@example.com>;tag=1', 'I: a b"', 'cSEQ:  007\r\n BYE'];
  const lines = answered(octetsOf('BYE sip:a SIP/2.0', ...odd, SEED_ROUTES[0]), { recordRoute: false });
  t.deepEqual(lines.join('\r\n'), `${odd.join('\r\n')}\r\nContent-Length: 0\r\n\r\n`);
});

test('a reason may be given, else it is that of the status', (t) => {
  const plain = request(invite(SEED_VIAS));
  t.true(writeResponse(plain, { status: 486 }).head.startsWith('SIP/2.0 486 Busy Here\r\n'));
  t.true(writeResponse(plain, { status: 499 }).head.startsWith('SIP/2.0 499 Request Failure\r\n'));
  t.true(
    writeResponse(plain, { status: 400, reason: 'Malformed\r\nX: Y' }).head.startsWith(
      'SIP/2.0 400 Malformed X: Y\r\n',
    ),
  );
});

test('a request has its header fields in order, known names canonical, body and its length at the end', (t) => {
  const written = writeRequest({
    method: 'INVITE',
    uri: 'sip:bob@example.com',
    headers: [
      ['via', 'SIP/2.0/UDP a'],
      ['x-Mine', '1'],
      ['call-id', 'c'],
      ['www-authenticate', 'x'],
    ],
    body: 'grüß\r\n',
    contentType: 'application/sdp',
  });
  t.is(
    Buffer.from(written.octets).toString('utf8'),
    'INVITE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP a\r\nx-Mine: 1\r\nCall-ID: c\r\nWWW-Authenticate: x\r\n' +
      'Content-Type: application/sdp\r\nContent-Length: 8\r\n\r\ngrüß\r\n',
  );
});
