/** The agent with a tunnel: SIP goes through it and comes from it, and moves when it comes, changes and goes. */
import test, { type ExecutionContext } from 'ava';
import type { Network, OwnAddress } from '#address/network.ts';
import { addressesOf } from '#net/watch/addresses.ts';
import { until } from '../support/process.ts';
import { FakeTunnel, ROUTER } from './fake_tunnel.ts';
import { type Running, running } from './running_agent.ts';

const OURS = 'fc64:bed:c000:201:c433:6401:f4e2:8001';
const MOVED = 'fc64:bed:c000:201:c433:6401:f4e4:8001';
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

interface Stand extends Running {
  readonly tunnel: FakeTunnel;
  /** The kernel has other addresses. */
  move(network: Network): void;
}

async function stand(
  t: ExecutionContext,
  port: number,
  raw: { readonly net?: object; readonly accounts?: readonly object[] } = {},
  network = IPV4_ONLY,
): Promise<Stand> {
  const tunnel = new FakeTunnel();
  let now = network;
  let wake = () => {};
  const options = {
    look: () => addressesOf(now),
    wakeUps: [
      async (events: { wake(): void }) => {
        wake = () => events.wake();
        return { name: 'test', close() {} };
      },
    ],
    patience: 0,
  };
  const config = { ...raw, net: { sixbed4: { routers: [ROUTER] }, ...raw.net } };
  const agent = await running(t, port, config, { tunnel, network: options });
  await new Promise((resolve) => setTimeout(resolve, 20));
  const move = (network: Network) => {
    now = network;
    wake();
  };
  return { ...agent, tunnel, move };
}

const sixbed4 = ({ agent }: Stand) => agent.control.status().network.sixbed4;
const registrar = { user: 'alice', domain: PEER, transport: 'udp', password: 'x' };

test('without native IPv6 the tunnel is opened, and what it is said to be is what it is', async (t) => {
  const one = await stand(t, 15_611);
  t.deepEqual(one.tunnel.commands[0], {
    kind: 'tunnel-open',
    routers: [ROUTER],
    port: 25_790,
    onLink: [],
    sipPort: 15_611,
  });
  t.is(sixbed4(one).state, 'waiting');
  t.is(sixbed4(one).note, `asking ${ROUTER} …`);
  one.tunnel.lose();
  t.deepEqual([sixbed4(one).state, sixbed4(one).note], ['waiting', 'no 6bed4 router answers']);
  one.tunnel.up(OURS);
  const { state, address, router, note } = sixbed4(one);
  t.deepEqual([state, address, router], ['up', OURS, ROUTER]);
  t.is(note, 'there is no native IPv6');
  t.deepEqual(one.agent.control.status().network.ipv6, []);
  t.false(one.agent.control.status().network.native6);
  one.tunnel.tell({ kind: 'tunnel', state: 'up', addresses: [OURS], router: ROUTER, direct: 7, relayed: 9 });
  t.deepEqual([sixbed4(one).direct, sixbed4(one).relayed], [7, 9]);
  const metrics = one.agent.control.metrics();
  t.regex(metrics, /^dualtone_sixbed4_up 1$/m);
  t.regex(metrics, /^dualtone_sixbed4_direct_packets_total 7$/m);
  t.regex(metrics, /^dualtone_sixbed4_relayed_packets_total 9$/m);
  t.is(one.agent.control.front().lines[2], 'IPv4 6bed4');
  await one.agent.stop();
  t.is(one.tunnel.commands.at(-1)?.kind, 'tunnel-close');
});

test('without a router it is IPv4 only, and status and display say so', async (t) => {
  const one = await stand(t, 15_612, { net: { sixbed4: {} } });
  await until('no router is known', () => sixbed4(one).note.includes('no 6bed4 router is known'));
  t.is(sixbed4(one).state, 'waiting');
  t.deepEqual(one.tunnel.commands, []);
  t.is(one.agent.control.front().lines[2], 'IPv4 only');
});

test('with native IPv6, or switched off, nothing is opened', async (t) => {
  const native = await stand(t, 15_613, {}, DUAL);
  t.deepEqual(native.tunnel.commands, []);
  t.deepEqual([sixbed4(native).state, sixbed4(native).note], ['off', 'native IPv6 is there']);
  const off = await stand(t, 15_614, { net: { sixbed4: { mode: 'off', routers: [ROUTER] } } });
  t.deepEqual(off.tunnel.commands, []);
  t.regex(sixbed4(off).note, /switched off/);
});

test('an engine without tunnel is said to be one', async (t) => {
  const { agent } = await running(t, 15_615);
  t.is(agent.control.status().network.sixbed4.note, 'this telephone carries no tunnel');
});

test('the registration goes through the tunnel, and anew when its address changes', async (t) => {
  const one = await stand(t, 15_616, { accounts: [registrar] });
  one.tunnel.up(OURS);
  const account = () => one.agent.control.status().accounts[0];
  await until('registered', () => account()?.state === 'registered');
  const [first] = one.tunnel.requests('REGISTER');
  t.deepEqual([first?.local, first?.remote], [OURS, `[${PEER}]:5060`]);
  t.true(first?.message.first('contact')?.includes(`@[${OURS}]:15616`));
  t.deepEqual([account()?.family, account()?.encapsulated], ['ipv6', '6bed4']);
  t.is(one.agent.control.front().lines[2], 'Registered     6bed4');
  one.tunnel.up(MOVED);
  await until('another REGISTER', () => one.tunnel.requests('REGISTER').some(({ local }) => local === MOVED));
  const last = one.tunnel.requests('REGISTER').at(-1)?.message.octets;
  const text = Buffer.from(last ?? []).toString();
  t.true(text.includes(`@[${MOVED}]:15616`), text);
  t.regex(text, new RegExp(`@\\[${OURS}\\]:15616[^\\r]*expires=0`), 'the old Contact goes');
  await until('registered', () => account()?.state === 'registered');
});

test('the tunnel that goes takes the registration with it, until it is back', async (t) => {
  const one = await stand(t, 15_617, { accounts: [registrar] });
  const state = () => one.agent.control.status().accounts[0]?.state;
  one.tunnel.up(OURS);
  await until('registered', () => state() === 'registered');
  one.tunnel.down();
  t.is(sixbed4(one).state, 'waiting');
  await until('not registered', () => state() === 'failed');
  one.tunnel.up(OURS);
  await until('registered', () => state() === 'registered');
});

test('a call through the tunnel names our address inside, and is answered over it', async (t) => {
  const one = await stand(t, 15_618);
  one.tunnel.up(OURS);
  await one.agent.control.dial(`sip:bob@[${PEER}]`, { wait: true });
  const [invite] = one.tunnel.requests('INVITE');
  t.true(Buffer.from(invite?.message.octets ?? []).includes(`c=IN IP6 ${OURS}`));
  const [call] = one.agent.control.status().calls;
  t.deepEqual([call?.state, call?.signalling?.family, call?.media?.family], ['talking', 'ipv6', 'ipv6']);
  await until('ACK', () => one.tunnel.requests('ACK').length === 1);
});

test('a call goes on from the new address of the tunnel', async (t) => {
  const one = await stand(t, 15_619);
  one.tunnel.up(OURS);
  await one.agent.control.dial(`sip:bob@[${PEER}]`, { wait: true });
  one.tunnel.up(MOVED);
  await until('a re-INVITE', () => one.tunnel.requests('INVITE').length === 2);
  const again = one.tunnel.requests('INVITE').at(-1);
  t.is(again?.local, MOVED);
  t.true(Buffer.from(again?.message.octets ?? []).includes(`c=IN IP6 ${MOVED}`));
  await until('talking', () => one.agent.control.status().calls.at(-1)?.state === 'talking');
});

test('a direct call outlives its router, nothing new is begun, and its return changes nothing', async (t) => {
  const one = await stand(t, 15_624, { accounts: [registrar] });
  one.tunnel.up(OURS);
  const account = () => one.agent.control.status().accounts[0]?.state;
  await until('registered', () => account() === 'registered');
  await one.agent.control.dial(`sip:bob@[${PEER}]`, { wait: true });
  one.tunnel.lose();
  await until('not registered', () => account() === 'failed');
  const call = () => one.agent.control.status().calls.at(-1);
  t.deepEqual([call()?.state, call()?.cause], ['talking', undefined]);
  t.deepEqual([sixbed4(one).state, sixbed4(one).note], ['waiting', 'no 6bed4 router answers']);
  one.tunnel.up(OURS);
  await until('registered', () => account() === 'registered');
  t.is(call()?.state, 'talking');
  t.is(one.tunnel.requests('INVITE').length, 1);
  one.tunnel.lose();
  one.agent.control.hangUp();
  t.is(one.tunnel.requests('BYE').at(-1)?.local, OURS);
  await until('the address is gone', () => sixbed4(one).address === null);
});

test('a router that comes back with another address moves the call', async (t) => {
  const one = await stand(t, 15_625);
  one.tunnel.up(OURS);
  await one.agent.control.dial(`sip:bob@[${PEER}]`, { wait: true });
  one.tunnel.lose();
  one.tunnel.up(MOVED);
  await until('a re-INVITE', () => one.tunnel.requests('INVITE').length === 2);
  t.is(one.tunnel.requests('INVITE').at(-1)?.local, MOVED);
});

test('addresses by other routers concern nobody but those who use them', async (t) => {
  const one = await stand(t, 15_626, { accounts: [registrar] });
  one.tunnel.up(OURS);
  const account = () => one.agent.control.status().accounts[0]?.state;
  await until('registered', () => account() === 'registered');
  await one.agent.control.dial(`sip:bob@[${PEER}]`, { wait: true });
  for (let i = 1; i <= 10; i++) {
    one.tunnel.up(OURS, `fc64:bed:c000:242:c433:6401:${i}:8001`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  one.tunnel.up(OURS);
  await new Promise((resolve) => setTimeout(resolve, 300));
  t.is(one.tunnel.requests('REGISTER').length, 1);
  t.is(one.tunnel.requests('INVITE').length, 1);
  t.is(account(), 'registered');
});

const [GUEST, GUEST_MOVED] = [1, 2].map((n) => `fc64:bed:c000:242:c433:6401:${n}:8001`) as [string, string];
const HOST = 'fc64:bed:c000:242:c833:6401:f4e2:8001';

test('a call that used the address by another router moves when that is another, and only the call', async (t) => {
  const one = await stand(t, 15_627, { accounts: [registrar] });
  one.tunnel.up(OURS);
  await until('registered', () => one.agent.control.status().accounts[0]?.state === 'registered');
  one.tunnel.guest = GUEST;
  await one.agent.control.dial(`sip:bob@[${HOST}]`, { wait: true });
  const invites = () => one.tunnel.requests('INVITE');
  t.deepEqual([invites().at(-1)?.local, invites().length], [GUEST, 1]);
  t.true(Buffer.from(invites().at(-1)?.message.octets ?? []).includes(`c=IN IP6 ${GUEST}`));
  one.tunnel.guest = GUEST_MOVED;
  one.tunnel.up(OURS, GUEST_MOVED);
  await until('a re-INVITE', () => invites().length === 2);
  t.is(invites().at(-1)?.local, GUEST_MOVED);
  await until('talking', () => one.agent.control.status().calls.at(-1)?.state === 'talking');
  t.is(one.tunnel.requests('REGISTER').length, 1);
});

test('a registration from the address by another router is made anew when that is another', async (t) => {
  const one = await stand(t, 15_628, { accounts: [{ ...registrar, domain: HOST }] });
  one.tunnel.guest = GUEST;
  one.tunnel.up(OURS);
  await until('registered', () => one.agent.control.status().accounts[0]?.state === 'registered');
  t.is(one.tunnel.requests('REGISTER').at(-1)?.local, GUEST);
  one.tunnel.guest = GUEST_MOVED;
  one.tunnel.up(OURS, GUEST_MOVED);
  await until('a REGISTER', () => one.tunnel.requests('REGISTER').at(-1)?.local === GUEST_MOVED);
});

test('native IPv6 that arrives takes over when the call that needs 6bed4 has ended', async (t) => {
  const one = await stand(t, 15_620);
  one.tunnel.up(OURS);
  await one.agent.control.dial(`sip:bob@[${PEER}]`, { wait: true });
  one.move(DUAL);
  await until('a re-INVITE', () => one.tunnel.requests('INVITE').length === 2);
  await until('the network is told', () => one.agent.control.status().network.native6);
  t.is(sixbed4(one).state, 'up');
  t.regex(sixbed4(one).note, /native IPv6 has come/);
  await until('talking', () => one.agent.control.status().calls.at(-1)?.state === 'talking');
  one.move({ ...DUAL, addresses: [...DUAL.addresses, eth0('2a02:898::3', 64)] });
  await until('the new address', () => one.agent.control.status().network.ipv6.length === 2);
  t.is(one.tunnel.requests('INVITE').length, 2, 'the call is asked once');
  t.deepEqual(one.tunnel.kinds(), ['tunnel-open', 'tunnel-renew']);
  one.agent.control.hangUp();
  one.tunnel.silent = true;
  t.is(one.tunnel.requests('BYE').at(-1)?.remote, `[${PEER}]:5060`);
});

test('native IPv6 that leaves opens the tunnel, and registrations are made anew', async (t) => {
  const one = await stand(t, 15_621, { accounts: [registrar] }, DUAL);
  t.deepEqual(one.tunnel.commands, []);
  one.move(IPV4_ONLY);
  await until('the tunnel is opened', () => one.tunnel.kinds().includes('tunnel-open'));
  one.tunnel.up(OURS);
  await until('registered', () => one.agent.control.status().accounts[0]?.state === 'registered');
});

test('what comes through the tunnel is admitted by its address inside, and never as a neighbour', async (t) => {
  const one = await stand(t, 15_622, { net: {}, accounts: [] });
  one.tunnel.up(OURS);
  const options = (from: string) =>
    Buffer.from(
      [
        `OPTIONS sip:204@[${OURS}] SIP/2.0`,
        `Via: SIP/2.0/UDP [${from}]:5060;branch=z9hG4bK${Math.random()}`,
        `From: <sip:x@[${from}]>;tag=1`,
        `To: <sip:204@[${OURS}]>`,
        `Call-ID: ${Math.random()}`,
        'CSeq: 1 OPTIONS',
        'Max-Forwards: 70',
        'Content-Length: 0\r\n\r\n',
      ].join('\r\n'),
    );
  for (const address of ['::1', 'fe80::1', OURS, PEER]) {
    const remote = { family: 6, address, port: 5060 } as const;
    one.tunnel.tell({ kind: 'tunnel-datagram', octets: options(address), remote, local: OURS });
  }
  const { dropped } = one.agent.control.status();
  t.is(dropped['tunnel-source'], 3);
  t.is(dropped.stranger, 1);
  t.is(one.tunnel.commands.filter(({ kind }) => kind === 'tunnel-send').length, 0);
});

test('an error of the tunnel is the end of what was sent, at once', async (t) => {
  const one = await stand(t, 15_623);
  one.tunnel.silent = true;
  one.tunnel.up(OURS);
  const call = one.agent.control.dial(`sip:bob@[${PEER}]`, { wait: true });
  await until('an INVITE', () => one.tunnel.requests('INVITE').length > 0);
  const sent = one.tunnel.commands.find(({ kind }) => kind === 'tunnel-send');
  const began = performance.now();
  if (sent?.kind === 'tunnel-send')
    one.tunnel.tell({ kind: 'tunnel-unsent', ref: sent.ref, error: 'ECONNREFUSED' });
  const error = await call.catch((reason: Error) => reason);
  t.regex(error instanceof Error ? error.message : JSON.stringify(error), /nobody listens there/);
  t.true(performance.now() - began < 1_000);
});
