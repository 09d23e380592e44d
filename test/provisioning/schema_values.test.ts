import test from 'ava';
import fc from 'fast-check';
import { serverName } from '#fleet/server_name.ts';
import { checkConfig } from '#provisioning/read.ts';
import { hostAndPort } from '#provisioning/schema_values.ts';
import { mutations } from '../support/mutate.ts';

const PORT = fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined });

test('hosts with and without a port are read as they were written', (t) => {
  fc.assert(
    fc.property(fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6()), PORT, (host, port) => {
      const isV6 = host.includes(':');
      const name = isV6 && port !== undefined ? `[${host}]` : host;
      const text = port === undefined ? name : `${name}:${port}`;
      t.deepEqual(hostAndPort(text), port === undefined ? { host } : { host, port }, text);
    }),
    { numRuns: 2000 },
  );
  t.deepEqual(hostAndPort('[2001:db8::1]'), { host: '2001:db8::1' });
});

test('what is no host, or no port, is none', (t) => {
  for (const text of [
    '',
    ':',
    'a:',
    'a:0',
    'a:65536',
    'a:b',
    '[a]',
    '[::1',
    '::1]:5',
    '[::1]5',
    '1.2.3.4:5:6',
    'a b',
    'a/b',
    '[]:5',
  ]) {
    t.is(hostAndPort(text), undefined, text);
  }
});

const isUrl = (url: string) => !('error' in checkConfig({ provisioning: { url } }));

test('addresses of servers may hold macros, literals and ports; other schemes are refused', (t) => {
  const good = [
    'https://pbx.test',
    'https://pbx.test/p/{mac}.json?x=$MA#y',
    'http://[2001:db8::1]:8080/',
    'tftp://192.0.2.1/',
    'HTTPS://u:p@pbx.test/',
  ];
  const bad = [
    '',
    'pbx.test',
    'ftp://pbx.test/',
    'https://',
    'https:///x',
    'https://u@',
    'https://pbx.test:0/',
    'https://[::1/',
    'https://a b/',
    'file:///etc/passwd',
  ];
  for (const url of good) t.true(isUrl(url), url);
  for (const url of bad) t.false(isUrl(url), url);
});

test('100 000 damaged hosts and addresses throw nothing, and a host is never empty', (t) => {
  const seeds = ['[2001:db8::1]:6514', 'log.example.net:514', 'https://u:p@pbx.test:8443/p/{mac}.json'].map(
    (text) => Buffer.from(text),
  );
  let read = 0;
  for (const octets of mutations(seeds, 100_000, 6514)) {
    const text = Buffer.from(octets).toString('latin1');
    const found = hostAndPort(text);
    if (found !== undefined) read += 1;
    if (found !== undefined && (found.host === '' || found.port === 0)) t.fail(text);
    isUrl(text);
  }
  t.true(read > 1000, String(read));
});

test('what is a server to the configuration is one to those who look for it', (t) => {
  const part = fc.constantFrom(
    'a',
    '.',
    '-',
    '_',
    ':',
    '[',
    ']',
    '%',
    '::1',
    'fe80::1',
    '1',
    '514',
    '192.0.2.1',
  );
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
      const text = parts.join('');
      return hostAndPort(text) === undefined || serverName(text, 514) !== undefined;
    }),
    // A zone is whatever its system calls an interface.
    { numRuns: 20_000, examples: [[['[', '::1', '%', 'fe80::1', ']']]] },
  );
  t.like(hostAndPort('fe80::1%eth0'), { host: 'fe80::1%eth0' });
});
