/** RFC 6762 6 to 10 as one host keeps them, with a clock that jumps. */
import test from 'ava';
import { ask, FRIEND, HOST, LEGACY, names, OURS, PTR, record, SRV, Stage, TXT } from './stage.ts';

const OTHER_HOST = record('phone.local', { type: 'A', address: '10.0.0.2' });
const EARLIER_HOST = record('phone.local', { type: 'A', address: '9.0.0.2' });

test('three probes 250 ms apart, then two announcements a second apart', (t) => {
  const stage = new Stage(() => 0.5);
  stage.give({ kind: 'publish', records: OURS });
  stage.run(60_000);
  t.deepEqual(
    stage.sent.map(({ at, message }) => [at, message.response, message.authorities.length]),
    [
      [125, false, 3],
      [375, false, 3],
      [625, false, 3],
      [875, true, 0],
      [1875, true, 0],
    ],
  );
  t.deepEqual(
    stage.sent[0]?.message.questions.map(({ name, type }) => `${type} ${name}`),
    ['ANY me._x._udp.local', 'ANY phone.local'],
  );
  t.is(stage.sent[3]?.message.answers.length, 4);
  t.deepEqual(stage.verdicts, [{ kind: 'established' }]);
});

test('nothing is answered before the names are ours', (t) => {
  const stage = new Stage();
  stage.give({ kind: 'publish', records: OURS });
  stage.run(700);
  stage.take();
  stage.hear(ask('phone.local', 'A'));
  stage.run(40);
  t.deepEqual(stage.sent, []);
});

test('somebody who has the name speaks up while we probe: a conflict, and silence', (t) => {
  const stage = new Stage();
  stage.give({ kind: 'publish', records: OURS });
  stage.run(300);
  stage.hear({ response: true, answers: [OTHER_HOST] });
  stage.take();
  stage.run(60_000);
  t.deepEqual(stage.verdicts, [{ kind: 'conflict', names: ['phone.local'] }]);
  t.deepEqual(stage.sent, []);
});

test('two that probe at once: the later data goes on, the earlier waits a second and loses the second time', (t) => {
  const probe = (authority: typeof HOST) => ({ ...ask('phone.local', 'ANY'), authorities: [authority] });
  const winner = new Stage();
  winner.give({ kind: 'publish', records: OURS });
  winner.run(100);
  winner.hear(probe(EARLIER_HOST));
  winner.run(2_000);
  t.deepEqual(winner.verdicts, [{ kind: 'established' }]);
  const loser = new Stage();
  loser.give({ kind: 'publish', records: OURS });
  loser.run(100);
  loser.hear(probe(OTHER_HOST));
  loser.take();
  loser.run(999);
  t.deepEqual(loser.sent, []);
  loser.run(1);
  t.is(loser.sent.length, 1);
  loser.hear(probe(OTHER_HOST));
  t.deepEqual(loser.verdicts, [{ kind: 'conflict', names: ['phone.local'] }]);
});

test('the same data is no rival', (t) => {
  const stage = new Stage();
  stage.give({ kind: 'publish', records: OURS });
  stage.run(100);
  stage.hear({ ...ask('phone.local', 'ANY'), authorities: [HOST] });
  stage.hear({ response: true, answers: [HOST] });
  stage.run(2_000);
  t.deepEqual(stage.verdicts, [{ kind: 'established' }]);
});

test('a name that is ours is defended at once, and no more than four times a second', (t) => {
  const stage = new Stage().settle();
  const probe = { ...ask('phone.local', 'ANY'), authorities: [OTHER_HOST] };
  stage.hear(probe);
  t.deepEqual(stage.take().map(names), [['A phone.local 120']]);
  for (let n = 0; n < 20; n++) {
    stage.run(10);
    stage.hear(probe);
  }
  stage.run(1_000);
  t.true(stage.take().length <= 2);
});

test('after a contradiction the name is probed anew', (t) => {
  const stage = new Stage().settle();
  stage.hear({ response: true, answers: [OTHER_HOST] });
  stage.run(5_000);
  t.deepEqual(
    stage.take().map(({ message }) => message.response),
    [false, false, false, true, true],
  );
});

test('after fifteen conflicts in ten seconds the next attempt waits five', (t) => {
  const stage = new Stage();
  for (let n = 0; n < 15; n++) {
    const host = `phone-${n}.local`;
    stage.give({ kind: 'publish', records: [record(host, HOST.data)] });
    stage.run(100);
    stage.hear({ response: true, answers: [record(host, OTHER_HOST.data)] });
  }
  t.is(stage.verdicts.length, 15);
  stage.take();
  stage.give({ kind: 'publish', records: [record('phone-15.local', HOST.data)] });
  stage.run(4_999);
  t.deepEqual(stage.sent, []);
  stage.run(1);
  t.is(stage.sent.length, 1);
});

test('what is ours alone is answered at once, what others share after 20 to 120 ms', (t) => {
  const stage = new Stage(() => 0.5).settle();
  stage.hear(ask('phone.local', 'A'));
  t.deepEqual(stage.take().map(names), [['A phone.local 120']]);
  const from = stage.now;
  stage.hear(ask(PTR.name, 'PTR'));
  stage.run(500);
  const [answer] = stage.take();
  t.is((answer?.at ?? 0) - from, 70);
  t.deepEqual(
    answer?.message.answers.map(({ data }) => data.type),
    ['PTR'],
  );
  // With it comes what would be asked next: also that this host has no IPv6.
  t.deepEqual(
    answer?.message.additionals.map(({ data }) => data.type),
    ['SRV', 'TXT', 'A', 'NSEC'],
  );
});

test('a record goes to all once in a second', (t) => {
  const stage = new Stage().settle();
  for (let n = 0; n < 50; n++) {
    stage.hear(ask('phone.local', 'A'));
    stage.run(50);
  }
  t.deepEqual(
    stage.take().map(({ at }) => at - 10_000),
    [0, 1000, 2000],
  );
});

test('who knows the answer is not told it, unless it is about to forget it', (t) => {
  const stage = new Stage().settle();
  stage.hear({ ...ask(PTR.name, 'PTR'), answers: [{ ...PTR, ttl: 2250 }] });
  stage.run(1_000);
  t.deepEqual(stage.take(), []);
  stage.hear({ ...ask(PTR.name, 'PTR'), answers: [{ ...PTR, ttl: 2249 }] });
  stage.run(1_000);
  t.is(stage.take().length, 1);
});

test('known answers that follow in a second message count as well', (t) => {
  const stage = new Stage().settle();
  stage.hear({ ...ask(PTR.name, 'PTR'), truncated: true });
  stage.run(300);
  stage.hear({ answers: [PTR] });
  stage.run(2_000);
  t.deepEqual(stage.take(), []);
});

test('an answer that somebody else has just given is not given again', (t) => {
  const stage = new Stage().settle();
  stage.hear(ask(PTR.name, 'PTR'));
  stage.hear({ response: true, answers: [PTR] });
  stage.run(1_000);
  t.deepEqual(stage.take(), []);
});

test('who likes a unicast answer gets one while all have heard it lately, else all hear it', (t) => {
  const stage = new Stage().settle();
  stage.hear(ask('phone.local', 'A', true));
  t.deepEqual(
    stage.take().map(({ to }) => to),
    [FRIEND],
  );
  stage.run(30_000);
  stage.hear(ask('phone.local', 'A', true));
  t.deepEqual(
    stage.take().map(({ to }) => to),
    [undefined],
  );
});

test('a legacy querier gets plain DNS: its id, its question, ten seconds, no cache-flush', (t) => {
  const stage = new Stage().settle();
  stage.hear({ id: 4711, ...ask(PTR.name, 'PTR', true) }, LEGACY);
  const [{ to, message } = { to: undefined, message: undefined }] = stage.take();
  t.deepEqual(to, LEGACY);
  t.is(message?.id, 4711);
  t.deepEqual(message?.questions, [{ name: PTR.name, type: 'PTR', unicast: false }]);
  const all = [...(message?.answers ?? []), ...(message?.additionals ?? [])];
  t.true(all.length >= 4 && all.every(({ ttl, flush }) => ttl === 10 && !flush));
});

test('unicast answers are at most forty a second: we are nobody’s cannon', (t) => {
  const stage = new Stage().settle();
  for (let n = 0; n < 500; n++) stage.hear({ id: n, ...ask('phone.local', 'A') }, LEGACY);
  t.is(stage.take().length, 40);
  stage.run(1_000);
  stage.hear(ask('phone.local', 'A'), LEGACY);
  t.is(stage.take().length, 1);
});

test('of a name that is ours alone it is said that it has no other types', (t) => {
  const stage = new Stage().settle();
  stage.hear(ask('phone.local', 'AAAA'));
  const [answer] = stage.take();
  t.deepEqual(answer?.message.answers[0]?.data, { type: 'NSEC', next: 'phone.local', types: ['A'] });
  stage.hear(ask('_x._udp.local', 'SRV'));
  stage.hear(ask('nobody.local', 'A'));
  stage.run(1_000);
  t.deepEqual(stage.take(), []);
});

test('other data under the same names is announced without a probe; what is gone is said to be', (t) => {
  const stage = new Stage().settle();
  stage.give({ kind: 'publish', records: [PTR, SRV, TXT, OTHER_HOST] });
  stage.run(5_000);
  t.deepEqual(stage.take().map(names), [
    ['A phone.local 0'],
    [PTR, SRV, TXT, OTHER_HOST].map(({ name, data, ttl }) => `${data.type} ${name} ${ttl}`),
    [PTR, SRV, TXT, OTHER_HOST].map(({ name, data, ttl }) => `${data.type} ${name} ${ttl}`),
  ]);
});

test('other names are probed, and the old ones end', (t) => {
  const stage = new Stage().settle();
  stage.give({ kind: 'publish', records: [record('other.local', HOST.data)] });
  stage.run(5_000);
  t.deepEqual(
    stage.take().map(({ message }) => message.response),
    [true, false, false, false, true, true],
  );
});

test('the end is told, with time 0', (t) => {
  const stage = new Stage().settle();
  stage.give({ kind: 'close' });
  t.deepEqual(stage.take().map(names), [
    ['PTR _x._udp.local 0', 'SRV me._x._udp.local 0', 'TXT me._x._udp.local 0', 'A phone.local 0'],
  ]);
  stage.hear(ask('phone.local', 'A'));
  stage.run(60_000);
  t.deepEqual(stage.take(), []);
});

test('whoever tells our record with too short a time is corrected', (t) => {
  const stage = new Stage().settle();
  stage.hear({ response: true, answers: [{ ...HOST, ttl: 30 }] });
  stage.run(1_000);
  t.deepEqual(stage.take().map(names), [['A phone.local 120']]);
});

test('a response from another port than 5353 is none', (t) => {
  const stage = new Stage();
  stage.give({ kind: 'publish', records: OURS });
  stage.run(100);
  stage.hear({ response: true, answers: [OTHER_HOST] }, LEGACY);
  stage.run(2_000);
  t.deepEqual(stage.verdicts, [{ kind: 'established' }]);
});
