/** Asking, believing and forgetting: RFC 6762 5.2, 7.3 and 10. */
import test from 'ava';
import { Cache } from '#mdns/cache.ts';
import { HOST, OURS, PTR, record, SRV, Stage, TXT } from './stage.ts';

const NSEC = record('phone.local', { type: 'NSEC', next: 'phone.local', types: ['A'] });
const ALL = { response: true, answers: [...OURS, NSEC] };

function browsing(): Stage {
  const stage = new Stage();
  stage.give({ kind: 'browse', services: ['_x._udp.local'] });
  return stage;
}

test('what nobody answers is asked for after 1, 2, 4 seconds and so on, at last once an hour', (t) => {
  const stage = browsing();
  stage.run(20 * 3_600_000);
  const times = stage.take().map(({ at }) => at);
  const pauses = times.map((at, n) => at - (times[n - 1] ?? 0)).map((ms) => Math.round(ms / 1000));
  t.is(times[0], 20);
  t.deepEqual(pauses.slice(1, 6), [1, 2, 4, 8, 16]);
  t.deepEqual(new Set(pauses.slice(13)), new Set([3600]));
});

test('an instance is complete with SRV, TXT and an address; what is missing is asked for', (t) => {
  const stage = browsing();
  stage.run(100);
  stage.take();
  stage.hear({ response: true, answers: [PTR] });
  t.deepEqual(stage.link.services, []);
  stage.run(200);
  t.deepEqual(
    stage.take()[0]?.message.questions.map(({ type }) => type),
    ['SRV', 'TXT'],
  );
  stage.hear({ response: true, answers: [SRV, TXT] });
  stage.run(200);
  t.deepEqual(
    stage.take()[0]?.message.questions.map(({ type }) => type),
    ['A', 'AAAA'],
  );
  stage.hear({ response: true, answers: [HOST] });
  t.like(stage.link.services[0] ?? {}, {
    ...{ instance: 'me', host: 'phone.local', port: 5060, addresses: ['10.0.0.1'] },
  });
});

test('known answers go with the question', (t) => {
  const stage = browsing();
  stage.hear(ALL);
  stage.run(10_000);
  const questions = stage
    .take()
    .filter(({ message }) => message.questions.some(({ type }) => type === 'PTR'));
  t.true(questions.length > 1);
  t.deepEqual(
    questions.at(-1)?.message.answers.map(({ data }) => data.type),
    ['PTR'],
  );
});

test('what grows old is asked for at 80, 85, 90 and 95 %, and then forgotten', (t) => {
  const stage = browsing();
  stage.hear(ALL);
  stage.run(119_999);
  const asked = stage.take().filter(({ message }) => message.questions.some(({ type }) => type === 'SRV'));
  t.deepEqual(
    asked.map(({ at }) => at / 1000),
    [96, 102, 108, 114],
  );
  t.is(stage.link.services.length, 1);
  stage.run(1);
  t.is(stage.link.services.length, 0);
});

test('an answer ends the asking', (t) => {
  const stage = browsing();
  for (let n = 0; n < 40; n++) {
    stage.hear(ALL);
    stage.run(95_000);
  }
  const asked = stage.take().filter(({ message }) => message.questions.some(({ type }) => type !== 'PTR'));
  t.deepEqual(asked, []);
});

test('a goodbye is believed after a second', (t) => {
  const stage = browsing();
  stage.hear(ALL);
  stage.hear({ response: true, answers: [{ ...PTR, ttl: 0 }] });
  stage.run(999);
  t.is(stage.link.services.length, 1);
  stage.run(1);
  t.is(stage.link.services.length, 0);
  t.deepEqual(stage.effects.at(-1), { kind: 'changed' });
});

test('the cache-flush bit replaces what was said more than a second ago', (t) => {
  const stage = browsing();
  stage.hear(ALL);
  stage.run(500);
  stage.hear({ response: true, answers: [record('phone.local', { type: 'A', address: '10.0.0.2' })] });
  stage.run(2_000);
  t.deepEqual(stage.link.services[0]?.addresses, ['10.0.0.1', '10.0.0.2']);
  stage.hear({ response: true, answers: [record('phone.local', { type: 'A', address: '10.0.0.3' })] });
  stage.run(2_000);
  t.deepEqual(stage.link.services[0]?.addresses, ['10.0.0.3']);
});

test('a question that somebody else has just asked is ours as well, unless it knows what we do not', (t) => {
  const question = { questions: [{ name: '_x._udp.local', type: 'PTR', unicast: false }] } as const;
  const quiet = browsing();
  quiet.hear(question);
  quiet.run(900);
  t.deepEqual(quiet.take(), []);
  const curious = browsing();
  curious.hear({ ...question, answers: [PTR] });
  curious.run(900);
  t.is(curious.take().length, 1);
});

test('our own voice is not taken for another’s, another’s of the same words is', (t) => {
  const stage = new Stage().settle();
  stage.give({ kind: 'browse', services: ['_x._udp.local'] });
  const effects = stage.link.handle({ kind: 'tick' }, stage.now + 20);
  const [sent] = effects.flatMap((effect) => (effect.kind === 'send' ? [effect.octets] : []));
  t.truthy(sent);
  const voice = {
    kind: 'received',
    octets: sent ?? Buffer.alloc(0),
    from: { family: 4, address: '10.0.0.1', port: 5353 },
    own: true,
  } as const;
  stage.now += 21;
  stage.give(voice);
  stage.run(200);
  t.deepEqual(stage.take(), []);
  stage.give(voice);
  stage.run(200);
  t.is(stage.take().length, 1);
});

test('the cache holds no more than a home could fill', (t) => {
  const cache = new Cache(() => 0);
  const many = Array.from({ length: 6_000 }, (_, n) =>
    record(`host-${n}.local`, { type: 'A', address: '10.0.0.1' }),
  );
  cache.learn(many, 0);
  t.is(cache.size, 4_000);
  const inOneSet = new Cache(() => 0);
  inOneSet.learn(
    many.map(({ name }) => record('_x._udp.local', { type: 'PTR', target: name }, 120, false)),
    0,
  );
  t.is(inOneSet.size, 512);
  cache.expire(120_000);
  t.is(cache.size, 0);
  t.is(cache.deadline, Number.POSITIVE_INFINITY);
});

test('a flood of instances costs little time and few packets', (t) => {
  const stage = browsing();
  const started = performance.now();
  for (let n = 0; n < 200; n++) {
    const answers = Array.from({ length: 100 }, (_, i) =>
      record('_x._udp.local', { type: 'PTR', target: `${n}-${i}._x._udp.local` }, 4500, false),
    );
    stage.hear({ response: true, answers });
    stage.run(10);
  }
  stage.run(10_000);
  t.true(performance.now() - started < 10_000);
  t.true(stage.sent.length < 600, `${stage.sent.length} packets`);
  for (const { message } of stage.sent) t.true(message.questions.length <= 12);
});
