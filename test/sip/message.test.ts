import test from 'ava';
import fc from 'fast-check';
import { faultOf } from '#sip/message/fault.ts';
import { readMessage } from '#sip/message/message.ts';
import { octetText } from '#sip/message/text.ts';
import { writeRequest, writeResponse } from '#sip/message/write.ts';
import { FLOWS, octetsOf } from './vectors.ts';

const OPTIONS = [
  'OPTIONS sip:bob@example.com SIP/2.0',
  'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1',
  'From: <sip:a@example.com>;tag=1',
  'To: <sip:b@example.com>',
  'Call-ID: c',
  'CSeq: 7 OPTIONS',
] as const;

/** Faults of the RFCs' own pages: addresses without a scheme, prose that became a folded line. */
const FAULTY_PRINT: Readonly<Record<string, string>> = {
  'rfc3261-015': 'Malformed From',
  'rfc5626-002': 'Malformed To',
  'rfc3842-004': 'Malformed Content-Length',
};

test('the messages of the call flows are read, and nothing is held against them but what the print leaves out', (t) => {
  t.is(FLOWS.length, 261);
  for (const { id, start, message: text, body_bytes } of FLOWS) {
    const message = readMessage(Buffer.from(text, 'utf8'));
    t.is(message?.head.slice(0, start.length), octetText(start), id);
    if (message === undefined) continue;
    t.is(message.octetsAfterHead, body_bytes, id);
    const reason = faultOf(message)?.reason;
    const isCut =
      reason === 'Content-Length Larger Than Body' || (reason === 'Missing Via' && !/^Via:/im.test(text));
    if (!isCut) t.is(reason, FAULTY_PRINT[id], id);
  }
});

test('compact and odd spellings name the same field', (t) => {
  const message = readMessage(
    octetsOf(...OPTIONS, 's: one', 'SUBJECT : two', 'sUbJeCt\t: three', 'k: a', 'X-Mine: 1', 'x-mine : 2'),
  );
  t.deepEqual(message?.fields('subject'), ['one', 'two', 'three']);
  t.is(message?.first('supported'), 'a');
  t.deepEqual(message?.fields('x-mine'), ['1', '2']);
  t.false(message?.has('x-min'));
  t.is(message?.count('x-mine'), 2);
  t.is(message?.lines('x-mine'), 'X-Mine: 1\r\nx-mine : 2\r\n');
});

test('lists are split at commas that are not in quotes, brackets or comments', (t) => {
  const message = readMessage(
    octetsOf(
      ...OPTIONS,
      'Contact: "a, \\" b" <sip:x@y;c=a,b>, <sip:z>',
      'Contact: sip:q',
      'Allow: INVITE , ,ACK,',
      'Warning: (a, (b), c) d, e',
    ),
  );
  t.deepEqual(message?.values('contact'), ['"a, \\" b" <sip:x@y;c=a,b>', '<sip:z>', 'sip:q']);
  t.deepEqual(message?.values('allow'), ['INVITE', 'ACK']);
  t.deepEqual(message?.values('warning'), ['(a, (b), c) d', 'e']);
  t.deepEqual(message?.values('route'), []);
});

test('a quote that never closes does not swallow the commas', (t) => {
  t.deepEqual(readMessage(octetsOf(...OPTIONS, 'Allow: a", b, (c, <d'))?.values('allow'), [
    'a"',
    'b',
    '(c',
    '<d',
  ]);
});

test('folded lines are one value, and are echoed as they came', (t) => {
  const message = readMessage(octetsOf(...OPTIONS, 'Subject: one\r\n  two \r\n\tthree'));
  t.is(message?.first('subject'), 'one two three');
  t.is(message?.lines('subject'), 'Subject: one\r\n  two \r\n\tthree\r\n');
});

test('CRLFs before the start line are passed over', (t) => {
  t.is(readMessage(Buffer.concat([Buffer.from('\r\n\r\n'), octetsOf(...OPTIONS)]))?.method, 'OPTIONS');
});

test('a response has the method of its CSeq', (t) => {
  const message = readMessage(octetsOf('SIP/2.0 200 OK', ...OPTIONS.slice(1)));
  t.like(message, { kind: 'response', status: 200, reason: 'OK', method: 'OPTIONS', uri: '' });
});

for (const text of [
  '',
  '\r\n\r\n',
  '\0\0\0\0',
  'jaK\0',
  'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
  'HTTP/1.1 200 OK\r\n\r\n',
  'INVITE\r\n\r\n',
  'INVITE sip:a\r\n\r\n',
  ' INVITE sip:a SIP/2.0\r\n\r\n',
  'INV(ITE sip:a SIP/2.0\r\n\r\n',
  'INVITE sip:a SIP/2.0',
  'SIP/2.0 OK\r\n\r\n',
  'SIP/2.0 20x OK\r\n\r\n',
]) {
  test(`${JSON.stringify(text)} is no SIP`, (t) => {
    t.is(readMessage(Buffer.from(text)), undefined);
  });
}

test('the body is cut at Content-Length', (t) => {
  const message = readMessage(octetsOf(...OPTIONS, 'l: 3', '', 'abcdef'));
  t.is(message?.bodyText, 'abc');
  t.is(message && faultOf(message), undefined);
});

test('text in UTF-8 is kept octet for octet and decoded for people', (t) => {
  const message = readMessage(octetsOf(...OPTIONS, octetText('Contact: "Jürgen ☎" <sip:j@example.com>')));
  t.is(message?.contact?.name, 'Jürgen ☎');
  t.is(message?.first('contact'), octetText('"Jürgen ☎" <sip:j@example.com>'));
});

test('what a request was written from is what is read of it', (t) => {
  const token = fc.stringMatching(/^[A-Za-z0-9.!%*_+'~-]{1,12}$/);
  const value = fc.string({ unit: 'grapheme-ascii', maxLength: 40 }).map((text) => text.trim());
  t.notThrows(() =>
    fc.assert(
      fc.property(
        token,
        token,
        fc.array(fc.tuple(token, value), { maxLength: 12 }),
        fc.uint8Array({ maxLength: 200 }),
        (method, uri, extra, body) => {
          const headers = extra.map(([name, text]) => [`X-${name}`, text] as const);
          const own = writeRequest({ method: `M${method}`, uri: `sip:${uri}`, headers, body });
          const seen = readMessage(own.octets);
          return (
            seen?.method === `M${method}` &&
            seen.uri === `sip:${uri}` &&
            Buffer.compare(seen.body, body) === 0 &&
            seen.head === own.head &&
            headers.every(([name, text]) => seen.fields(name.toLowerCase()).includes(text)) &&
            own.first('content-length') === String(body.length)
          );
        },
      ),
    ),
  );
});

test('what the writer wrote is the same to its own view and to a reader', (t) => {
  const request = writeRequest({
    method: 'MESSAGE',
    uri: 'sip:a@b',
    headers: [
      ['via', 'SIP/2.0/UDP x;branch=z9hG4bK1'],
      ['cseq', '1 MESSAGE'],
    ],
    body: 'ä',
    contentType: 'text/plain',
  });
  const response = writeResponse(request, { status: 200, body: 'ö' });
  for (const message of [request, response]) {
    const seen = readMessage(message.octets);
    t.like(seen, {
      kind: message.kind,
      method: 'MESSAGE',
      uri: message.uri,
      status: message.status,
      head: message.head,
      bodyText: message.bodyText,
    });
  }
  t.is(request.first('content-length'), '2');
});

test('nothing in a value can begin a header field', (t) => {
  const message = writeRequest({
    method: 'OPTIONS',
    uri: 'sip:a\r\nEvil: 1',
    headers: [['Subject', 'a\r\nEvil: 2\n\0']],
    contentType: 'x\r\nEvil: 3',
  });
  t.false(readMessage(message.octets)?.has('evil'));
  t.is(message.first('subject'), 'a Evil: 2');
});

test('many thousand header fields, commas, quotes, folds and colons take time in proportion', (t) => {
  const big = 60_000;
  const heads = {
    fields: `${'a:\r\n'.repeat(big / 4)}`,
    nameless: `${'a\r\n'.repeat(big / 3)}`,
    folds: `Subject: a${'\r\n '.repeat(big / 3)}b\r\n`,
    gaps: `Subject: a${' '.repeat(big / 2)}b\r\n ${'\t'.repeat(big / 2)}c\r\n`,
    commas: `Contact: ${','.repeat(big)}\r\n`,
    quotes: `Contact: ${'",'.repeat(big / 2)}\r\n`,
    comments: `Contact: ${'(,'.repeat(big / 2)}\r\n`,
    brackets: `Contact: ${'<,'.repeat(big / 2)}\r\n`,
    backslashes: `Contact: "${'\\'.repeat(big)}\r\n`,
    semicolons: `From: <sip:a>${';a'.repeat(big / 2)}\r\nVia: SIP/2.0/UDP a${';a'.repeat(big / 2)}\r\n`,
    spaces: `To:${' '.repeat(big)}x${' \r\n'.repeat(10)}\r\n`,
  };
  for (const [kind, lines] of Object.entries(heads)) {
    const octets = Buffer.from(`OPTIONS sip:a SIP/2.0\r\n${lines}\r\n`, 'latin1');
    const started = process.cpuUsage();
    const message = readMessage(octets);
    if (message !== undefined) {
      faultOf(message);
      for (const name of ['contact', 'via', 'subject', 'x-unknown']) message.values(name);
      writeResponse(message, {
        status: 400,
        toTag: 't',
        topVia: { received: '192.0.2.1', rport: 5060 },
        recordRoute: true,
      });
    }
    t.true(process.cpuUsage(started).user < 500_000, kind);
  }
});
