/**
 * Native IPv6 takes over from the tunnel, and DNS names routers: what takes half a minute, with a clock that jumps. The
 * clock is that of the whole process, so these tests have one of their own.
 */
import test from 'ava';
import type { Network, OwnAddress } from '#address/network.ts';
import { Sixbed4, type Sixbed4Options } from '#agent/sixbed4.ts';
import { addressesOf } from '#net/watch/addresses.ts';
import { defaultConfig } from '#provisioning/schema.ts';
import type { DnsRecord, Question } from '#sip/locate/dns.ts';
import { until } from '../support/process.ts';
import { FakeTunnel, ROUTER } from './fake_tunnel.ts';
import { running } from './running_agent.ts';

const OURS = 'fc64:bed:c000:201:c433:6401:f4e2:8001';
const PEER = 'fc64:bed:c000:201:c833:6401:f4e2:8001';

const eth0 = (address: string, prefixLength: number): OwnAddress => ({
  address,
  prefixLength,
  interface: 'eth0',
});
const IPV4_ONLY: Network = {
  addresses: [eth0('192.0.2.10', 24)],
  defaultRoute: { 4: true, 6: false },
  routers: [{ family: 4, interface: 'eth0', gateway: '192.0.2.254' }],
};
const DUAL: Network = {
  addresses: [...IPV4_ONLY.addresses, eth0('2a02:898::2', 64)],
  defaultRoute: { 4: true, 6: true },
  routers: [...(IPV4_ONLY.routers ?? []), { family: 6, interface: 'eth0', gateway: 'fe80::1' }],
};

const real = performance.now.bind(performance);
let ahead = 0;
performance.now = () => real() + ahead;

test.serial('a call holds the tunnel beyond the half minute, and its end lets it go', async (t) => {
  const tunnel = new FakeTunnel();
  let now = IPV4_ONLY;
  let wake = () => {};
  const network = {
    look: () => addressesOf(now),
    wakeUps: [
      async (events: { wake(): void }) => {
        wake = () => events.wake();
        return { name: 'test', close() {} };
      },
    ],
    patience: 0,
  };
  const config = { net: { sixbed4: { routers: [ROUTER] } } };
  const { agent } = await running(t, 15_631, config, { tunnel, network });
  await new Promise((resolve) => setTimeout(resolve, 20));
  tunnel.up(OURS);
  await agent.control.dial(`sip:bob@[${PEER}]`, { wait: true });
  now = DUAL;
  wake();
  await until('native IPv6', () => agent.control.status().network.native6);
  ahead += 31_000;
  now = { ...DUAL, addresses: [...DUAL.addresses, eth0('2a02:898::3', 64)] };
  wake();
  await until('the new address', () => agent.control.status().network.ipv6.length === 2);
  t.false(tunnel.kinds().includes('tunnel-close'));
  t.is(agent.control.status().network.sixbed4.state, 'up');
  agent.control.hangUp();
  await until('the tunnel is closed', () => tunnel.kinds().includes('tunnel-close'));
  const { state, address, note } = agent.control.status().network.sixbed4;
  t.deepEqual([state, address, note], ['off', null, 'native IPv6 is there']);
});

function stand(options: Partial<Sixbed4Options> = {}) {
  const tunnel = new FakeTunnel();
  const changed: string[] = [];
  const sixbed4 = new Sixbed4({
    config: { ...defaultConfig().net.sixbed4, routers: [ROUTER] },
    domains: [],
    link: tunnel,
    dns: { ask: async () => ({ failure: 'nobody' }), searchDomains: async () => [] },
    log: () => {},
    changed: (what) => changed.push(what),
    datagram: () => {},
    unsent: () => {},
    ...options,
  });
  return { tunnel, sixbed4, changed };
}

test.serial(
  'IPv6 over which nobody answers for 60 s gets the tunnel beside it, and an answer takes it away',
  (t) => {
    const { tunnel, sixbed4, changed } = stand();
    sixbed4.start(5060, addressesOf(DUAL));
    t.deepEqual(tunnel.commands, []);
    sixbed4.tunnel.native('sent');
    ahead += 60_001;
    sixbed4.tunnel.native('sent');
    t.deepEqual(tunnel.kinds(), ['tunnel-open']);
    tunnel.up(OURS);
    t.true(sixbed4.tunnel.silent);
    t.false(sixbed4.all.native6);
    t.is(sixbed4.status.note, 'nobody answers over native IPv6');
    t.is(changed.at(-1), 'addresses');
    sixbed4.tunnel.native('heard');
    t.deepEqual(tunnel.kinds(), ['tunnel-open', 'tunnel-close']);
    t.true(sixbed4.all.native6);
    t.deepEqual(sixbed4.tunnel.addresses, []);
    sixbed4.close();
  },
);

test.serial('what goes native tells nobody anything as long as nothing comes of it', (t) => {
  const { sixbed4, changed } = stand();
  sixbed4.start(5060, addressesOf(DUAL));
  for (let n = 0; n < 100; n++) sixbed4.tunnel.native(n % 2 ? 'heard' : 'sent');
  t.deepEqual(changed, []);
  sixbed4.close();
});

const srv = (domain: string): DnsRecord => {
  const target = `router.${domain}`;
  return { type: 'SRV', name: `_6bed4._udp.${domain}`, ttl: 60, priority: 0, weight: 0, port: 4_000, target };
};
const a = (name: string): DnsRecord => ({ type: 'A', name, ttl: 60, address: '192.0.2.7' });

test.serial('routers are those that the domains of the accounts, or that of the network, name', async (t) => {
  for (const [domains, search] of [
    [['192.0.2.1', 'example.net'], []],
    [[], ['example.net']],
  ] as const) {
    const asked: string[] = [];
    const ask = async ({ name, type }: Question) => {
      asked.push(name);
      const answers = [srv('example.net'), a('router.example.net')].filter(
        (record) => record.name === name && record.type === type,
      );
      return { rcode: 'NOERROR', answers, authorities: [], additionals: [] } as const;
    };
    const config = defaultConfig().net.sixbed4;
    const { tunnel, sixbed4 } = stand({ config, domains, dns: { ask, searchDomains: async () => search } });
    sixbed4.start(5060, addressesOf(IPV4_ONLY));
    t.is(sixbed4.status.note, 'looking for a 6bed4 router');
    await until('the tunnel is opened', () => tunnel.commands.length > 0);
    t.deepEqual(tunnel.commands[0], {
      kind: 'tunnel-open',
      routers: ['192.0.2.7:4000'],
      port: 25_790,
      onLink: [],
      sipPort: 5060,
    });
    t.deepEqual(asked, ['_6bed4._udp.example.net', 'router.example.net']);
    sixbed4.close();
  }
});

test.serial('a router of the configuration may have a name', async (t) => {
  const config = { ...defaultConfig().net.sixbed4, routers: ['router.example.net:25791', '192.0.2.9'] };
  const ask = async ({ name }: Question) => {
    return { rcode: 'NOERROR', answers: [a(name)], authorities: [], additionals: [] } as const;
  };
  const { tunnel, sixbed4 } = stand({ config, dns: { ask, searchDomains: async () => ['example.net'] } });
  sixbed4.start(5060, addressesOf(IPV4_ONLY));
  await until('the tunnel is opened', () => tunnel.commands.length > 0);
  const [open] = tunnel.commands;
  t.deepEqual(open?.kind === 'tunnel-open' && open.routers, ['192.0.2.7:25791', '192.0.2.9:25790']);
  sixbed4.close();
});
