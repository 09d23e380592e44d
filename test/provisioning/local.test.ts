import test from 'ava';
import { mergeLayers } from '#provisioning/layers.ts';
import { localChanges } from '#provisioning/local.ts';
import { MASK, masked } from '#provisioning/mask.ts';
import type { Config } from '#provisioning/schema.ts';
import type { Layer } from '#provisioning/types.ts';

const SERVER: Layer = {
  origin: 'server device',
  from: 'https://s.test/',
  value: {
    country: 'DE',
    accounts: [
      { user: 'ann', domain: 's.test', password: 's3cret' },
      { user: 'bob', domain: 's.test', password: 'other', outboundProxy: 'sip:bob:pw@proxy.test' },
    ],
    provisioning: { locked: ['security'] },
  },
};
const CARD: Layer = {
  origin: 'drop file',
  from: '/boot/firmware/dualtone.yaml',
  value: { provisioning: { url: 'https://s.test/', password: 'fetch' } },
};
const { config: server } = mergeLayers([CARD, SERVER]);

function saved(edited: unknown, effective: Config = server) {
  const change = localChanges(edited, effective, server);
  if ('error' in change) throw new Error(change.error);
  return change.local;
}

test('a configuration saved as it was shown changes nothing', (t) => {
  t.deepEqual(saved(masked(server)), {});
});

test('only what a person changed becomes local, and wins over the server', (t) => {
  const local = saved({ ...masked(server), country: 'FR', net: { ...server.net, sipPort: 5070 } });
  t.deepEqual(local, { country: 'FR', net: { sipPort: 5070 } });
  const { config } = mergeLayers([CARD, SERVER, { origin: 'local', from: 'page', value: local }]);
  t.is(config.country, 'FR');
  t.is(config.accounts[0]?.password, 's3cret');
});

test('what is left out, or put back as the server has it, follows the server again', (t) => {
  const { config } = mergeLayers([
    ...[CARD, SERVER],
    { origin: 'local', from: '', value: { country: 'FR', name: 'x' } },
  ]);
  t.deepEqual(saved({ ...masked(config), country: 'DE' }, config), { name: 'x' });
  t.deepEqual(saved({ name: 'x' }, config), { name: 'x' });
  t.deepEqual(saved({ name: 'x', country: null }, config), { name: 'x' });
});

test('a secret that comes back masked is the one that was there, also when accounts change places', (t) => {
  const { accounts } = masked(server);
  const [bob, ann] = (saved({ accounts: [...accounts].reverse() }).accounts ?? []) as Config['accounts'];
  t.deepEqual([bob?.password, ann?.password], ['other', 's3cret']);
  t.is(bob?.outboundProxy, 'sip:bob:pw@proxy.test');
});

test('a secret does not go to another server or another account', (t) => {
  const [ann, bob] = masked(server).accounts;
  const sent: readonly (readonly [unknown, string])[] = [
    [{ accounts: [{ ...ann, domain: 'evil.test' }] }, '/accounts/0/password'],
    [{ accounts: [ann, { ...bob, user: 'eve' }] }, '/accounts/1/password'],
    [{ accounts: [{ ...bob, outboundProxy: `sip:bob:${MASK}@evil.test` }] }, '/accounts/0/password'],
    [
      { accounts: [{ ...bob, password: 'new', outboundProxy: `sip:bob:${MASK}@evil.test` }] },
      '/accounts/0/outboundProxy',
    ],
    [{ provisioning: { url: 'https://evil.test/', password: MASK } }, '/provisioning/password'],
    [{ metrics: { token: MASK } }, '/metrics/token'],
  ];
  for (const [edited, at] of sent) {
    const change = localChanges(edited, server, server);
    t.true('error' in change && change.error.startsWith(`${at}: give it again`), JSON.stringify(change));
  }
});

test('a wrong value and a locked key are refused with their path', (t) => {
  t.deepEqual(localChanges({ net: { sipPort: 'x' } }, server, server), {
    error: '/net/sipPort: expected a port number, got text: "x"',
  });
  t.deepEqual(localChanges({ security: { acceptFrom: 'anyone' } }, server, server), {
    error: '/security/acceptFrom: locked by the server',
  });
});
