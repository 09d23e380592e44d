/** What servers of SIP plug and play send, well or badly. */
import test from 'ava';
import fc from 'fast-check';
import { type PnpAnswer, readPnpAnswer } from '#provisioning/discovery/pnp_answer.ts';
import { mutations } from '../../support/mutate.ts';

const CALL_ID = 'b1c0de-0001@192.0.2.50';
const read = (text: string): PnpAnswer =>
  readPnpAnswer(Buffer.from(text, 'latin1'), (callId) => callId === CALL_ID, 'ourtag');

/** As a bad server sends it: our Via, From and To as in our request, To without tag, CSeq 2. */
const LINES = [
  'NOTIFY sip:MAC%3ADCA632010203@192.0.2.50:5060 SIP/2.0',
  'Via: SIP/2.0/UDP 192.0.2.50:5060;branch=z9hG4bK6c1f0a77;rport',
  'Max-Forwards: 20',
  'From: <sip:MAC%3ADCA632010203@224.0.1.75>;tag=5f2d91',
  'To: <sip:MAC%3ADCA632010203@224.0.1.75>',
  `Call-ID: ${CALL_ID}`,
  'CSeq: 2 NOTIFY',
  'Content-Type: application/url',
  'Subscription-State: terminated;reason=timeout',
  'Event: ua-profile;profile-type="device";vendor="OEM";model="OEM";version="7.1.19"',
  'Content-Length: 38',
];
const URL = 'http://192.0.2.10/prov/{mac}.cfg';
const message = (body: string, lines: readonly string[] = LINES, end = '\r\n') =>
  `${lines.join(end)}${end}${end}${body}`;

test('a NOTIFY with our Via, From and To is taken, and its 200 repeats them with a tag', (t) => {
  const answer = read(message(URL));
  if (answer.kind !== 'url') return t.fail(JSON.stringify(answer));
  t.is(answer.url, URL);
  const wanted = [
    'SIP/2.0 200 OK',
    ...LINES.slice(1, 2),
    ...LINES.slice(3, 4),
    'To: <sip:MAC%3ADCA632010203@224.0.1.75>;tag=ourtag',
    ...LINES.slice(5, 7),
    'Content-Length: 0',
  ];
  t.is(Buffer.from(answer.reply).toString('latin1'), `${wanted.join('\r\n')}\r\n\r\n`);
});

for (const [what, text] of [
  ['line ends, blanks and NULs round the URL', message(` \r\n${URL} \r\n\0\0`)],
  ['bare line feeds', message(`${URL}\n`, LINES, '\n')],
  ['a Content-Length that is too small', message(URL).replace('38', '3')],
  ['a Content-Length that is too large', message(URL).replace('38', '3800')],
  ['no Via at all', message(URL, LINES.toSpliced(1, 1))],
  ['no Event', message(URL, LINES.toSpliced(9, 1))],
  ['a keep-alive before the first line', `\r\n\r\n${message(URL)}`],
  ['lower-case and compact names', message(URL).replace('Call-ID', 'i').replace('CSeq', 'cseq')],
  ['a Call-ID on a line of its own', message(URL).replace('Call-ID: ', 'Call-ID:\r\n  ')],
  ['angle brackets', message(`<${URL}>`)],
  [
    "RFC 6080's external body",
    message('').replace('application/url', `message/external-body;access-type="URL";URL="${URL}"`),
  ],
] as const) {
  test(`a NOTIFY is taken with ${what}`, (t) => {
    const answer = read(text);
    t.is(answer.kind === 'url' && answer.url, URL);
  });
}

test('of two Vias and a Record-Route the 200 repeats the Vias, in order', (t) => {
  const vias = [
    'Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKa',
    'Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKb',
  ];
  const answer = read(
    message(URL, [LINES[0] ?? '', ...vias, 'Record-Route: <sip:127.0.0.1;lr>', ...LINES.slice(3)]),
  );
  if (answer.kind !== 'url') return t.fail(JSON.stringify(answer));
  const lines = Buffer.from(answer.reply).toString('latin1').split('\r\n');
  t.deepEqual(lines.slice(1, 3), vias);
  t.false(lines.some((line) => /^record-route/i.test(line)));
});

test('a 200 without the empty line at its end is a response to us', (t) => {
  const text = `SIP/2.0 200 OK\r\n${LINES.slice(1, 6).join('\r\n')}\r\nCSeq: 1 SUBSCRIBE\r\nContent-Length: 0\r\n`;
  t.deepEqual(read(text), { kind: 'response', status: 200 });
});

for (const [why, what, text] of [
  ['other Call-ID', 'the Call-ID is another', message(URL).replace('b1c0de', 'b1c0df')],
  ['other Call-ID', 'there is no Call-ID', message(URL, LINES.toSpliced(5, 1))],
  ['no URL', 'the body is empty', message('')],
  ['no URL', 'the body is prose', message('please call the help desk')],
  ['no URL', 'the URL has another scheme', message('file:///etc/shadow')],
  ['no URL', 'the URL runs a script', message('javascript:alert(1)')],
  ['no URL', 'the URL is endless', message(`http://${'a'.repeat(3000)}/`)],
  ['no URL', 'the URL holds what no URL holds', message('http://a/\x01\x80')],
  ['too large', 'the datagram is huge', message(URL + ' '.repeat(60_000))],
  ['no SIP', 'it is no SIP', 'hello'],
  ['no SIP', 'it is empty', ''],
  ['other request', 'it is an INVITE', message(URL).replaceAll('NOTIFY', 'INVITE')],
] as const) {
  test(`nothing is taken where ${what}`, (t) => {
    t.deepEqual(read(text), { kind: 'refused', why });
  });
}

test('a lone CR or NUL in a header line cannot begin a line of our 200', (t) => {
  const answer = read(message(URL).replace('rport', 'rport\rEvil: yes\0'));
  if (answer.kind !== 'url') return t.fail(JSON.stringify(answer));
  const text = Buffer.from(answer.reply).toString('latin1');
  t.notRegex(text, /\r[^\n]|\0|\nEvil/);
});

test('100 000 damaged answers are read or refused, and the 200 to them is well formed', (t) => {
  const seeds = [
    message(`${URL}\r\n\0`),
    message(URL, LINES, '\n'),
    message('').replace('application/url', `message/external-body;URL="${URL}"`),
    'SIP/2.0 200 OK\r\nCall-ID: b1c0de-0001@192.0.2.50\r\n',
  ].map((text) => Buffer.from(text, 'latin1'));
  const kinds = new Set<string>();
  for (const octets of mutations(seeds, 100_000, 6)) {
    const answer = readPnpAnswer(octets, (callId) => callId === CALL_ID, 'ourtag');
    kinds.add(answer.kind === 'refused' ? answer.why : answer.kind);
    if (answer.kind !== 'url') continue;
    const reply = Buffer.from(answer.reply).toString('latin1');
    if (!/^SIP\/2\.0 200 OK\r\n(?:[^\r\n\0]+\r\n)*Content-Length: 0\r\n\r\n$/.test(reply)) t.fail(reply);
    if (!/^(?:https?|tftp):\/\/[\x21-\x7e]+$/i.test(answer.url)) t.fail(answer.url);
  }
  t.deepEqual([...kinds].sort(), ['no SIP', 'no URL', 'other Call-ID', 'other request', 'response', 'url']);
});

test('any URL of printable characters comes back as it was sent, whatever white space is round it', (t) => {
  const path = fc.stringMatching(/^[!#-;=?-~]{0,200}$/);
  const space = fc.stringMatching(/^[ \t\r\n\0]{0,5}$/);
  fc.assert(
    fc.property(
      fc.constantFrom('http', 'HTTPS', 'tftp'),
      path,
      space,
      space,
      (scheme, rest, before, behind) => {
        const url = `${scheme}://h${rest}`;
        const answer = read(message(`${before}${url}${behind}`));
        return answer.kind === 'url' && answer.url === url;
      },
    ),
  );
  t.pass();
});
