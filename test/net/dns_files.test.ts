import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { textOf } from '#address/endpoint.ts';
import { SystemFile } from '#net/dns/file.ts';
import { HostsFile, parseHosts } from '#net/dns/hosts.ts';
import { parseResolvConf, Resolvers } from '#net/dns/resolvers.ts';

function file(t: ExecutionContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'dualtone-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'file');
  writeFileSync(path, text);
  return path;
}

const names = ({ current }: Resolvers) => current.map(textOf);

test('resolv.conf: the nameserver lines, of both families and with a zone', (t) => {
  const text = [
    '# nameserver 192.0.2.9',
    'search example.com',
    'nameserver 192.0.2.53',
    '\tnameserver\t2001:db8::53 # comment',
    'nameserver fe80::1%eth0',
    'options edns0',
    'nameservers 192.0.2.8',
  ].join('\n');
  t.deepEqual(parseResolvConf(text), ['192.0.2.53', '2001:db8::53', 'fe80::1%eth0']);
  t.deepEqual(names(new Resolvers([], file(t, text))), [
    '192.0.2.53:53',
    '[2001:db8::53]:53',
    '[fe80::1%eth0]:53',
  ]);
});

test('servers that are none, and those behind Teredo, are left out', (t) => {
  const text = 'nameserver dns.example.com\nnameserver 2001::1\nnameserver 192.0.2.1\n';
  t.deepEqual(names(new Resolvers([], file(t, text))), ['192.0.2.1:53']);
});

test('without any, this host is asked; the configuration comes before the system', (t) => {
  t.deepEqual(names(new Resolvers([], '/does/not/exist')), ['127.0.0.1:53', '[::1]:53']);
  t.deepEqual(names(new Resolvers(['192.0.2.7'], file(t, 'nameserver 192.0.2.1'))), ['192.0.2.7:53']);
});

test('a file is read again when it was rewritten or replaced, looked at once a second at most', (t) => {
  const path = file(t, 'one');
  let reads = 0;
  const watched = new SystemFile(path, (text) => {
    reads++;
    return text;
  });
  t.is(watched.value(0), 'one');
  writeFileSync(path, 'second');
  t.is(watched.value(999), 'one');
  t.is(watched.value(1_000), 'second');
  const before = reads;
  t.is(watched.value(2_000), 'second');
  t.is(reads, before);
  writeFileSync(`${path}.new`, 'third!');
  renameSync(`${path}.new`, path);
  t.is(watched.value(3_000), 'third!');
  rmSync(path);
  t.is(watched.value(4_000), '');
  writeFileSync(path, 'back');
  t.is(watched.value(5_000), 'back');
});

const HOSTS = [
  '127.0.0.1\tlocalhost',
  '192.0.2.1  PBX.example.com pbx # the one in the cellar',
  '2001:db8::1 pbx.example.com',
  '192.0.2.2 pbx.example.com',
  '192.0.2.1 pbx.example.com',
  '#192.0.2.3 not.example.com',
  'nonsense not.example.com',
  '192.0.2.4',
].join('\n');

test('hosts: every name of every line, addresses in order and once', (t) => {
  const hosts = parseHosts(HOSTS);
  t.deepEqual([...hosts.keys()], ['localhost', 'pbx.example.com', 'pbx']);
  t.deepEqual(
    hosts.get('pbx.example.com')?.map(({ text }) => text),
    ['192.0.2.1', '2001:db8::1', '192.0.2.2'],
  );
});

test('a name in hosts has the addresses that stand there and no others', (t) => {
  const hosts = new HostsFile(file(t, HOSTS));
  const addresses = (name: string, type: 'A' | 'AAAA') =>
    hosts.answer({ name, type })?.answers.map((record) => ('address' in record ? record.address : ''));
  t.deepEqual(addresses('pbx.example.com', 'A'), ['192.0.2.1', '192.0.2.2']);
  t.deepEqual(addresses('pbx.example.com', 'AAAA'), ['2001:db8::1']);
  t.deepEqual(addresses('pbx', 'AAAA'), []);
  t.is(addresses('other.example.com', 'A'), undefined);
  t.is(hosts.answer({ name: 'pbx.example.com', type: 'SRV' }), undefined);
});
