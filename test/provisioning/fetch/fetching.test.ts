/** The machine that fetches, with servers of which the test writes every answer, and a clock that jumps. */
import test from 'ava';
import type { Answer } from '#provisioning/fetch/attempt.ts';
import { Fetching } from '#provisioning/fetch/fetching.ts';
import type { Presented } from '#provisioning/fetch/trust.ts';
import type {
  FetchEffect,
  FetchInput,
  FetchingOptions,
  Question,
  Standing,
} from '#provisioning/fetch/types.ts';
import type { Mapping } from '#provisioning/schema_shape.ts';
import type { Candidate, Step } from '#provisioning/types.ts';
import { Clock } from '../../support/clock.ts';
import { IDENTITY } from '../identity_here.ts';

const KEY: Presented = { keys: ['sha256/own'], named: true, proved: false, datesOnly: false, inDate: true };

function candidate(url: string, step: Step = 'dhcp', more: Partial<Candidate> = {}): Candidate {
  return { step, url, family: 4, from: `${step} on eth0`, order: 0, ...more };
}

function content(value: Mapping = {}, more: object = {}): Answer {
  return {
    kind: 'content',
    content: {
      ...{ octets: new Uint8Array(0), includes: [], format: 'dualtone', value, unknown: [], warnings: [] },
      ...{ validators: { etag: '"1"' }, shown: KEY, ...more },
    },
  };
}

const NOBODY: Answer = { kind: 'failed', failure: { kind: 'unreachable', error: 'nobody there' } };

function stand(options: Partial<FetchingOptions> = {}) {
  const clock = new Clock(0);
  const machine = new Fetching({
    ...{ identity: IDENTITY, compat: [], interval: 86_400, allowTftp: false, chance: () => 0, ...options },
  });
  const effects: FetchEffect[] = [];
  const asked: { readonly at: number; readonly url: string; readonly question: Question }[] = [];
  /** By URL: the answer and the ms that it takes; undefined: none comes. */
  const servers = new Map<string, Answer | ((question: Question) => Answer | undefined)>();
  const delay = new Map<string, number>();
  const give = clock.drive<FetchInput, FetchEffect>(machine, (effect) => {
    effects.push(effect);
    if (effect.kind !== 'ask') return;
    const { ticket, question } = effect;
    asked.push({ at: clock.now, url: question.url, question });
    const server = servers.get(question.url);
    const answer = typeof server === 'function' ? server(question) : (server ?? NOBODY);
    if (answer !== undefined)
      clock.after(delay.get(question.url) ?? 10, () => give({ kind: 'answer', ticket, answer }));
  });
  const of = <K extends FetchEffect['kind']>(kind: K) =>
    effects.filter((effect): effect is Extract<FetchEffect, { kind: K }> => effect.kind === kind);
  const find = (...candidates: Candidate[]) => give({ kind: 'candidates', candidates });
  const urls = () => asked.map(({ url }) => url);
  const standing = () => of('fetched').at(-1)?.standing;
  return { clock, machine, give, find, of, asked, urls, servers, delay, standing };
}

const A = 'https://a.example/x.json';
const B = 'https://b.example/x.json';

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
function pinned(more: Partial<FetchingOptions> = {}) {
  const standing: Standing = {
    ...{ pin: { host: 'a.example', keys: ['sha256/own'] }, url: A, step: 'dhcp', version: '5' },
    files: [{ url: A, validators: { etag: '"1"' } }],
  };
  const it = stand({ standing, ...more });
  it.servers.set(A, { kind: 'unchanged' });
  it.give({ kind: 'tick' });
  it.clock.run(1_000);
  return it;
}

test('a telephone that is pinned asks its server at the start, with the validators of before', (t) => {
  const { asked, of } = pinned();
  t.deepEqual(asked[0]?.question.validators, { etag: '"1"' });
  t.is(of('unchanged').length, 1);
});

test('a rogue server is told of once, never asked, and changes nothing', (t) => {
  const { clock, find, of, urls, machine } = pinned();
  for (let i = 0; i < 3; i += 1) find(candidate(`https://evil.example/${i}`, 'pnp'));
  clock.run(200_000_000);
  t.deepEqual(of('server-change'), [
    {
      kind: 'server-change',
      change: {
        host: 'evil.example',
        url: 'https://evil.example/0',
        from: 'pnp on eth0',
        reason: 'evil.example is not a.example, which configured this telephone',
      },
    },
  ]);
  t.true(urls().every((url) => url === A));
  t.is(machine.pin?.host, 'a.example');
});

test('who was there beside the first server is no news, now and after a restart', (t) => {
  const beside = [candidate(B, 'pnp'), candidate('tftp://tftp.example/')];
  const first = stand();
  first.servers.set(A, content({ version: '5' }));
  first.find(candidate(A), ...beside);
  first.clock.run(1_000);
  first.find(candidate(A), ...beside, candidate('https://b.example/other'));
  const standing = first.standing();
  t.deepEqual(standing?.offered, ['b.example', 'tftp.example']);
  const again = pinned({ ...(standing && { standing }) });
  again.find(candidate(A), ...beside);
  again.clock.run(200_000_000);
  t.deepEqual([...first.of('server-change'), ...again.of('server-change')], []);
  t.true([...first.urls(), ...again.urls()].every((url) => url === A));
  again.find(candidate('https://new.example/'));
  t.is(again.of('server-change')[0]?.change.host, 'new.example');
});

test('in another network the pinned server is asked all the same', (t) => {
  const { clock, give, find, urls } = pinned();
  find(candidate(B));
  find();
  give({ kind: 'network-changed' });
  clock.run(2_000);
  t.deepEqual(urls(), [A, A]);
});

test('a server of another host by a way that is not open is no change of servers', (t) => {
  const { find, of } = pinned();
  find(candidate('tftp://evil.example/'));
  t.deepEqual(of('server-change'), []);
  t.regex(of('refused')[0]?.reason ?? '', /tftp is not allowed/);
});

test('the pinned server under another URL is asked in its time', (t) => {
  const { clock, find, asked } = pinned();
  find(candidate('https://a.example/y.json'));
  clock.run(86_000_000);
  t.is(asked.length, 1);
  clock.run(1_000_000);
  t.true(asked.length > 1);
});

test('a configuration service is asked as such also when it is the pinned one', (t) => {
  const standing: Standing = {
    ...{ pin: { host: 'cs.example', keys: [] }, url: 'https://cs.example/cfg', step: 'sfua' },
    ...{ domain: 'lan.example', files: [] },
  };
  const { asked } = pinned({ standing });
  t.regex(asked[0]?.url ?? '', /^https:\/\/cs\.example\/cfg\?sfua-id=urn:uuid:[\w-]+&sfua-vendor=/);
  t.is(asked[0]?.question.domain, 'lan.example');
});

test('a thousand rogue servers are sixteen tidings at most', (t) => {
  const { find, of } = pinned();
  for (let i = 0; i < 1000; i += 1) find(candidate(`https://evil${i}.example/`, 'pnp'));
  t.is(of('server-change').length, 16);
});

test('a key pressed moves the telephone, once the new server has given a configuration', (t) => {
  const { clock, give, find, of, servers, machine } = pinned();
  find(candidate(B, 'pnp'));
  give({ kind: 'approve', host: 'b.example' });
  clock.run(100);
  t.is(machine.pin?.host, 'a.example');
  // It is not told of any more, and the way there stays.
  find();
  servers.set(B, content({}, { shown: { ...KEY, keys: ['sha256/b'] } }));
  clock.run(30_000);
  t.deepEqual(machine.pin, { host: 'b.example', keys: ['sha256/b'] });
  t.is(of('fetched').length, 1);
  find(candidate('https://a.example/other', 'pnp'));
  t.is(of('server-change').at(-1)?.change.host, 'a.example');
});

test('a key pressed for a server that nobody told of does nothing', (t) => {
  const { clock, give, urls } = pinned();
  give({ kind: 'approve', host: 'b.example' });
  clock.run(10_000);
  t.deepEqual(urls(), [A]);
});

test('the same host with another key is refused and told, and believed after the key was pressed', (t) => {
  const { clock, give, of, servers, machine } = pinned();
  const evil = { ...KEY, keys: ['sha256/new'] } as const;
  servers.set(A, ({ pin }) =>
    pin?.keys.includes('sha256/own')
      ? { kind: 'changed', reason: 'it shows another key than before', shown: evil }
      : content({ version: '6' }, { shown: evil }),
  );
  give({ kind: 'resync' });
  clock.run(5_000);
  t.is(of('fetched').length, 0);
  t.like(of('server-change')[0]?.change, { host: 'a.example', reason: 'it shows another key than before' });
  give({ kind: 'approve', host: 'a.example' });
  clock.run(5_000);
  t.is(of('fetched').length, 1);
  t.deepEqual(machine.pin?.keys, ['sha256/new']);
});

test('an old configuration sent again is refused and told', (t) => {
  const { clock, give, of, servers, standing } = pinned();
  servers.set(A, content({ version: '4' }));
  give({ kind: 'resync' });
  clock.run(5_000);
  t.is(of('fetched').length, 0);
  t.regex(of('refused')[0]?.reason ?? '', /version 4 is older than 5/);
  t.true(of('refused')[0]?.grave);
  servers.set(A, content({ name: 'from before there were versions' }));
  give({ kind: 'resync' });
  clock.run(5_000);
  t.is(of('fetched').length, 0);
  t.regex(of('refused')[1]?.reason ?? '', /without version is older than 5/);
  servers.set(A, content({ version: '6' }));
  give({ kind: 'resync' });
  clock.run(5_000);
  t.is(standing()?.version, '6');
});

test('moveTo in a file of the pinned server moves the telephone; from https it leads to https only', (t) => {
  const { clock, give, of, servers, machine } = pinned();
  servers.set(A, content({ version: '6', provisioning: { moveTo: 'http://b.example/x.json' } }));
  give({ kind: 'resync' });
  clock.run(5_000);
  t.is(machine.pin?.host, 'a.example');
  t.regex(of('refused')[0]?.reason ?? '', /away from https/);
  servers.set(A, content({ version: '7', provisioning: { moveTo: B } }));
  servers.set(B, content({ version: '1' }, { shown: { ...KEY, keys: ['sha256/b'] } }));
  give({ kind: 'resync' });
  clock.run(5_000);
  t.deepEqual(machine.pin, { host: 'b.example', keys: ['sha256/b'] });
});

test('provisioning.pin in its file announces the key that the server will have', (t) => {
  const { clock, give, servers, standing } = pinned();
  servers.set(A, content({ version: '6', provisioning: { pin: 'sha256/next' } }));
  give({ kind: 'resync' });
  clock.run(5_000);
  t.deepEqual(standing()?.pin.keys, ['sha256/own', 'sha256/next']);
});

test('a file on the card names another server: no key needs to be pressed', (t) => {
  const { clock, find, servers, machine, of } = pinned();
  servers.set(B, content({}, { shown: { ...KEY, keys: ['sha256/b'] } }));
  find(candidate(B, 'drop file'));
  clock.run(100);
  t.is(machine.pin?.host, 'b.example');
  t.deepEqual(of('server-change'), []);
});

test('whose key is known is asked by https, though DHCP says http', (t) => {
  const { clock, give, find, urls, of, servers } = pinned();
  servers.set(A, NOBODY);
  find(candidate('http://a.example/y.json'));
  give({ kind: 'network-changed' });
  clock.run(3_000);
  t.true(urls().includes('https://a.example/y.json'));
  t.true(urls().every((url) => url.startsWith('https:')));
  t.deepEqual(of('server-change'), []);
});

test('a server that sends http to https on the same host is pinned by its key', (t) => {
  const { clock, find, servers, standing } = stand();
  servers.set('http://a.example/x.json', content({}, { upgraded: true }));
  find(candidate('http://a.example/x.json'));
  clock.run(1_000);
  t.is(standing()?.url, A);
  t.deepEqual(standing()?.pin.keys, ['sha256/own']);
});

test('what stands in a URL for its server only is not told, and not kept', (t) => {
  const { clock, find, servers, asked, of } = stand();
  servers.set(A, content());
  find(candidate('https://me:s3cret@a.example/x.json'));
  clock.run(1_000);
  t.deepEqual(asked[0]?.question.login, { user: 'me', password: 's3cret' });
  t.notRegex(JSON.stringify(of('fetched')), /s3cret/);
});

test('candidates beyond measure are not remembered', (t) => {
  const { clock, find, urls } = stand();
  const many = Array.from({ length: 1000 }, (_, i) => candidate(`http://h${i}/x`));
  for (let i = 0; i < 3; i += 1) find(...many.slice(i));
  clock.run(1_000);
  t.is(new Set(urls()).size, 66);
});
