import test from 'ava';
import fc from 'fast-check';
import * as oracle from 'sdp-transform';
import { type Description, formatDescription, type Media, parseDescription } from '#sdp/description.ts';
import { ALL, described, sdp } from './vectors.ts';

const HEAD = ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0'];

for (const { rfc, section, title, role, sdp: text } of ALL) {
  if (role === 'capabilities') continue;
  test(`${rfc} ${section} ${title} (${role ?? 'example'}) ${text.length}: read and written back octet for octet`, (t) => {
    t.is(formatDescription(described(text)), text);
  });
}

test('every line of the grammar is kept at its place', (t) => {
  const text = sdp(
    'v=0',
    'o=jdoe 3724394400 3724394405 IN IP6 2001:db8::1',
    's=Zaß',
    'i=information',
    'u=http://example.com/',
    'e=a@example.com',
    'e=b@example.com (B)',
    'p=+1 617 555-6011',
    'c=IN IP4 233.252.0.1/127/3',
    'b=AS:64',
    'b=X-YZ:128',
    't=3724394400 3724398000',
    'r=604800 3600 0 90000',
    'r=7d 1h 0 25h',
    'z=3730928400 -1h 3749680800 0',
    't=0 0',
    'k=prompt',
    'a=recvonly',
    'a=x-unknown:some: thing',
    'a=empty:',
    'm=audio 49170/2 RTP/AVP 0 8',
    'i=the audio',
    'c=IN IP4 192.0.2.1',
    'c=IN IP6 2001:db8::1',
    'b=TIAS:1000',
    'k=clear:x',
    'a=rtpmap:0 PCMU/8000',
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  );
  const session = described(text);
  t.is(formatDescription(session), text);
  t.is(session.timings.length, 2);
  t.is(session.timings[0]?.zones, '3730928400 -1h 3749680800 0');
  t.is(session.connection?.multicast, '127/3');
  t.is(session.media[0]?.ports, 2);
  t.is(session.media[0]?.connections.length, 2);
  t.deepEqual(session.attributes[1], { name: 'x-unknown', value: 'some: thing' });
});

test('lines that end with LF alone are read', (t) => {
  t.is(described(`${HEAD.join('\n')}\n`).connection?.address, '192.0.2.1');
});

test('the last line may lack its end, and blank lines may follow it', (t) => {
  t.true(parseDescription(HEAD.join('\r\n')).ok);
  t.true(parseDescription(`${HEAD.join('\r\n')}\r\n\r\n\r\n`).ok);
});

test('IPv6 in brackets, as SIPp 3.6.1 writes it, is read and written without them', (t) => {
  const text = sdp('v=0', 'o=user1 53655765 2353687637 IN IP6 [::1]', 's=-', 'c=IN IP6 [::1]', 't=0 0');
  const session = described(text);
  t.is(session.origin.address, '::1');
  t.is(session.connection?.address, '::1');
  t.is(formatDescription(session), text.replaceAll(/[[\]]/g, ''));
});

test('a host name may stand for an address', (t) => {
  t.is(
    described(sdp(...HEAD.with(3, 'c=IN IP6 media-1.example.com'))).connection?.address,
    'media-1.example.com',
  );
});

const FAULTS: readonly (readonly [string, number, RegExp, readonly string[]])[] = [
  ['an empty text', 1, /x=value/, []],
  ['another version', 1, /version 1/, HEAD.with(0, 'v=1')],
  ['no v=', 1, /v= expected/, HEAD.slice(1)],
  ['no o=', 2, /o= expected/, HEAD.toSpliced(1, 1)],
  ['no s=', 3, /s= expected/, HEAD.toSpliced(2, 1)],
  ['no t=', 4, /t= expected/, HEAD.toSpliced(4, 1)],
  ['t= before c=', 5, /c= cannot stand here/, HEAD.with(3, HEAD[4] ?? '').with(4, HEAD[3] ?? '')],
  ['a second s=', 4, /t= expected/, HEAD.toSpliced(3, 0, 's=again')],
  ['an unknown letter', 6, /y= cannot stand here/, [...HEAD, 'y=1']],
  ['a capital letter', 6, /A= cannot stand here/, [...HEAD, 'A=sendrecv']],
  ['a session line behind m=', 7, /e= cannot stand here/, [...HEAD, 'm=audio 9 RTP/AVP 0', 'e=a@b']],
  ['c= behind a= of a stream', 8, /c= cannot/, [...HEAD, 'm=audio 9 RTP/AVP 0', 'a=x', 'c=IN IP4 192.0.2.1']],
  ['a line without =', 6, /x=value/, [...HEAD, 'hello']],
  ['a blank line in the middle', 6, /x=value/, [...HEAD, '', 'a=x']],
  ['a space before =', 6, /x=value/, [...HEAD, 'a =x']],
  ['an empty value', 4, /i= is empty/, HEAD.toSpliced(3, 0, 'i=')],
  ['five fields in o=', 2, /six fields/, HEAD.with(1, 'o=- 1 1 IN IP4')],
  ['seven fields in o=', 2, /six fields/, HEAD.with(1, 'o=a b 1 1 IN IP4 192.0.2.1')],
  ['a session id of letters', 2, /numbers/, HEAD.with(1, 'o=- x 1 IN IP4 192.0.2.1')],
  ['two spaces in o=', 2, /six fields/, HEAD.with(1, 'o=-  1 1 IN IP4 192.0.2.1')],
  ['IPv6 behind IP4', 4, /IPv6 address behind IP4/, HEAD.with(3, 'c=IN IP4 2001:db8::1')],
  ['IPv4 behind IP6', 4, /IPv4 address behind IP6/, HEAD.with(3, 'c=IN IP6 192.0.2.1')],
  ['a number out of range', 4, /neither/, HEAD.with(3, 'c=IN IP4 192.0.2.256')],
  ['brackets around IPv4', 4, /neither/, HEAD.with(3, 'c=IN IP4 [192.0.2.1]')],
  ['no address', 4, /three fields/, HEAD.with(3, 'c=IN IP4')],
  ['an address of nothing', 4, /neither/, HEAD.with(3, 'c=IN IP4 ')],
  ['words in t=', 5, /two numbers/, HEAD.with(4, 't=now later')],
  ['b= without a number', 5, /type and a number/, HEAD.toSpliced(4, 0, 'b=AS')],
  ['an attribute without a name', 6, /attribute name/, [...HEAD, 'a=:x']],
  ['a port above 65535', 6, /bad port/, [...HEAD, 'm=audio 65536 RTP/AVP 0']],
  ['a negative port', 6, /bad port/, [...HEAD, 'm=audio -1 RTP/AVP 0']],
  ['a zero number of ports', 6, /bad port/, [...HEAD, 'm=audio 9/0 RTP/AVP 0']],
  ['no format', 6, /no media format/, [...HEAD, 'm=audio 9 RTP/AVP']],
  ['a space at the end of m=', 6, /bad media format/, [...HEAD, 'm=audio 9 RTP/AVP 0 ']],
  ['an empty part of the protocol', 6, /bad media protocol/, [...HEAD, 'm=audio 9 RTP//AVP 0']],
  ['NUL in a line', 6, /NUL/, [...HEAD, 'a=x:\0']],
  ['CR in a line', 6, /CR/, [...HEAD, 'a=x:\ry']],
  ['a line of 9000 characters', 6, /more than 8192/, [...HEAD, `a=x:${'y'.repeat(9000)}`]],
  ['1500 lines', 1000, /more than 1000 lines/, [...HEAD, ...Array<string>(1500).fill('a=x')]],
  ['65 media', 70, /more than 64 media/, [...HEAD, ...Array<string>(65).fill('m=audio 9 RTP/AVP 0')]],
];
for (const [what, line, reason, lines] of FAULTS) {
  test(`${what} is refused, at line ${line}`, (t) => {
    const parsed = parseDescription(sdp(...lines));
    if (parsed.ok) return t.fail('was read');
    t.is(parsed.line, line);
    t.regex(parsed.reason, reason);
  });
}

test('the example of RFC 3264 section 9 has its lines in a wrong order, and is refused there', (t) => {
  const text = ALL.find(({ role }) => role === 'capabilities')?.sdp ?? '';
  t.like(parseDescription(text), { ok: false, line: 5 });
});

test('a text beyond 64 kB is refused before it is looked at', (t) => {
  t.like(parseDescription('v=0\r\n'.repeat(100_000)), { ok: false, line: 1 });
});

// What a description can be, by the grammar.
const word = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9.-]{0,12}$/);
const prose = fc.stringMatching(/^[ -~]{1,30}$/);
const digits = fc.bigInt({ min: 0n, max: 1n << 63n }).map(String);
const optional = <K extends string, T>(key: K, value: fc.Arbitrary<T>) =>
  fc.option(value, { nil: undefined }).map((v) => (v === undefined ? {} : { [key]: v }) as { [P in K]?: T });
const where = fc.oneof(
  fc.ipV4().map((address) => ({ addressType: 'IP4', address })),
  fc.ipV6().map((address) => ({ addressType: 'IP6', address })),
  fc.domain().map((address) => ({ addressType: 'IP6', address })),
);
const connection = fc
  .tuple(where, optional('multicast', fc.constantFrom('127', '127/3')))
  .map(([address, multicast]) => ({ netType: 'IN', ...address, ...multicast }));
const origin = fc.tuple(word, digits, digits, where).map(([username, sessionId, sessionVersion, at]) => ({
  username,
  sessionId,
  sessionVersion,
  netType: 'IN',
  ...at,
}));
const bandwidths = fc.array(fc.record({ type: word, value: fc.nat().map(String) }), { maxLength: 2 });
const attribute = fc.tuple(word, optional('value', prose)).map(([name, value]) => ({ name, ...value }));
const attributes = fc.array(attribute, { maxLength: 5 });
const timing = fc
  .tuple(digits, fc.array(prose, { maxLength: 2 }), optional('zones', prose))
  .map(([start, repeats, zones]) => ({ start, stop: '0', repeats, ...zones }));
const media: fc.Arbitrary<Media> = fc
  .tuple(
    fc.record({
      kind: fc.constantFrom('audio', 'video', 'text', 'application'),
      port: fc.nat(65535),
      protocol: fc.constantFrom('RTP/AVP', 'RTP/SAVPF', 'udp', 'UDP/TLS/RTP/SAVP'),
      formats: fc.array(word, { minLength: 1, maxLength: 4 }),
      connections: fc.array(connection, { maxLength: 2 }),
      bandwidths,
      attributes,
    }),
    optional('information', prose),
    optional('key', prose),
    optional('ports', fc.integer({ min: 1, max: 99 })),
  )
  .map((parts) => Object.assign({}, ...parts));
const session: fc.Arbitrary<Description> = fc
  .tuple(
    fc.record({
      origin,
      name: fc.stringMatching(/^[A-Za-z][ -~]{0,29}$/),
      emails: fc.array(prose, { maxLength: 2 }),
      phones: fc.array(prose, { maxLength: 2 }),
      bandwidths,
      timings: fc.array(timing, { minLength: 1, maxLength: 2 }),
      attributes,
      media: fc.array(media, { maxLength: 4 }),
    }),
    optional('information', prose),
    optional('uri', prose),
    optional('connection', connection),
    optional('key', prose),
  )
  .map((parts) => Object.assign({}, ...parts));

test('what is written is read back the same', (t) => {
  fc.assert(
    fc.property(session, (value) => {
      t.deepEqual(described(formatDescription(value)), value);
    }),
    { numRuns: 500, seed: 8866 },
  );
});

test('sdp-transform finds the same ports, protocols, formats and addresses in what we write', (t) => {
  fc.assert(
    fc.property(session, (value) => {
      const theirs = oracle.parse(formatDescription(value));
      t.is(theirs.media.length, value.media.length);
      t.is(String(theirs.name).trim(), value.name.trim());
      const { address, multicast } = value.connection ?? {};
      t.is(theirs.connection?.ip, multicast === undefined ? address : `${address}/${multicast}`);
      for (const [index, ours] of value.media.entries()) {
        // The oracle drops an m= with a number of ports without a word.
        if (ours.ports !== undefined) continue;
        const other = theirs.media[index];
        t.is(other?.port, ours.port);
        t.is(other?.protocol, ours.protocol);
        t.is(other?.type, ours.kind);
        t.is(String(other?.payloads), ours.formats.join(' '));
      }
    }),
    { numRuns: 300, seed: 4566 },
  );
});
