import test from 'ava';
import { type Fault, faultOf } from '#sip/message/fault.ts';
import { MAX_BODY, MAX_FIELDS } from '#sip/message/limits.ts';
import { readMessage } from '#sip/message/message.ts';
import { octetsOf } from './vectors.ts';

const REQUEST = [
  'INVITE sip:bob@example.com SIP/2.0',
  'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1',
  'From: <sip:a@example.com>;tag=1',
  'To: <sip:b@example.com>',
  'Call-ID: c',
  'CSeq: 7 INVITE',
];

function judged(lines: readonly string[]): Fault | undefined {
  const message = readMessage(octetsOf(...lines));
  if (message === undefined) throw new Error('no SIP');
  return faultOf(message);
}

/** The request with one line in place of the one that begins alike. */
function having(line: string, prefix = line.slice(0, line.indexOf(':') + 1)): readonly string[] {
  return REQUEST.map((old) => (old.startsWith(prefix) ? line : old));
}

function without(prefix: string): readonly string[] {
  return REQUEST.filter((line) => !line.startsWith(prefix));
}

test('a plain request has no fault', (t) => t.is(judged(REQUEST), undefined));

const FAULTS: readonly (readonly [what: string, lines: readonly string[], status?: Fault['status']])[] = [
  ['a version to come', having('INVITE sip:a SIP/3.0', 'INVITE'), 505],
  ['a version that is none', having('INVITE sip:a SIP/x', 'INVITE')],
  ['a space in the Request-URI', having('INVITE sip:a b SIP/2.0', 'INVITE')],
  ['two spaces', having('INVITE  sip:a SIP/2.0', 'INVITE')],
  ['a Request-URI in brackets', having('INVITE <sip:a> SIP/2.0', 'INVITE')],
  ['no Via', without('Via')],
  ['no From', without('From')],
  ['no To', without('To')],
  ['no Call-ID', without('Call-ID')],
  ['no CSeq', without('CSeq')],
  ['two From', [...REQUEST, 'f: <sip:x>']],
  ['two To', [...REQUEST, 't: <sip:x>']],
  ['two Call-ID', [...REQUEST, 'i: x']],
  ['two CSeq', [...REQUEST, 'CSeq: 8 INVITE']],
  ['two Max-Forwards', [...REQUEST, 'Max-Forwards: 7', 'Max-Forwards: 7']],
  ['two Content-Length', [...REQUEST, 'l: 0', 'l: 0']],
  ['an empty Call-ID', having('Call-ID:')],
  ['a From without a URI', having('From: Alice')],
  ['a top Via without a host', having('Via: SIP/2.0/UDP ;branch=z9hG4bK1')],
  ['a CSeq without a number', having('CSeq: INVITE')],
  ['a CSeq without a method', having('CSeq: 7')],
  ['a CSeq of another method', having('CSeq: 7 BYE')],
  ['a CSeq in small letters', having('CSeq: 7 invite')],
  ['a CSeq above 32 bits', having('CSeq: 4294967296 INVITE')],
  ['a negative CSeq', having('CSeq: -1 INVITE')],
  ['a Contact that is none', [...REQUEST, 'Contact: bob']],
  ['a line without a colon', [...REQUEST, 'Foobar roobar']],
  ['a line without a name', [...REQUEST, ': x']],
  ['a name with a space', [...REQUEST, 'My Name: x']],
  ['a bare LF', [...REQUEST, 'Subject: a\nEvil: 1']],
  ['a bare CR', [...REQUEST, 'Subject: a\rEvil: 1']],
  ['too long a Content-Length', [...REQUEST, 'l: 4', '', 'abc']],
  ['a body beyond all measure', [...REQUEST, `l: ${MAX_BODY + 1}`, '', 'abc'], 513],
  ['thousands of header fields', [...REQUEST, ...Array<string>(MAX_FIELDS).fill('a: b')], 513],
];

for (const [what, lines, status = 400] of FAULTS) {
  test(`${what} is answered ${status}`, (t) => {
    const fault = judged(lines);
    t.is(fault?.status, status);
    t.is(fault?.answerable, what !== 'no Via');
  });
}

/** What an agent need not understand, however odd it is. */
const HARMLESS: readonly (readonly [what: string, lines: readonly string[]])[] = [
  [
    'no Max-Forwards, no branch, no From tag',
    having('Via: SIP/2.0/UDP a').map((line) => line.replace(';tag=1', '')),
  ],
  ['a broken Via below the top', [...REQUEST, 'Via: ;;;']],
  ['a broken Via behind a comma', having('Via: SIP/2.0/UDP a;branch=z9hG4bK1, ;;;')],
  ['a Record-Route of nowhere', [...REQUEST, 'Record-Route: ;;"']],
  ['a Date of no calendar', [...REQUEST, 'Date: yesterday']],
  ['a Warning of no form', [...REQUEST, 'Warning: x']],
  ['a Max-Forwards above 255', [...REQUEST, 'Max-Forwards: 300']],
  ['an Expires beyond all time', [...REQUEST, `Expires: ${'9'.repeat(100)}`]],
  ['an unknown scheme in the Request-URI', having('INVITE nobodyknows:x SIP/2.0', 'INVITE')],
  [
    'unknown schemes in From and To',
    having('From: <isbn:1>').map((line) => line.replace('sip:b@example.com', 'http://x')),
  ],
  ['a version in small letters', having('INVITE sip:a sip/2.0', 'INVITE')],
  ['the highest CSeq', having('CSeq: 4294967295 INVITE')],
  ['header fields that nobody knows', [...REQUEST, 'X: ;;,,;', "a.!%*_+`'~-: "]],
];

for (const [what, lines] of HARMLESS) {
  test(`${what} is no fault`, (t) => t.is(judged(lines), undefined));
}

test('a header part without its empty line is told so', (t) => {
  const message = readMessage(octetsOf(...REQUEST).subarray(0, -2));
  t.like(message && faultOf(message), { status: 400, reason: 'No Empty Line After Header Fields' });
});

test('a faulty response and a faulty ACK are never answered', (t) => {
  const response = ['SIP/2.0 200 OK', ...REQUEST.slice(1)];
  t.is(judged(response), undefined);
  t.false(judged([...response, 'To: <sip:x>'])?.answerable);
  t.false(judged(['SIP/2.0 700 No', ...REQUEST.slice(1)])?.answerable);
  t.false(judged(['SIP/2.0 4294967301 No', ...REQUEST.slice(1)])?.answerable);
  t.false(judged(['SIP/3.0 200 OK', ...REQUEST.slice(1)])?.answerable);
  const ack = REQUEST.map((line) => line.replace('INVITE', 'ACK'));
  t.is(judged(ack), undefined);
  t.false(judged([...ack, 'To: <sip:x>'])?.answerable);
});
