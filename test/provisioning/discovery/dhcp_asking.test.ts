/** How servers and routers are asked, and how often: every timer to its end, on a clock that jumps. */
import test from 'ava';
import fc from 'fast-check';
import {
  type AskInput,
  INFORM_TIMES,
  type InformEffect,
  Informer,
} from '#provisioning/discovery/dhcp4_inform.ts';
import { readReply4 } from '#provisioning/discovery/dhcp4_message.ts';
import {
  INFORMATION_TIMES,
  InformationAsker,
  type InformationEffect,
} from '#provisioning/discovery/dhcp6_information.ts';
import { duidOf, readReply6 } from '#provisioning/discovery/dhcp6_message.ts';
import {
  frameToAll4,
  frameToGroup6,
  frameToRouters,
  payload4,
  payload6,
  routerMessage,
  sourceOf6,
} from '#provisioning/discovery/frames.ts';
import { macOctets } from '#provisioning/discovery/identity.ts';
import {
  factsOfRouter,
  readAdvertisement,
  writeSolicitation,
} from '#provisioning/discovery/router_advertisement.ts';
import { Solicitor, type SolicitorEffect } from '#provisioning/discovery/router_solicitation.ts';
import { Clock } from '../../support/clock.ts';
import { seededRandom } from '../../support/mutate.ts';
import { ack, hex, join, names, option4, option6, reply, text } from './octets.ts';

const MAC = macOctets('dc:a6:32:01:02:03');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Drives a machine, and keeps its effects with the time of each. */
function stand<E>(machine: {
  handle(input: AskInput, now: number): readonly E[];
  readonly deadline: number;
}) {
  const clock = new Clock(0);
  const done: { readonly effect: E; readonly at: number }[] = [];
  const give = clock.drive<AskInput, E>(machine, (effect) => done.push({ effect, at: clock.now }));
  return { clock, done, give };
}

function informer(random = () => 0.5) {
  return stand<InformEffect>(
    new Informer({ address: '10.9.0.20', mac: MAC, vendorClass: 'Dualtone Test 1.0.0', random }),
  );
}

type Stand<E> = ReturnType<typeof stand<E>>;
const kinds = <E extends { readonly kind: string }>({ done }: Stand<E>) =>
  done.map(({ effect }) => effect.kind);
const sendTimes = <E extends { readonly kind: string }>({ done }: Stand<E>) =>
  done.filter(({ effect }) => effect.kind === 'send').map(({ at }) => at);

/** The last that was sent. */
function sent<E>({ done }: Stand<E>): Uint8Array {
  const octets = done.flatMap(({ effect }) =>
    typeof effect === 'object' && effect !== null && 'octets' in effect && effect.octets instanceof Uint8Array
      ? [effect.octets]
      : [],
  );
  return octets.at(-1) ?? new Uint8Array(0);
}

test('INFORM is sent four times, further apart each time, then rests for an hour (RFC 2131 4.1, 4.4.3)', (t) => {
  const asking = informer();
  asking.give({ kind: 'start' });
  asking.clock.run(HOUR - 1);
  t.deepEqual(sendTimes(asking), [0, 4_000, 12_000, 28_000]);
  t.deepEqual(kinds(asking).slice(-2), ['silent', 'rest']);
  t.is(asking.done.at(-1)?.at, 60_000);
  asking.clock.run(70_000);
  t.is(sendTimes(asking)[4], 60_000 + INFORM_TIMES.restAfterSilence);
});

test('tries of INFORM are spread by a second either way', (t) => {
  const random = seededRandom(7);
  for (let round = 0; round < 200; round++) {
    const asking = informer(random);
    asking.give({ kind: 'start' });
    asking.clock.run(59_000);
    const times = sendTimes(asking);
    const gaps = times.slice(1).map((at, i) => at - (times[i] ?? 0));
    for (const [i, base] of [4_000, 8_000, 16_000].entries())
      t.true(Math.abs((gaps[i] ?? 0) - base) <= 1_000);
  }
});

test('INFORM names our address, asks for what we read, and is long enough for old relays', (t) => {
  const asking = informer();
  asking.give({ kind: 'start' });
  const octets = sent(asking);
  t.is(octets.length, 300);
  t.deepEqual([...octets.subarray(12, 16)], [10, 9, 0, 20]);
  t.deepEqual([...octets.subarray(28, 34)], [...MAC]);
  t.deepEqual([...octets.subarray(236, 243)], [0x63, 0x82, 0x53, 0x63, 53, 1, 8]);
  const asked = Buffer.from(octets).indexOf(hex('37'), 243);
  for (const code of [15, 42, 43, 66, 67, 120, 125, 141, 150, 159, 160]) t.true(octets.includes(code, asked));
});

test('answers of several servers are heard for two seconds, each once, then it rests for a day', (t) => {
  const asking = informer();
  asking.give({ kind: 'start' });
  const answer = (server: string) => ack(sent(asking), option4(66, text('https://a.example/')), server);
  asking.give({ kind: 'received', octets: answer('0a090001') });
  asking.give({ kind: 'received', octets: answer('0a090001') });
  asking.clock.run(1_900);
  asking.give({ kind: 'received', octets: answer('0a090002') });
  asking.clock.run(DAY);
  asking.give({ kind: 'received', octets: answer('0a090003') });
  t.deepEqual(kinds(asking), ['send', 'told', 'told', 'rest']);
  asking.clock.run(3_000);
  t.is(sendTimes(asking)[1], 2_000 + DAY);
});

test('answers to others, and what is no ACK, are not taken', (t) => {
  const asking = informer();
  asking.give({ kind: 'start' });
  const good = ack(sent(asking), new Uint8Array(0));
  const spoilt = (at: number) => good.map((octet, i) => (i === at ? octet ^ 1 : octet));
  // Operation, transaction, our MAC address, the cookie, the type.
  for (const at of [0, 5, 30, 237, 242]) asking.give({ kind: 'received', octets: spoilt(at) });
  t.deepEqual(kinds(asking), ['send']);
  asking.give({ kind: 'received', octets: good });
  t.deepEqual(kinds(asking), ['send', 'told']);
});

test('options may stand in the fields of file and server, and those fields for options (RFC 2132 9.3)', (t) => {
  const asking = informer();
  asking.give({ kind: 'start' });
  const plain = Buffer.from(ack(sent(asking), new Uint8Array(0)));
  plain.write('192.0.2.1\0', 44, 'latin1');
  plain.write('boot.cfg\0', 108, 'latin1');
  const read = readReply4(plain)?.options;
  t.is(Buffer.from(read?.get(66) ?? []).toString(), '192.0.2.1');
  t.is(Buffer.from(read?.get(67) ?? []).toString(), 'boot.cfg');
  const overloaded = Buffer.from(ack(sent(asking), option4(52, hex('03'))));
  overloaded.set(join(option4(66, text('http://a.example/')), hex('ff')), 108);
  overloaded.set(join(option4(42, hex('c0000203')), hex('ff')), 44);
  const more = readReply4(overloaded)?.options;
  t.is(Buffer.from(more?.get(66) ?? []).toString(), 'http://a.example/');
  t.deepEqual([...(more?.get(42) ?? [])], [192, 0, 2, 3]);
});

function informationAsker(random = () => 0.5) {
  return stand<InformationEffect>(new InformationAsker({ clientId: duidOf(MAC), random }));
}

test('Information-request waits up to a second, and is repeated ever more rarely (RFC 8415 15, 18.2.6)', (t) => {
  const asking = informationAsker();
  asking.give({ kind: 'start' });
  asking.clock.run(5 * HOUR);
  const times = sendTimes(asking);
  t.is(times[0], 500);
  const gaps = times.slice(1).map((at, i) => at - (times[i] ?? 0));
  t.deepEqual(gaps.slice(0, 6), [1_000, 2_000, 4_000, 8_000, 16_000, 32_000]);
  t.is(Math.max(...gaps), INFORMATION_TIMES.INF_MAX_RT);
  t.is(kinds(asking).filter((kind) => kind === 'silent').length, 1);
});

test('tries of Information-request are spread by a tenth', (t) => {
  const random = seededRandom(11);
  for (let round = 0; round < 200; round++) {
    const asking = informationAsker(random);
    asking.give({ kind: 'start' });
    asking.clock.run(40 * HOUR);
    const times = sendTimes(asking);
    t.true((times[0] ?? -1) >= 0 && (times[0] ?? Infinity) <= INFORMATION_TIMES.INF_MAX_DELAY);
    const gaps = times.slice(1).map((at, i) => at - (times[i] ?? 0));
    let before = 0;
    for (const gap of gaps) {
      if (before === 0) t.true(gap >= 900 && gap <= 1_100);
      else if (gap < 3_200_000) t.true(gap >= before * 1.9 && gap <= before * 2.1 + 1);
      t.true(gap <= 3_600_000 * 1.1);
      before = gap;
    }
  }
});

test('Information-request says who we are, how long we try and what we want', (t) => {
  const asking = informationAsker();
  asking.give({ kind: 'start' });
  asking.clock.run(3_500);
  const octets = Buffer.from(sent(asking));
  t.is(octets[0], 11);
  t.true(octets.includes(option6(1, hex('00030001 dca632010203'))));
  t.true(octets.includes(option6(8, hex('012c'))), 'three seconds');
  const wanted = octets.subarray(octets.indexOf(hex('0006')) + 4);
  for (const code of [17, 21, 22, 24, 31, 41, 42, 56, 58, 59, 32, 83])
    t.true(wanted.includes(Buffer.of(0, code)), `${code}`);
});

const REFRESH: readonly (readonly [seconds: string | undefined, ms: number])[] = [
  [undefined, DAY],
  ['00000001', 600_000],
  ['00000e10', HOUR],
  ['ffffffff', DAY],
];

for (const [seconds, ms] of REFRESH) {
  test(`information is refreshed after ${ms / 1000} s where the server says ${seconds ?? 'nothing'} (RFC 8415 21.23)`, (t) => {
    const asking = informationAsker();
    asking.give({ kind: 'start' });
    asking.clock.run(500);
    const options = seconds === undefined ? new Uint8Array(0) : option6(32, hex(seconds));
    asking.give({ kind: 'received', octets: reply(sent(asking), options) });
    asking.clock.run(3 * DAY, 10_000);
    t.deepEqual(kinds(asking).slice(0, 4), ['send', 'told', 'rest', 'send']);
    t.is(sendTimes(asking)[1], 500 + INFORMATION_TIMES.hearing + ms + 500);
  });
}

test('a server may make us ask more rarely or more often where nobody answers (RFC 8415 21.25)', (t) => {
  const asking = informationAsker();
  asking.give({ kind: 'start' });
  asking.clock.run(500);
  asking.give({ kind: 'received', octets: reply(sent(asking), option6(83, hex('0000003c'))) });
  asking.clock.run(DAY + HOUR);
  const times = sendTimes(asking).slice(1);
  const gaps = times.slice(1).map((at, i) => at - (times[i] ?? 0));
  t.is(Math.max(...gaps), 60_000);
});

test('replies to others, without a server, or that tell of a failure, are not taken (RFC 8415 16.10)', (t) => {
  const asking = informationAsker();
  asking.give({ kind: 'start' });
  asking.clock.run(500);
  const request = sent(asking);
  const bad = [
    reply(
      request.map((octet, i) => (i === 2 ? octet ^ 1 : octet)),
      new Uint8Array(0),
    ),
    reply(
      request.map((octet, i) => (i === 13 ? octet ^ 1 : octet)),
      new Uint8Array(0),
    ),
    reply(request, new Uint8Array(0), ''),
    reply(request, option6(13, hex('0001'))),
    reply(request, hex('00')),
    request,
  ];
  for (const octets of bad) asking.give({ kind: 'received', octets });
  t.deepEqual(kinds(asking), ['send']);
  t.truthy(readReply6(reply(request, option6(13, hex('0000')))));
});

/** RDNSS, DNSSL of two names with padding, and an option that we do not know. */
const ADVERTISEMENT = join(
  hex('86 00 0000 40 c0 0708 00000000 00000000'),
  hex('19 03 0000 00000e10 20010db8 00000000 00000000 00000035'),
  hex('1f 05 0000 00000e10'),
  names('lan.example.net', 'b.example'),
  hex('00 00 00 00'),
  hex('05 01 0000 000005dc'),
);

test('routers tell name servers and search domains (RFC 8106)', (t) => {
  const read = readAdvertisement(ADVERTISEMENT);
  t.deepEqual(read?.rdnss, ['2001:db8::35']);
  t.deepEqual(read?.dnssl, ['lan.example.net', 'b.example']);
  t.deepEqual(
    read && factsOfRouter(read, 'eth0').domains.map(({ domain, kind, from }) => `${domain} ${kind} ${from}`),
    ['lan.example.net', 'b.example'].map((name) => `${name} router router advertisement on eth0`),
  );
  t.is(readAdvertisement(ADVERTISEMENT.map((octet, i) => (i === 17 ? 0 : octet))), undefined);
  const over = ADVERTISEMENT.slice();
  over.set([0, 0, 0, 0], 44);
  t.deepEqual(readAdvertisement(over)?.dnssl, [], 'a lifetime of zero takes it back');
});

test('routers are solicited three times at most, and not at all once one has spoken (RFC 4861 6.3.7)', (t) => {
  const asking = stand<SolicitorEffect>(new Solicitor({ mac: MAC, random: () => 0.5 }));
  asking.give({ kind: 'start' });
  asking.clock.run(DAY);
  t.deepEqual(sendTimes(asking), [500, 4_500, 8_500]);
  t.is(kinds(asking).at(-1), 'silent');
  asking.give({ kind: 'start' });
  asking.give({ kind: 'received', octets: ADVERTISEMENT });
  asking.clock.run(DAY);
  t.is(kinds(asking).at(-1), 'told');
});

test('only a router of this link is heard', (t) => {
  const from = 'fe80::dea6:32ff:fe01:203';
  const frame = frameToRouters(writeSolicitation(MAC), { from, mac: MAC });
  t.is(sourceOf6(frame), from);
  // Written by hand from RFC 4443 2.3: over pseudo header and message.
  t.deepEqual([...frame.subarray(54, 58)], [133, 0, frame[56], frame[57]]);
  t.is(onesSum(frame), 0xffff, 'the checksum sums to all ones');
  t.deepEqual([...(routerMessage(frame) ?? [])].slice(0, 2), [133, 0]);
  const far = (at: number, octet: number) => frame.map((old, i) => (i === at ? octet : old));
  t.is(routerMessage(far(21, 254)), undefined, 'through a router');
  t.is(routerMessage(far(22, 0x20)), undefined, 'from a global address');
});

/** RFC 1071, over what RFC 8200 8.1 has summed. */
function onesSum(frame: Uint8Array): number {
  const summed = join(
    frame.subarray(22, 54),
    Uint8Array.of(0, 0, 0, frame.length - 54, 0, 0, 0, 58),
    frame.subarray(54),
  );
  let sum = 0;
  for (let at = 0; at < summed.length; at += 2) sum += ((summed[at] ?? 0) << 8) + (summed[at + 1] ?? 0);
  return (sum & 0xffff) + (sum >>> 16);
}

test('datagrams that are put into frames come out of them', (t) => {
  const ends = { from: '10.9.0.20', mac: MAC, ports: { from: 68, to: 67 } };
  const ends6 = { from: 'fe80::1', mac: MAC, ports: { from: 546, to: 547 } };
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1200 }), (payload) => {
      const four = frameToAll4(payload, ends);
      const six = frameToGroup6(payload, 'ff02::1:2', ends6);
      t.deepEqual(Buffer.from(payload4(four, 67) ?? []), Buffer.from(payload));
      t.deepEqual(Buffer.from(payload6(six, 547) ?? []), Buffer.from(payload));
      t.is(payload4(four.subarray(0, -1), 67), undefined, 'cut short');
      t.is(payload6(six.subarray(0, -1), 547), undefined, 'cut short');
      return payload4(four, 68) === undefined && payload6(six, 546) === undefined;
    }),
  );
});
