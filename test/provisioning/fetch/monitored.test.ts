/** What a server tells of its files by SIP, held against what is known of them. */
import test from 'ava';
import { isNews, monitorsOf } from '#provisioning/fetch/monitored.ts';
import { A, candidate, content, stand } from './fetching_stand.ts';

const [ONE, TWO] = ['sip:one@cs.example', 'sip:two@cs.example'];
const FILES = [
  { url: 'https://h/common', validators: { etag: '"c"' }, monitor: ONE },
  {
    url: 'https://h/mac',
    validators: { etag: '"m"', lastModified: 'Fri, 20 Nov 2026 12:00:00 GMT' },
    monitor: ONE,
  },
  { url: 'https://h/dated', validators: { lastModified: 'Fri, 20 Nov 2026 12:00:00 GMT' }, monitor: TWO },
  { url: 'https://h/asked', validators: {} },
];

test('each URI once, and of files that have none no one', (t) => {
  t.deepEqual(monitorsOf(FILES), [ONE, TWO]);
});

for (const [uri, body, news] of [
  [ONE, 'ETag: "m"\r\nCache-Control: no-cache\r\n', false],
  [ONE, 'HTTP/1.1 200 OK\r\netag:"c"\r\n', false],
  [ONE, 'ETag: "n"\r\nLast-Modified: Fri, 20 Nov 2026 12:00:00 GMT', true],
  [TWO, 'Last-Modified: Fri, 20 Nov 2026 12:00:00 GMT', false],
  [TWO, 'Last-Modified: Fri, 20 Nov 2026 13:00:00 GMT', true],
  [TWO, 'ETag: "x"', true],
  [ONE, '', true],
  [ONE, undefined, true],
  ['sip:nobody@cs.example', 'ETag: "n"', false],
] as const) {
  test(`${uri} says ${JSON.stringify(body)}: ${news ? 'news' : 'known'}`, (t) => {
    t.is(isNews(FILES, uri, body), news);
  });
}

test('the URI is kept with the file, and stays when the server says that nothing is new', (t) => {
  const it = stand();
  it.servers.set(A, ({ validators }) =>
    validators === undefined ? content({ version: '1' }, { monitor: ONE }) : { kind: 'unchanged' },
  );
  it.find(candidate(A));
  it.clock.run(1_000);
  it.give({ kind: 'resync' });
  it.clock.run(2_000);
  t.is(it.of('unchanged').length, 1);
  t.deepEqual(monitorsOf(it.machine.files), [ONE]);
  t.deepEqual(monitorsOf(it.standing()?.files ?? []), [ONE]);
});
