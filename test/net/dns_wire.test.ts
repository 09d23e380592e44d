import test from 'ava';
import { decode, encode } from 'dns-packet';
import { readResponse, writeQuery } from '#net/dns/wire.ts';
import { learn } from '#sip/locate/answer.ts';
import type { Question } from '#sip/locate/dns.ts';
import { mutations } from '../support/mutate.ts';

const QUESTION: Question = { name: '_sip._udp.example.com', type: 'SRV' };
const ID = 0x1234;

/** Answers as real servers send them, with every type that is read. */
const SEEDS = [
  encode({
    type: 'response',
    id: ID,
    flags: 0x180,
    questions: [{ ...QUESTION, class: 'IN' }],
    answers: [
      { type: 'CNAME', name: '_sip._udp.example.com', ttl: 60, data: '_sip._udp.example.net' },
      {
        type: 'SRV',
        name: '_sip._udp.example.net',
        ttl: 60,
        data: { priority: 1, weight: 2, port: 5060, target: 'pbx.example.net' },
      },
    ],
    authorities: [{ type: 'NS', name: 'example.net', ttl: 60, data: 'ns.example.net' }],
    additionals: [
      { type: 'A', name: 'pbx.example.net', ttl: 60, data: '192.0.2.1' },
      { type: 'AAAA', name: 'pbx.example.net', ttl: 60, data: '2001:db8::1' },
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: 1232,
        extendedRcode: 0,
        ednsVersion: 0,
        flags: 0,
        flag_do: false,
        options: [{ code: 12, length: 24 }],
      },
    ],
  }),
  encode({
    type: 'response',
    id: ID,
    flags: 0x183,
    questions: [{ ...QUESTION, class: 'IN' }],
    authorities: [
      {
        type: 'SOA',
        name: 'com',
        ttl: 900,
        data: { mname: 'a.com', rname: 'b.c.com', serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 60 },
      },
    ],
  }),
  // With a compressed name (RFC 1035 4.1.4) in question, owner and target.
  Buffer.from(
    '1234818000010001000000000' +
      '45f736970045f756470076578616d706c6503636f6d0000210001c00c002100010000003c000c0001000213c403706278c016',
    'hex',
  ),
];

test('a compressed answer is read', (t) => {
  const [, , seed = Buffer.alloc(0)] = SEEDS;
  t.deepEqual(readResponse(seed, ID, QUESTION), {
    kind: 'answer',
    answer: {
      rcode: 'NOERROR',
      answers: [
        {
          type: 'SRV',
          name: '_sip._udp.example.com',
          ttl: 60,
          priority: 1,
          weight: 2,
          port: 5060,
          target: 'pbx.example.com',
        },
      ],
      authorities: [],
      additionals: [],
    },
  });
});

test('100 000 damaged answers neither throw nor say what cannot be', (t) => {
  const counts: Record<string, number> = {};
  for (const octets of mutations(SEEDS, 100_000, 1035)) {
    const reading = readResponse(octets, ID, QUESTION);
    counts[reading.kind] = (counts[reading.kind] ?? 0) + 1;
    if (reading.kind !== 'answer') continue;
    for (const { known, ttl } of learn(QUESTION, reading.answer)) {
      if (ttl < 0 || ttl > 86_400) t.fail(`a time to live of ${ttl}`);
      if (known.state === 'found' && known.records.length === 0) t.fail('found nothing');
    }
  }
  t.true(
    (counts.answer ?? 0) > 1_000 && (counts.foreign ?? 0) > 1_000 && (counts.useless ?? 0) > 1_000,
    JSON.stringify(counts),
  );
});

test('a pointer that runs in circles is no name', (t) => {
  const [, , seed = Buffer.alloc(0)] = SEEDS;
  const loop = Buffer.from(seed);
  loop.writeUInt16BE(0xc000 | (loop.length - 2), loop.length - 2);
  t.is(readResponse(loop, ID, QUESTION).kind, 'useless');
});

test('names that DNS could not have are left out, and TTLs with the highest bit are none', (t) => {
  const octets = encode({
    type: 'response',
    id: ID,
    questions: [{ name: 'example.com', type: 'A', class: 'IN' }],
    answers: [
      { type: 'A', name: 'exa mple.com', ttl: 60, data: '192.0.2.1' },
      { type: 'A', name: 'example.com', ttl: 0x8000_0001, data: '192.0.2.2' },
      { type: 'A', name: 'example.com', ttl: 60, class: 'CH', data: '192.0.2.3' },
      { type: 'TXT', name: 'example.com', ttl: 60, data: 'x' },
    ],
  });
  const reading = readResponse(octets, ID, { name: 'example.com', type: 'A' });
  t.deepEqual(reading.kind === 'answer' && reading.answer.answers, [
    { type: 'A', name: 'example.com', ttl: 0, address: '192.0.2.2' },
  ]);
});

test('an extended error (BADVERS) means: without EDNS, please', (t) => {
  const octets = encode({
    type: 'response',
    id: ID,
    questions: [{ ...QUESTION, class: 'IN' }],
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: 512,
        extendedRcode: 1,
        ednsVersion: 0,
        flags: 0,
        flag_do: false,
        options: [],
      },
    ],
  });
  t.is(readResponse(octets, ID, QUESTION).kind, 'no-edns');
});

test('a query asks once, for class IN, with or without EDNS', (t) => {
  for (const edns of [true, false]) {
    const packet = decode(Buffer.from(writeQuery(7, QUESTION, edns)));
    t.is(packet.id, 7);
    t.deepEqual(packet.questions, [{ ...QUESTION, class: 'IN' }]);
    t.is(packet.additionals?.length, edns ? 1 : 0);
  }
});
