/** Damaged descriptions: the reader and the negotiation answer with values, in bounded time. */
import test from 'ava';
import { formatDescription, parseDescription } from '#sdp/description.ts';
import { type LocalMedia, MediaNegotiation } from '#sdp/offer_answer.ts';
import { mutations } from '../support/mutate.ts';
import { ALL, described, sdp } from './vectors.ts';

const utf8 = new TextDecoder();
const OURS: LocalMedia = {
  address: { family: 4, address: '198.51.100.7' },
  port: 16384,
  codecs: ['pcma', 'pcmu'],
  direction: 'sendrecv',
  packetTime: 20,
};
/** What has everything in it that the negotiation looks at. */
const RICH = sdp(
  'v=0',
  'o=- 7 7 IN IP6 [2001:db8::1]',
  's=-',
  'c=IN IP6 2001:db8::1',
  't=0 0',
  'a=sendonly',
  'm=audio 5004 RTP/AVP 8 0 96 101',
  'c=IN IP4 192.0.2.1',
  'a=rtpmap:96 PCMU/8000/1',
  'a=rtpmap:101 telephone-event/8000',
  'a=rtcp:53020 IN IP4 192.0.2.9',
  'a=ptime:30',
  'a=maxptime:60',
  'a=sendrecv',
);
const seeds = [...ALL.map(({ sdp: text }) => text), RICH, RICH, RICH].map((text) =>
  Buffer.from(text, 'latin1'),
);

test('120 000 damaged descriptions are read or refused, never thrown at', (t) => {
  let read = 0;
  let refused = 0;
  for (const octets of mutations(seeds, 120_000, 8866)) {
    const parsed = parseDescription(utf8.decode(octets));
    if (parsed.ok) read += 1;
    else {
      refused += 1;
      if (parsed.line < 1 || parsed.reason === '') t.fail('a fault without place or reason');
    }
  }
  // The damage is neither harmless nor total, else nothing was tried.
  t.true(read > 10_000 && refused > 10_000, `${read} read, ${refused} refused`);
});

test('what is read of a damaged description is written and read back the same', (t) => {
  let read = 0;
  for (const octets of mutations(seeds, 20_000, 4566)) {
    const parsed = parseDescription(utf8.decode(octets));
    if (!parsed.ok) continue;
    read += 1;
    const again = formatDescription(described(formatDescription(parsed.description)));
    if (again !== formatDescription(parsed.description)) t.is(again, formatDescription(parsed.description));
  }
  t.true(read > 1_000);
});

test('100 000 damaged offers and answers make a session, 488 or 400', (t) => {
  const outcomes = new Map<string, number>();
  const count = (what: string) => outcomes.set(what, (outcomes.get(what) ?? 0) + 1);
  for (const octets of mutations(seeds.slice(-3), 50_000, 3264)) {
    const text = utf8.decode(octets);
    const answering = new MediaNegotiation({ sessionId: 1 });
    const answer = answering.answer(text, () => OURS);
    count('status' in answer ? `answer ${answer.status}` : 'answer');
    if (!('status' in answer)) described(answer.sdp);
    const offering = new MediaNegotiation({ sessionId: 2 });
    offering.offer(OURS);
    const session = offering.accept(text);
    count('status' in session ? `accept ${session.status}` : 'accept');
    if (!('status' in session) && session.remote.port > 65_535) t.fail('a port that is none');
  }
  t.deepEqual([...outcomes.keys()].sort(), [
    'accept',
    'accept 400',
    'accept 488',
    'answer',
    'answer 400',
    'answer 488',
  ]);
});

const LONG: Readonly<Record<string, (size: number) => string>> = {
  'one line': (size) => `v=${'0'.repeat(size)}`,
  'empty lines': (size) => '\r\n'.repeat(size / 2),
  'lines of blanks': (size) =>
    sdp('v=0', 'o=- 1 1 IN IP4 192.0.2.1', `s=${' '.repeat(8_000)}`).repeat(size / 8_100),
  attributes: (size) => `${RICH}${'a=rtpmap:0 PCMU/8000\r\n'.repeat(Math.min(980, size / 22))}`,
  formats: (size) => RICH.replace('8 0 96', `${'8 '.repeat(Math.min(4_000, size / 2))}0`),
  blanks: (size) => RICH.replace('rtpmap:96 ', `rtpmap:96${' '.repeat(Math.min(8_000, size))}`),
};
for (const [what, make] of Object.entries(LONG)) {
  test(`64 kB of ${what} cost at most a blink`, (t) => {
    const text = make(65_000);
    const start = process.cpuUsage().user;
    for (let i = 0; i < 10; i += 1) {
      parseDescription(text);
      new MediaNegotiation({ sessionId: 1 }).answer(text, () => OURS);
    }
    const milliseconds = (process.cpuUsage().user - start) / 1000;
    t.true(milliseconds < 1_000, `${milliseconds} ms for ten`);
  });
}
