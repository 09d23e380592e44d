import { readFileSync } from 'node:fs';
import test from 'ava';
import { configJsonSchema } from '#provisioning/json_schema.ts';
import { MASK, masked } from '#provisioning/mask.ts';
import { notBuilt } from '#provisioning/not_built.ts';
import { checkConfig } from '#provisioning/read.ts';
import type { Config } from '#provisioning/schema.ts';

function configOf(raw: unknown): Config {
  const result = checkConfig(raw);
  if ('error' in result) throw new Error(result.error);
  return result.config;
}

const account = { user: 'alice', domain: 'example.test' };

test('the published JSON Schema is the one of the code', (t) => {
  const published = readFileSync('provisioning/dualtone.config.schema.json', 'utf8');
  t.deepEqual(
    JSON.parse(published),
    JSON.parse(JSON.stringify(configJsonSchema())),
    'run node tools/json_schema.ts',
  );
});

test('a masked configuration holds no secret and is otherwise the same', (t) => {
  const config = configOf({
    accounts: [
      { ...account, password: 's3cret', outboundProxy: 'sip:alice:s3cret@proxy.test;lr' },
      { ...account, password: { file: '/run/secret' } },
      account,
    ],
    provisioning: { url: 'https://phones:s3cret@server.test/p/', password: 's3cret' },
    metrics: { token: 's3cret' },
  });
  const shown = masked(config);
  t.false(JSON.stringify(shown).includes('s3cret'));
  t.is(shown.accounts[0]?.password, MASK);
  t.is(shown.accounts[0]?.outboundProxy, `sip:alice:${MASK}@proxy.test;lr`);
  t.deepEqual(shown.accounts[1]?.password, { file: '/run/secret' });
  t.is(shown.accounts[2]?.password, '');
  t.is(shown.provisioning.url, `https://phones:${MASK}@server.test/p/`);
  t.is(shown.provisioning.password, MASK);
  t.is(shown.metrics.token, MASK);
  t.deepEqual(shown.net, config.net);
});

test('an account that asks for nothing new has nothing to complain of', (t) => {
  t.deepEqual(notBuilt(configOf({ accounts: [{ ...account, codecs: ['pcma'] }] })), []);
  const overTls = { ...account, transport: 'tls', outboundProxy: 'sips:p.test', codecs: ['pcma'] };
  t.deepEqual(notBuilt(configOf({ accounts: [overTls] })), []);
});

test('what is built is not said to be missing', (t) => {
  const built = {
    board: 'rotary-usb',
    provisioning: { url: 'https://pbx.test/p/' },
    syslog: { server: 'log.example.net' },
    metrics: { token: 'a-token' },
    time: { servers: ['ntp.example.net'], zone: 'Europe/Amsterdam' },
    contacts: [{ name: 'Bob', number: '205' }],
  };
  t.deepEqual(notBuilt(configOf(built)), []);
});

const NOT_BUILT: readonly (readonly [raw: unknown, path: string, says: RegExp])[] = [
  [
    { accounts: [{ ...account, srtp: 'required' }] },
    '/accounts/0/srtp',
    /calls of this account will be refused/,
  ],
  [
    { accounts: [{ ...account, codecs: ['opus', 'pcmu'] }] },
    '/accounts/0/codecs',
    /opus not built yet: not offered/,
  ],
  [{ accounts: [{ ...account, codecs: ['opus'] }] }, '/accounts/0/codecs', /no codec is left/],
  [{ accounts: [{ ...account, mwi: { subscribe: true } }] }, '/accounts/0/mwi/subscribe', /not asked for/],
];

for (const [raw, path, says] of NOT_BUILT) {
  test(`${JSON.stringify(raw)} is said to be not built`, (t) => {
    const sentence = notBuilt(configOf(raw)).find((each) => each.startsWith(path) && says.test(each));
    t.truthy(sentence, notBuilt(configOf(raw)).join('\n'));
  });
}
