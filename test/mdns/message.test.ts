/** Messages of multicast DNS: what is written is read again, also by dns-packet, and nothing makes the reader throw. */
import test from 'ava';
import { decode, encode } from 'dns-packet';
import fc from 'fast-check';
import { EMPTY, type Message, readMessage, writeMessage, writeMessages } from '#mdns/message.ts';
import { fold, labelsOf, nameOf, sameName, under } from '#mdns/name.ts';
import { compareSets, type DnsRecord, type RecordData, sameRecord } from '#mdns/record.ts';
import { pairsOf, textsOf } from '#mdns/text.ts';
import { mutations } from '../support/mutate.ts';
import { HOST, OURS, PTR, record, SRV } from './stage.ts';

const label = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .filter((text) => text.isWellFormed() && Buffer.byteLength(text) <= 63);
const name = fc.array(label, { minLength: 1, maxLength: 4 }).map(nameOf);
const port = fc.integer({ min: 0, max: 65_535 });
const data: fc.Arbitrary<RecordData> = fc.oneof(
  fc.ipV4().map((address): RecordData => ({ type: 'A', address })),
  fc.constantFrom('fe80::1', '2001:db8::7', '::').map((address): RecordData => ({ type: 'AAAA', address })),
  name.map((target): RecordData => ({ type: 'PTR', target })),
  fc.tuple(port, port, port, name).map(
    ([priority, weight, number, target]): RecordData => ({
      ...{ type: 'SRV', priority, weight, port: number, target },
    }),
  ),
  fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 5 }).map(
    (texts): RecordData => ({
      type: 'TXT',
      texts: texts.map((text) => Buffer.from(text).toString('latin1')),
    }),
  ),
  name.map((next): RecordData => ({ type: 'NSEC', next, types: ['A', 'TXT', 'AAAA'] })),
  fc
    .uint8Array({ maxLength: 30 })
    .map((octets): RecordData => ({ type: 'TYPE13', octets: Buffer.from(octets) })),
);
const anyRecord: fc.Arbitrary<DnsRecord> = fc.record({
  name,
  ttl: fc.integer({ min: 0, max: 0x7fff_ffff }),
  flush: fc.boolean(),
  data,
});
const records = fc.array(anyRecord, { maxLength: 6 });
const message: fc.Arbitrary<Message> = fc.record({
  id: port,
  response: fc.boolean(),
  truncated: fc.boolean(),
  questions: fc.array(
    fc.record({ name, type: fc.constantFrom('PTR', 'SRV', 'ANY', 'A'), unicast: fc.boolean() }),
    { maxLength: 4 },
  ),
  answers: records,
  authorities: records,
  additionals: records,
});

test('what is written is read again as it was', (t) => {
  fc.assert(
    fc.property(message, (wanted) => {
      const read = readMessage(writeMessage(wanted));
      t.is(JSON.stringify(folded(read)), JSON.stringify(folded(wanted)));
    }),
    { numRuns: 400 },
  );
  t.pass();
});

/** A name that stands in a message already takes the spelling of that one. */
function folded(value: unknown): unknown {
  return JSON.parse(fold(JSON.stringify(value)));
}

test('100 000 damaged messages are read or refused, and never throw', (t) => {
  const seeds = [
    writeMessage({ ...EMPTY, response: true, answers: OURS, additionals: [HOST] }),
    writeMessage({ ...EMPTY, questions: [{ name: PTR.name, type: 'PTR', unicast: true }], answers: [PTR] }),
    writeMessage({
      ...EMPTY,
      questions: [{ name: SRV.name, type: 'ANY', unicast: false }],
      authorities: OURS,
    }),
    writeMessage({ ...EMPTY, response: true, answers: [denial()] }),
  ];
  let read = 0;
  for (const octets of mutations(seeds, 100_000, 6762)) {
    const result = readMessage(octets);
    if (result === undefined) continue;
    read++;
    // What was read can be written, and is then what it was.
    writeMessage(result);
  }
  t.true(read > 5_000, `${read} were read`);
});

function denial(): DnsRecord {
  return record('phone.local', { type: 'NSEC', next: 'phone.local', types: ['A'] });
}

test('dns-packet reads what we write', (t) => {
  const packet = decode(writeMessage({ ...EMPTY, response: true, answers: OURS }));
  t.like(packet, { type: 'response', flag_aa: true });
  t.like(packet.answers?.[0] ?? {}, {
    type: 'PTR',
    name: '_x._udp.local',
    data: 'me._x._udp.local',
    flush: false,
  });
  t.like(packet.answers?.[1] ?? {}, {
    type: 'SRV',
    flush: true,
    data: { port: 5060, target: 'phone.local' },
  });
  t.like(packet.answers?.[3] ?? {}, { type: 'A', data: '10.0.0.1', ttl: 120, flush: true });
});

test('we read what dns-packet writes', (t) => {
  const octets = encode({
    type: 'response',
    answers: [
      { type: 'AAAA', name: 'a.local', data: 'fe80::1', ttl: 7, flush: true },
      { type: 'TXT', name: 'a.local', data: ['x=1', 'y'], ttl: 9 },
    ],
    questions: [{ type: 'PTR', name: '_x._tcp.local' }],
  });
  const read = readMessage(octets);
  t.deepEqual(read?.questions, [{ name: '_x._tcp.local', type: 'PTR', unicast: false }]);
  t.deepEqual(read?.answers, [
    { name: 'a.local', ttl: 7, flush: true, data: { type: 'AAAA', address: 'fe80::1' } },
    { name: 'a.local', ttl: 9, flush: false, data: { type: 'TXT', texts: ['x=1', 'y'] } },
  ]);
});

test('an instance may have dots in its name, and stays one label', (t) => {
  const instance = under('sip:204@dualtone-0203.local', '_sipuri._udp.local');
  t.is(instance, 'sip:204@dualtone-0203\\.local._sipuri._udp.local');
  t.deepEqual(labelsOf(instance), ['sip:204@dualtone-0203.local', '_sipuri', '_udp', 'local']);
  const octets = writeMessage({ ...EMPTY, response: true, answers: [record(instance, HOST.data)] });
  t.is(octets[12], 'sip:204@dualtone-0203.local'.length);
  t.is(readMessage(octets)?.answers[0]?.name, instance);
  fc.assert(
    fc.property(fc.array(label, { maxLength: 5 }), (labels) => t.deepEqual(labelsOf(nameOf(labels)), labels)),
  );
});

test('names differ by more than the case of ASCII', (t) => {
  t.true(sameName('PHONE.Local', 'phone.local'));
  t.false(sameName('Ä.local', 'ä.local'));
});

test('an opcode, an error and a loop of pointers are ignored', (t) => {
  const good = writeMessage({ ...EMPTY, questions: [{ name: 'a.local', type: 'A', unicast: false }] });
  t.truthy(readMessage(good));
  for (const [place, octet] of [
    [2, 0x28],
    [3, 0x03],
  ] as const) {
    const bad = Buffer.from(good);
    bad[place] = octet;
    t.is(readMessage(bad), undefined);
  }
  const loop = Buffer.from(good);
  loop.writeUInt16BE(0xc00c, 12);
  t.is(readMessage(loop), undefined);
  t.is(readMessage(good.subarray(0, 11)), undefined);
  t.is(readMessage(Buffer.alloc(9001)), undefined);
});

test('what is too long for one packet goes in several, known answers as the RFC has it', (t) => {
  const many = Array.from({ length: 90 }, (_, n) =>
    record(PTR.name, { type: 'PTR', target: `instance number ${n}.${PTR.name}` }, 4500, false),
  );
  const questions = [{ name: PTR.name, type: 'PTR', unicast: false }] as const;
  const messages = writeMessages({ ...EMPTY, questions, answers: many }).map(readMessage);
  t.true(messages.length > 1);
  t.true(writeMessages({ ...EMPTY, questions, answers: many }).every(({ length }) => length <= 1232));
  t.deepEqual(
    messages.map((each) => each?.questions.length),
    messages.map((_, n) => (n === 0 ? 1 : 0)),
  );
  t.deepEqual(
    messages.map((each) => each?.truncated),
    messages.map((_, n) => n < messages.length - 1),
  );
  t.is(messages.flatMap((each) => each?.answers ?? []).length, 90);
  const response = writeMessages({ ...EMPTY, response: true, answers: many }).map(readMessage);
  t.true(response.every((each) => each?.truncated === false));
});

test('the later of two sets wins, whatever their order, and equal ones are equal', (t) => {
  const a = (...last: number[]) =>
    last.map((n) => record('x.local', { type: 'A', address: `169.254.99.${n}` }));
  // The example of RFC 6762 8.2: 169.254.200.50 is later than 169.254.99.200.
  const later = record('x.local', { type: 'A', address: '169.254.200.50' });
  t.true(compareSets([later], a(200)) > 0);
  t.true(compareSets(a(200), [later]) < 0);
  t.is(compareSets(a(1, 2), a(2, 1)), 0);
  t.true(compareSets(a(1, 2), a(1)) > 0);
  t.true(compareSets([record('x.local', { type: 'TXT', texts: ['a'] })], a(1)) > 0);
});

test('two records are the same whatever the case of their names and their time', (t) => {
  t.true(sameRecord(PTR, { ...PTR, name: PTR.name.toUpperCase(), ttl: 3, flush: true }));
  t.false(sameRecord(PTR, record(PTR.name, { type: 'PTR', target: 'you._x._udp.local' })));
});

test('texts are pairs of which the first counts, and none is longer than an octet tells', (t) => {
  const texts = textsOf({ name: 'Küche', none: undefined, long: 'x'.repeat(400) });
  t.deepEqual(
    texts.map(({ length }) => length),
    [Buffer.byteLength('name=Küche'), 255],
  );
  t.is(pairsOf(texts).get('name'), 'Küche');
  const pairs = pairsOf(['Ext=204', 'ext=205', 'flag', '=odd', 'a=b=c']);
  t.deepEqual(
    [...pairs],
    [
      ['ext', '204'],
      ['flag', ''],
      ['a', 'b=c'],
    ],
  );
});
