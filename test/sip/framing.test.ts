import test from 'ava';
import fc from 'fast-check';
import { faultOf } from '#sip/message/fault.ts';
import { type Framed, StreamFramer } from '#sip/message/framing.ts';
import { MAX_BODY, MAX_HEAD } from '#sip/message/limits.ts';
import { readMessage } from '#sip/message/message.ts';
import { FLOWS, invite, octetsOf, SEED_VIAS, torture } from './vectors.ts';

const START = 'OPTIONS sip:a SIP/2.0';
const PLAIN = octetsOf(START, 'Call-ID: 1');

/** Messages whose Content-Length is true, as one stream. */
const MESSAGES: readonly Buffer[] = [
  ...FLOWS.filter(({ content_length, body_bytes }) => content_length === body_bytes).map(({ message }) =>
    Buffer.from(message, 'utf8'),
  ),
  invite(SEED_VIAS),
  torture('mpart01'),
  torture('wsinv'),
  octetsOf(START, 'Call-ID: 1', 'l: 0'),
  octetsOf(START, 'l : 3', '', 'a\r\n'),
  octetsOf(START, 'CONTENT-length:\r\n 4', '', '\r\n\r\n'),
].filter((octets) => {
  const message = readMessage(octets);
  return message !== undefined && (message.contentLength ?? -1) === message.octetsAfterHead;
});

function text(framed: readonly Framed[]): readonly string[] {
  return framed.map((one) => (one === 'ping' ? one : Buffer.from(one).toString('latin1')));
}

/** What comes out when the octets arrive in pieces of these lengths, over and over. */
function inPieces(
  octets: Uint8Array,
  lengths: readonly number[],
): { framer: StreamFramer; framed: Framed[] } {
  const framer = new StreamFramer();
  const framed: Framed[] = [];
  let at = 0;
  for (let i = 0; at < octets.length; i += 1) {
    const length = Math.max(1, lengths[i % lengths.length] ?? 1);
    framed.push(...framer.push(octets.subarray(at, at + length)));
    at += length;
  }
  return { framer, framed };
}

test('a stream of messages comes out whole whatever the pieces', (t) => {
  const stream = Buffer.concat(MESSAGES);
  const expected = text(MESSAGES).join('|');
  t.true(MESSAGES.length > 80);
  for (const lengths of [[stream.length], [1], [2], [3, 1, 1400], [1460]]) {
    const { framer, framed } = inPieces(stream, lengths);
    t.true(text(framed).join('|') === expected, `pieces of ${lengths}`);
    t.is(framer.pending, 0);
    t.is(framer.broken, undefined);
  }
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 20 }),
        (lengths) => text(inPieces(stream, lengths).framed).join('|') === expected,
      ),
      { numRuns: 30 },
    ),
  );
});

test('what is given out does not change when more arrives', (t) => {
  const framer = new StreamFramer();
  const [first] = framer.push(PLAIN);
  const copy = Buffer.from(PLAIN);
  framer.push(Buffer.alloc(4000, 'x'));
  t.deepEqual(first, new Uint8Array(copy));
});

test('CRLF CRLF between messages is a ping, a lone CRLF is nothing, in any pieces', (t) => {
  const stream = Buffer.concat([
    Buffer.from('\r\n\r\n'),
    PLAIN,
    Buffer.from('\r\n'),
    PLAIN,
    Buffer.from('\r\n\r\n\r\n\r\n'),
  ]);
  for (const length of [1, 2, 3, 5, stream.length]) {
    const { framer, framed } = inPieces(stream, [length]);
    t.deepEqual(text(framed), text(['ping', PLAIN, PLAIN, 'ping', 'ping']));
    t.is(framer.pending, 0);
  }
});

test('half a message is pending', (t) => {
  const framer = new StreamFramer();
  t.deepEqual(framer.push(torture('clerr')), []);
  t.is(framer.pending, torture('clerr').length);
  t.is(framer.broken, undefined);
});

for (const [name, lines] of Object.entries({
  negative: ['Content-Length: -999'],
  'not a number': ['Content-Length: 5x'],
  empty: ['l:'],
  'a list': ['l: 5, 5'],
  'too large to count': ['l: 99999999999999999999'],
  'too large to keep': [`l: ${MAX_BODY + 1}`],
  twofold: ['Content-Length: 13', 'l: 5'],
})) {
  test(`a Content-Length that is ${name} breaks the stream, and its sender can be told`, (t) => {
    const framer = new StreamFramer();
    const [head, ...more] = framer.push(
      octetsOf('OPTIONS sip:a SIP/2.0', 'Via: SIP/2.0/TCP a', ...lines, '', 'hello'),
    );
    t.truthy(framer.broken);
    t.is(more.length, 0);
    const message = head === undefined || head === 'ping' ? undefined : readMessage(head);
    t.true(message !== undefined && faultOf(message)?.answerable);
    t.deepEqual(framer.push(PLAIN), []);
    t.is(framer.pending, 0);
  });
}

test('another protocol breaks the stream: nothing that follows could be trusted', (t) => {
  const framer = new StreamFramer();
  const octets = octetsOf('GET / HTTP/1.1', 'Host: a');
  t.deepEqual(text(framer.push(Buffer.concat([octets, PLAIN]))), text([octets]));
  t.truthy(framer.broken);
  t.deepEqual(framer.push(PLAIN), []);
});

test('the same Content-Length twice does no harm to the framing', (t) => {
  const octets = octetsOf(START, 'l: 2', 'Content-Length: 2', '', 'ab');
  t.deepEqual(text(inPieces(octets, [7]).framed), text([octets]));
});

test('a header part that never ends breaks the stream at its limit and is not kept', (t) => {
  const framer = new StreamFramer();
  const chunk = Buffer.alloc(1000, 'a');
  let pushed = 0;
  while (framer.broken === undefined && pushed < 2 * MAX_HEAD) {
    framer.push(chunk);
    pushed += chunk.length;
  }
  t.truthy(framer.broken);
  t.true(pushed <= MAX_HEAD + chunk.length);
  t.is(framer.pending, 0);
});

test('a large message in single octets takes time in proportion', (t) => {
  const octets = octetsOf(
    START,
    `Subject: ${'x'.repeat(60_000)}`,
    `l: ${MAX_BODY}`,
    '',
    'y'.repeat(MAX_BODY),
  );
  const started = process.cpuUsage();
  t.is(inPieces(octets, [1]).framed.length, 1);
  t.true(process.cpuUsage(started).user < 1_000_000);
});
