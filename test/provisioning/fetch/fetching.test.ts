/** Rounds of questions: in which order, how long, how often, and whole or not at all. */
import test from 'ava';
import type { Answer } from '#provisioning/fetch/attempt.ts';
import { A, B, candidate, content, stand } from './fetching_stand.ts';

test('the first server that gives a configuration is pinned, and asked again in a day with what it said', (t) => {
  const { clock, find, of, asked, servers, machine } = stand();
  servers.set(A, ({ validators }) =>
    validators?.etag === '"1"' ? { kind: 'unchanged' } : content({ version: '1' }),
  );
  find(candidate(A));
  clock.run(1_000);
  const [fetched] = of('fetched');
  t.like(fetched, { host: 'a.example', version: '1', from: 'dhcp on eth0' });
  t.deepEqual(fetched?.layers, [{ origin: 'server common', from: A, value: { version: '1' } }]);
  t.deepEqual(machine.pin, { host: 'a.example', keys: ['sha256/own'] });
  clock.run(86_400_000);
  t.is(asked.length, 2);
  t.is(asked[1]?.at, 86_400_010);
  t.deepEqual(asked[1]?.question.validators, { etag: '"1"' });
  t.deepEqual(asked[1]?.question.pin, machine.pin);
  t.is(of('unchanged').length, 1);
  t.is(of('fetched').length, 1);
});

test('candidates are asked by step, then https first, then order, then IPv6', (t) => {
  const { clock, find, urls } = stand();
  find(
    candidate('http://pnp.example/x', 'pnp'),
    candidate('https://sfua.example/x', 'sfua'),
    candidate('http://d1.example/x'),
    candidate('https://d3.example/x', 'dhcp', { order: 1 }),
    candidate('https://d2.example/x', 'dhcp', { order: 1, family: 6 }),
    candidate('http://card.example/x', 'drop file'),
  );
  clock.run(1_500);
  t.deepEqual(
    urls().map((url) => new URL(url).hostname),
    ['card', 'd2', 'd3', 'd1', 'sfua', 'pnp'].map((name) => `${name}.example`),
  );
});

test('one that does not answer keeps its successor waiting for two seconds, no more', (t) => {
  const { clock, find, asked, servers, of } = stand();
  servers.set(A, () => undefined);
  servers.set(B, content());
  find(candidate(A), candidate(B, 'pnp'));
  clock.run(3_000);
  t.deepEqual(
    asked.map(({ at, url }) => [at, url]),
    [
      [0, A],
      [2_000, B],
    ],
  );
  t.is(of('fetched')[0]?.host, 'b.example');
  t.is(of('forget').length, 1);
});

test('within one step a server that is vouched for comes before one that is not, whatever the order', (t) => {
  const { clock, find, asked, servers, of } = stand();
  servers.set(A, ({ firstUse }) => (firstUse ? content() : { kind: 'unproved' }));
  servers.set(B, content());
  find(candidate(A), candidate(B, 'dhcp', { order: 1 }));
  clock.run(1_000);
  t.is(of('fetched')[0]?.host, 'b.example');
  t.true(asked.every(({ question }) => !question.firstUse));
});

test('one that nobody vouches for is believed when there is no better one', (t) => {
  const { clock, find, asked, servers, of } = stand();
  servers.set(A, ({ firstUse }) => (firstUse ? content() : { kind: 'unproved' }));
  find(candidate(A), candidate(B, 'dhcp', { order: 1 }));
  clock.run(1_000);
  t.is(of('fetched')[0]?.host, 'a.example');
  t.deepEqual(
    asked.map(({ url, question }) => [url, question.firstUse]),
    [
      [A, false],
      [B, false],
      [A, true],
    ],
  );
});

test('one that becomes known later is asked at once while nobody has given anything', (t) => {
  const { clock, find, of, asked, servers } = stand();
  servers.set(A, { kind: 'failed', failure: { kind: 'status', status: 500 } });
  servers.set(B, content());
  find(candidate(A));
  clock.run(20_000);
  find(candidate(A), candidate(B, 'pnp'));
  clock.run(100);
  t.is(of('fetched')[0]?.host, 'b.example');
  t.deepEqual(
    asked.map(({ at, url }) => [at, url]),
    [
      [0, A],
      [20_000, B],
    ],
  );
});

test('in another network nobody of the old one is waited for, and who failed there is asked at once', (t) => {
  const { clock, give, find, of, asked, servers } = stand();
  servers.set(A, { kind: 'failed', failure: { kind: 'status', status: 500 } });
  servers.set(B, () => undefined);
  find(candidate(A), candidate(B, 'pnp'));
  clock.run(10_000);
  find();
  t.deepEqual(
    of('forget').map(({ ticket }) => ticket),
    [2],
  );
  give({ kind: 'network-changed' });
  clock.run(10_000);
  t.is(asked.length, 2);
  find(candidate(A));
  t.deepEqual([asked.at(-1)?.at, asked.at(-1)?.url], [20_000, A]);
});

test('what may not be asked is told once, however often it is found', (t) => {
  const { clock, find, of, urls } = stand();
  const all = [candidate('tftp://h/x'), candidate('javascript:x'), candidate(A)];
  for (let i = 0; i < 5; i += 1) {
    find(...all, candidate(`http://h${i}/`));
    clock.run(100);
  }
  const told = of('refused').map(({ url, reason }) => `${url} ${reason}`);
  t.is(told.filter((text) => /^tftp:.* tftp is not allowed/.test(text)).length, 1);
  t.is(told.filter((text) => text.startsWith('javascript:')).length, 1);
  t.false(urls().some((url) => url.startsWith('tftp:')));
});

test('failures are tried again with growing pauses, as RFC 6011 has them', (t) => {
  const { clock, find, asked } = stand();
  find(candidate(A));
  clock.run(120_000);
  const pauses = asked.slice(1).map(({ at }, i) => Math.round((at - (asked[i]?.at ?? 0)) / 1000));
  t.deepEqual(pauses, [2, 4, 8, 16, 32]);
});

test('a server that is away is told of when it goes, when the reason is another, and when it is back', (t) => {
  const { clock, find, of, asked, servers, give } = stand();
  find(candidate(A));
  clock.run(120_000);
  t.is(asked.length, 6);
  t.deepEqual(
    of('refused').map(({ reason }) => reason),
    ['nobody there'],
  );
  servers.set(A, { kind: 'failed', failure: { kind: 'status', status: 503, retryAfter: 1_000 } });
  clock.run(600_000);
  t.deepEqual(
    of('refused').map(({ reason }) => reason),
    ['nobody there', 'the server answered 503'],
  );
  t.deepEqual(of('answers-again'), []);
  servers.set(A, content());
  clock.run(600_000);
  t.deepEqual(of('answers-again'), [{ kind: 'answers-again', host: 'a.example' }]);
  give({ kind: 'resync' });
  clock.run(2_000);
  t.is(of('fetched').length, 2);
  t.is(of('answers-again').length, 1);
});

test('a removed URL is left alone for half an hour, or until the network changes', (t) => {
  const { clock, give, find, asked, servers, of } = stand();
  servers.set(A, { kind: 'failed', failure: { kind: 'status', status: 500 } });
  find(candidate(A));
  clock.run(1_799_000);
  t.is(asked.length, 1);
  t.like(of('refused')[0], { url: A, reason: 'the server answered 500' });
  clock.run(2_000);
  t.is(asked.length, 2);
  give({ kind: 'network-changed' });
  clock.run(1_000);
  t.is(asked.length, 3);
});

test('a network that changes all the time makes one round a second, no more', (t) => {
  const { clock, give, find, asked } = stand();
  find(candidate(A));
  for (let i = 0; i < 100; i += 1) {
    give({ kind: 'network-changed' });
    clock.run(100);
  }
  t.true(asked.length <= 12, String(asked.length));
});

test('Retry-After is kept to', (t) => {
  const { clock, find, asked, servers } = stand();
  servers.set(A, { kind: 'failed', failure: { kind: 'status', status: 503, retryAfter: 600_000 } });
  find(candidate(A));
  clock.run(599_000);
  t.is(asked.length, 1);
  clock.run(2_000);
  t.is(asked.length, 2);
});

test("files of a maker's list that are not there are not told of; when none is there, that is", (t) => {
  const { clock, find, urls, servers, of } = stand({ compat: ['snom', 'grandstream'] });
  const absent: Answer = { kind: 'absent' };
  for (const name of ['dca632010203.json', 'DCA632010203.xml', 'cfgdca632010203.xml', 'cfg.xml'])
    servers.set(`http://h/${name}`, absent);
  find(candidate('http://h/'));
  clock.run(1_000);
  t.is(urls().length, 4);
  t.deepEqual(
    of('refused').map(({ reason }) => reason),
    ['the server answered 404'],
  );
});

test('files of one group are one configuration: if one fails, nothing of it is taken', (t) => {
  const { clock, give, find, servers, of, asked } = stand({ compat: ['yealink'] });
  const absent: Answer = { kind: 'absent' };
  servers.set('https://h/dca632010203.json', absent);
  servers.set('https://h/dca632010203.boot', absent);
  servers.set(
    'https://h/y000000000000.boot',
    content({ country: 'SE' }, { includes: ['all.cfg', 'http://evil/x'] }),
  );
  servers.set('https://h/all.cfg', content({ name: 'x' }));
  find(candidate('https://h/'));
  clock.run(1_000);
  t.deepEqual(
    of('fetched').flatMap(({ layers }) => layers.map(({ from }) => from)),
    ['https://h/y000000000000.boot', 'https://h/all.cfg'],
  );
  t.is(asked.at(-1)?.question.common.length, 1);
  servers.set('https://h/all.cfg', { kind: 'failed', failure: { kind: 'status', status: 500 } });
  give({ kind: 'resync' });
  clock.run(2_000);
  t.is(of('fetched').length, 1);
});

test('when one file has changed and another has not, all are fetched whole', (t) => {
  const { clock, give, find, servers, of, asked } = stand({ compat: ['yealink'] });
  let version = 1;
  const absent: Answer = { kind: 'absent' };
  servers.set('https://h/dca632010203.json', absent);
  servers.set('https://h/dca632010203.boot', absent);
  const named = (name: string, tag: () => string, includes: readonly string[] = []) =>
    servers.set(`https://h/${name}`, ({ validators }) =>
      validators?.etag === tag()
        ? { kind: 'unchanged' }
        : content({ name }, { includes, validators: { etag: tag() } }),
    );
  named('y000000000000.boot', () => '"boot"', ['a.cfg', 'b.cfg']);
  named('a.cfg', () => `"a${version}"`);
  named('b.cfg', () => '"b"');
  find(candidate('https://h/'));
  clock.run(1_000);
  version = 2;
  give({ kind: 'resync' });
  clock.run(2_000);
  t.is(of('fetched').length, 2);
  t.is(of('fetched')[1]?.layers.length, 3);
  t.true(asked.length < 20);
});

test('a server that says 304 unasked is of no use, and is not asked for ever', (t) => {
  const { clock, find, asked, servers } = stand();
  servers.set(A, { kind: 'unchanged' });
  find(candidate(A));
  clock.run(60_000);
  t.is(asked.length, 1);
});

test('max-age makes the pause shorter, but not below a minute', (t) => {
  for (const [maxAge, seconds] of [
    [3600, 3600],
    [0, 60],
    [1e9, 86_400],
  ] as const) {
    const { clock, find, asked, servers } = stand();
    servers.set(A, content({}, { maxAge }));
    find(candidate(A));
    clock.run(seconds * 1000 + 1_000);
    t.is(asked.length, 2, `max-age=${maxAge}`);
    t.true((asked[1]?.at ?? 0) >= seconds * 1000);
  }
});

/** Pinned to a.example, with its key. */
