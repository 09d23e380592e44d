/** A telephone that has its server: who else may become it, and how. */
import test from 'ava';
import type { FetchingOptions, Standing } from '#provisioning/fetch/types.ts';
import { A, B, candidate, content, KEY, NOBODY, stand } from './fetching_stand.ts';

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
  const { find, of, machine } = pinned();
  for (let i = 0; i < 1000; i += 1) find(candidate(`https://evil${i}.example/`, 'pnp'));
  t.is(of('server-change').filter(({ crowded }) => !crowded).length, 16);
  t.is(machine.changes.length, 16);
});

test('of more servers than a person reads the eldest makes room for the last', (t) => {
  const { find, give, clock, urls, machine } = pinned();
  for (let i = 0; i < 16; i += 1) find(candidate(`https://evil${i}.example/`, 'pnp'));
  find(candidate(B, 'pnp'));
  t.is(machine.changes.at(-1)?.host, 'b.example');
  t.false(machine.changes.some(({ host }) => host === 'evil0.example'));
  give({ kind: 'approve', host: 'b.example' });
  clock.run(100);
  t.true(urls().includes(B));
  t.is(machine.changes.length, 15);
});

test('rogues of plug and play crowd out neither whom DHCP names nor the pinned server with another key', (t) => {
  const { clock, find, give, servers, machine } = pinned();
  servers.set(A, { kind: 'changed', reason: 'it shows another key than before' });
  give({ kind: 'resync' });
  clock.run(5_000);
  find(candidate(B, 'dhcp'));
  for (let i = 0; i < 100; i += 1) find(candidate(`https://evil${i}.example/`, 'pnp'));
  t.deepEqual(
    machine.changes.slice(0, 2).map(({ host }) => host),
    ['a.example', 'b.example'],
  );
  for (let i = 0; i < 100; i += 1) find(candidate(`https://dhcp${i}.example/`, 'dhcp'));
  find(candidate('https://late.example/', 'pnp'));
  const hosts = machine.changes.map(({ host }) => host);
  t.is(hosts[0], 'a.example');
  t.is(hosts.filter((host) => host.startsWith('dhcp')).length, 15);
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
