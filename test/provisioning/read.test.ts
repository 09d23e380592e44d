import test from 'ava';
import fc from 'fast-check';
import { ROUTER_PORT, routerName } from '#net/sixbed4_routers.ts';
import { readConfig } from '#provisioning/read.ts';
import { type Config, defaultConfig } from '#provisioning/schema.ts';
import { parseIpv4Prefix } from '#socket6bed4/address/ipv4.ts';
import { ROUTER_PORT as PACKAGE_PORT } from '#socket6bed4/address/sixbed4.ts';
import { readRouters } from '#socket6bed4/socket/routers.ts';

async function accepted(text: string): Promise<{ config: Config; warnings: readonly string[] }> {
  const result = await readConfig(text);
  if ('error' in result) throw new Error(result.error);
  return result;
}

async function refused(text: string): Promise<string> {
  const result = await readConfig(text);
  return 'error' in result ? result.error : 'accepted';
}

test('an absent file, an empty one and an empty object mean the defaults', async (t) => {
  for (const text of ['', '{}', '# nothing\n', 'net:\naccounts:\n']) {
    t.deepEqual((await accepted(text)).config, defaultConfig());
  }
  t.is(defaultConfig().net.sipPort, 5060);
  t.is(defaultConfig().security.acceptFrom, 'known');
});

const YAML = `
schema: dualtone.config/1
name: Kitchen
extension: "204"
country: nl
accounts:
  - user: alice
    domain: example.test
    password: s3cret
    family: ipv6
net: {sipPort: 5070, rtpPorts: 20000-20019}
`;

test('the same configuration comes from YAML and from JSON', async (t) => {
  const { config, warnings } = await accepted(YAML);
  t.deepEqual(warnings, []);
  t.is(config.country, 'NL');
  t.is(config.accounts[0]?.family, 'ipv6');
  t.is(config.accounts[0]?.transport, 'auto');
  t.deepEqual((await accepted(JSON.stringify(config))).config, config);
});

test('a password may be the name of a file', async (t) => {
  const { config } = await accepted('accounts: [{user: a, domain: b.test, password: {file: /run/secret}}]');
  t.deepEqual(config.accounts[0]?.password, { file: '/run/secret' });
});

test('unknown keys are warnings with their JSON pointers', async (t) => {
  const { warnings } = await accepted(
    'sipport: 1\nnet: {a/b~c: 1}\naccounts: [{user: a, domain: b, colour: 1}]',
  );
  t.deepEqual(
    warnings.map((warning) => warning.split(':')[0]),
    ['/sipport', '/net/a~1b~0c', '/accounts/0/colour'],
  );
});

test('routers of 6bed4 are addresses or names, with or without a port, for network room and tunnel alike', async (t) => {
  const routers = ['192.0.2.1', '192.0.2.1:25790', 'router.example.net', 'router.example.net:4000', 'r1'];
  const { config } = await accepted(JSON.stringify({ net: { sixbed4: { routers } } }));
  t.deepEqual(config.net.sixbed4, { mode: 'auto', routers, port: 25_790, onLink: [] });
  t.deepEqual(
    routers.map((router) => routerName(router)?.port),
    [25_790, 25_790, 25_790, 4_000, 25_790],
  );
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.domain(), fc.ipV4(), fc.stringMatching(/^[\w.:-]{1,24}$/), fc.string(), LONG_NAME),
      async (router) => {
        const result = await readConfig(JSON.stringify({ net: { sixbed4: { routers: [router] } } }));
        t.is('error' in result, routerName(router) === undefined, router);
        if (!('error' in result)) t.deepEqual(readRouters([router]), [routerName(router)]);
      },
    ),
  );
  t.is(ROUTER_PORT, PACKAGE_PORT);
  t.is(defaultConfig().net.sixbed4.port, PACKAGE_PORT);
});

const LONG_NAME = fc
  .tuple(fc.integer({ min: 240, max: 262 }), fc.constantFrom('', '.', ':1', ':25790', '.:25790'))
  .map(([length, end]) => `${'a.'.repeat(length).slice(0, length - 1)}a${end}`);

test('links of 6bed4 are IPv4 prefixes, and the tunnel reads them all', async (t) => {
  const prefix = fc.tuple(fc.ipV4(), fc.constantFrom('', '/', '/0', '/8', '/08', '/32', '/33', '/8 ', '/x'));
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        prefix.map((parts) => parts.join('')),
        fc.ipV6(),
        fc.stringMatching(/^[\d./]{1,18}$/),
      ),
      async (text) => {
        const result = await readConfig(JSON.stringify({ net: { sixbed4: { onLink: [text] } } }));
        t.is('error' in result, parseIpv4Prefix(text) === undefined, text);
      },
    ),
  );
});

const WRONG: readonly (readonly [text: string, path: string, expected: RegExp])[] = [
  ['net: {sipPort: "5060"}', '/net/sipPort', /expected a port number, got text/],
  ['net: {sipPort: 70000}', '/net/sipPort', /from 1 to 65535/],
  ['net: {sipPort: 50.5}', '/net/sipPort', /whole/],
  ['net: [1]', '/net', /expected a mapping/],
  ['net: {rtpPorts: 20001-20001}', '/net/rtpPorts', /two ports/],
  ['extension: 204', '/extension', /number in quotes/],
  ['accounts: [{user: a}]', '/accounts/0/domain', /is missing/],
  ['accounts: {user: a}', '/accounts', /a list of accounts/],
  ['accounts: [{user: a, domain: b, transport: sctp}]', '/accounts/0/transport', /auto, udp, tcp, tls/],
  ['accounts: [{user: a, domain: "b c"}]', '/accounts/0/domain', /a host name/],
  ['accounts: [{user: a, domain: b, codecs: []}]', '/accounts/0/codecs', /at least one/],
  ['security: {acceptFrom: all}', '/security/acceptFrom', /known, anyone/],
  ['security: {allow: [192.0.2.0/33]}', '/security/allow/0', /an IP prefix or a domain/],
  ['net: {sixbed4: {mode: on}}', '/net/sixbed4/mode', /auto, off, always/],
  ['net: {sixbed4: {routers: 192.0.2.1}}', '/net/sixbed4/routers', /a list of routers/],
  ['net: {sixbed4: {routers: ["2001:db8::1"]}}', '/net/sixbed4/routers/0', /an IPv4 address or a host name/],
  ['net: {sixbed4: {routers: ["192.0.2.256"]}}', '/net/sixbed4/routers/0', /an IPv4 address/],
  ['net: {sixbed4: {routers: ["192.0.2.1:0"]}}', '/net/sixbed4/routers/0', /an IPv4 address/],
  ['net: {sixbed4: {routers: ["192.0.2.1:70000"]}}', '/net/sixbed4/routers/0', /an IPv4 address/],
  ['net: {sixbed4: {onLink: ["fd00::/8"]}}', '/net/sixbed4/onLink/0', /an IPv4 prefix/],
  ['net: {sixbed4: {onLink: 10.0.0.0/8}}', '/net/sixbed4/onLink', /a list of IPv4 prefixes/],
  ['net: {sixbed4: {routers: ["a b"]}}', '/net/sixbed4/routers/0', /an IPv4 address/],
  ['provisioning: {url: "ftp://server.test/"}', '/provisioning/url', /https:\/\/, http:\/\//],
  ['provisioning: {url: "https://user@/x"}', '/provisioning/url', /https:\/\//],
  ['provisioning: {pin: sha256/short=}', '/provisioning/pin', /32 octets/],
  ['provisioning: {interval: 5}', '/provisioning/interval', /from 60 to/],
  ['provisioning: {compat: [aastra]}', '/provisioning/compat/0', /yealink, snom/],
  ['admin: {listen: everywhere}', '/admin/listen', /auto, loopback, off/],
  ['syslog: {server: "[2001:db8::1]:0"}', '/syslog/server', /with or without a port/],
  ['time: {zone: Mars/Olympus}', '/time/zone', /time zone/],
  ['contacts: [{name: Ann}]', '/contacts/0/number', /is missing/],
  ['dial: {allow: ["06x"]}', '/dial/allow/0', /beginning of numbers/],
  ['accounts: [{user: a, domain: b, expires: 5}]', '/accounts/0/expires', /from 60 to/],
  ['schema: dualtone.config/2', '/schema', /dualtone.config\/1/],
];

for (const [text, path, expected] of WRONG) {
  test(`${text} is refused with its path`, async (t) => {
    const error = await refused(text);
    t.true(error.startsWith(`${path}: `), error);
    t.regex(error, expected);
  });
}

test('a mistake in a password never shows the password', async (t) => {
  for (const text of [
    'accounts: [{user: a, domain: b, password: 13579}]',
    'accounts: [{user: a, domain: b, password: [13579]}]',
    'accounts: [{user: a, domain: b, password: *13579}]',
    'provisioning: {url: "ftp://user:13579@server.test/"}',
    'metrics: {token: 13579}',
  ]) {
    t.false((await refused(text)).includes('13579'), text);
    t.not(await refused(text), 'accepted');
  }
});

test('what is no YAML is refused with line and column', async (t) => {
  t.regex(await refused('net: {sipPort: 1\nname: x'), /line 2/);
});

test('nested YAML aliases cannot blow up', async (t) => {
  const levels = [...'bcdefghi'].map(
    (name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[index]}`)}]`,
  );
  t.regex(await refused(`a: &a [x, x]\n${levels.join('\n')}`), /alias/i);
});

test('nesting deeper than the stack is refused', async (t) => {
  t.not(await refused('['.repeat(20_000)), 'accepted');
  t.not(await refused('a: '.repeat(1 << 19)), 'accepted');
});

test('mutated files never throw', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.nat(YAML.length), fc.nat(8), fc.string({ maxLength: 6 }), async (at, cut, put) => {
      const result = await readConfig(YAML.slice(0, at) + put + YAML.slice(at + cut));
      return 'error' in result || result.config.schema === 'dualtone.config/1';
    }),
    { numRuns: 500 },
  );
  t.pass();
});

test('lists have an end: each account is registered, each name looked up', async (t) => {
  const accounts = (count: number) => Array.from({ length: count }, () => ({ user: 'a', domain: 'b.test' }));
  const errorOf = async (value: object) => {
    const result = await readConfig(JSON.stringify(value));
    return 'error' in result ? result.error : 'read';
  };
  t.is(await errorOf({ accounts: accounts(64) }), 'read');
  t.is(
    await errorOf({ accounts: accounts(65) }),
    '/accounts: expected a list of accounts, at most 64, got a list',
  );
  const names = Array.from({ length: 257 }, (_, index) => `n${index}.example.test`);
  t.regex(await errorOf({ security: { allow: names } }), /^\/security\/allow: /);
  t.regex(await errorOf({ net: { dnsServers: names.map(() => '192.0.2.1') } }), /^\/net\/dnsServers: /);
});
