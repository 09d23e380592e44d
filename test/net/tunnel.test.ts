/** The tunnel as one more way of the transport: both directions, what it refuses, and what goes elsewhere. */
import test, { type ExecutionContext } from 'ava';
import type { Endpoint } from '#address/endpoint.ts';
import type { Network, OwnAddress } from '#address/network.ts';
import { TUNNEL } from '#address/sixbed4.ts';
import { SourceAddresses } from '#net/source_address.ts';
import type { Tunnel } from '#net/tunnel.ts';
import type { Flow } from '#sip/types.ts';
import { type Listening, listening, MESSAGE, until } from './support.ts';

const FC64 = 'fc64:bed:c000:201:c433:6401:f4e2:8001';
const FC64_PEER = 'fc64:bed:c000:201:c833:6401:f4e2:8001';
const ROUTED = '2a0e:6bed:4:0:c433:6401:f4e2:8001';
const ROUTED_PEER = '2a0e:6bed:4:0:c833:6401:f4e2:8001';
const NATIVE = '2a02:898::2';
const WORLD = '2606:4700::1';

const own = (address: string, name = 'eth0'): OwnAddress => ({ address, prefixLength: 64, interface: name });

class FakeTunnel implements Tunnel {
  addresses: readonly string[];
  readonly native6: readonly string[];
  silent = false;
  source: string | undefined;
  readonly sent: { local: string; remote: string; ref: string; text: string }[] = [];
  readonly asked: string[] = [];
  readonly noticed: string[] = [];

  constructor(addresses: readonly string[], native6: readonly string[] = []) {
    this.addresses = addresses;
    this.native6 = native6;
    this.source = addresses[0];
  }

  get network(): Network {
    const inside = this.addresses.map((each) => ({ ...own(each, TUNNEL), encapsulated: '6bed4' as const }));
    const loopback = { ...own('::1', 'lo'), prefixLength: 128 };
    return {
      addresses: [loopback, ...this.native6.map((each) => own(each)), ...inside],
      defaultRoute: { 4: true, 6: this.native6.length > 0 },
    };
  }

  async sourceFor(remote: string): Promise<string | undefined> {
    this.asked.push(remote);
    return this.source;
  }

  send(octets: Uint8Array, local: string, { address, port }: Endpoint, ref: string): void {
    this.sent.push({ local, remote: `${address} ${port}`, ref, text: Buffer.from(octets).toString() });
  }

  native(what: 'sent' | 'heard'): void {
    this.noticed.push(what);
  }
}

const six = (address: string, port = 5060): Endpoint => ({ family: 6, address, port });
const octets = Buffer.from(MESSAGE);

async function stand(t: ExecutionContext, tunnel = new FakeTunnel([FC64])) {
  const one = await listening(t, { tunnel });
  return { one, tunnel };
}

function message(one: Listening, flow: Flow, ref = 'a'): void {
  one.door.send(flow, octets, ref);
}

test('a request to a 6bed4 address leaves through the tunnel, from the address that the tunnel names', async (t) => {
  const { one, tunnel } = await stand(t);
  const flow = await one.door.flowTo('udp', six(FC64_PEER));
  t.deepEqual(flow, {
    transport: 'udp',
    local: { family: 6, address: FC64, port: one.door.port },
    remote: six(FC64_PEER),
    encapsulated: '6bed4',
  });
  message(one, flow);
  t.deepEqual(tunnel.asked, [FC64_PEER]);
  t.deepEqual(tunnel.sent, [{ local: FC64, remote: `${FC64_PEER} 5060`, ref: 'a', text: MESSAGE }]);
  t.deepEqual(one.errors, []);
  t.is(one.door.udpFlows, 0);
  t.deepEqual(tunnel.noticed, []);
});

test('what comes through the tunnel enters with our address inside, and its answer goes back there', async (t) => {
  const { one, tunnel } = await stand(t);
  one.door.fromTunnel(octets, six(FC64_PEER, 6000), FC64);
  const [arrived] = one.received;
  t.is(arrived?.text, MESSAGE);
  t.deepEqual(arrived?.flow.local, { family: 6, address: FC64, port: one.door.port });
  t.is(arrived?.flow.encapsulated, '6bed4');
  if (arrived) one.door.send(arrived.flow, Buffer.from(`SIP/2.0 200 OK\r\n${MESSAGE}`), 'b');
  t.is(tunnel.sent[0]?.remote, `${FC64_PEER} 6000`);
});

test('a flow of our address inside needs no mark to find the tunnel', async (t) => {
  const { one, tunnel } = await stand(t);
  message(one, { transport: 'udp', local: six(FC64), remote: six(FC64_PEER) });
  t.is(tunnel.sent.length, 1);
});

test('a flow of the tunnel does not leave natively when the tunnel is gone', async (t) => {
  const { one, tunnel } = await stand(t);
  const flow = await one.door.flowTo('udp', six(FC64_PEER));
  tunnel.addresses = [];
  message(one, flow);
  await until(() => one.errors.length === 1);
  t.deepEqual(one.errors[0], ['a', `${FC64} is not ours any more`]);
  t.deepEqual(tunnel.sent, []);
});

test('without an address in the tunnel there is no route, and it says so', async (t) => {
  const { one, tunnel } = await stand(t);
  tunnel.source = undefined;
  const error = await t.throwsAsync(() => one.door.flowTo('udp', six(FC64_PEER)), { code: 'NO_ROUTE' });
  t.regex(error?.message ?? '', /6bed4 tunnel has no address/);
});

test('while there is no tunnel nothing for 6bed4 is let out natively, where nobody would answer', async (t) => {
  const { one } = await stand(t, new FakeTunnel([], [NATIVE]));
  for (const transport of ['udp', 'tcp', 'tls'] as const) {
    const error = await t.throwsAsync(() => one.door.flowTo(transport, six(FC64_PEER)), { code: 'NO_ROUTE' });
    t.is(error?.message, `no way to ${FC64_PEER}: there is no 6bed4 tunnel`);
  }
});

for (const transport of ['tcp', 'tls'] as const) {
  test(`${transport} is not carried, and says so`, async (t) => {
    const { one, tunnel } = await stand(t);
    await t.throwsAsync(() => one.door.flowTo(transport, six(FC64_PEER)), { code: 'NO_ROUTE' });
    const flow: Flow = { transport, local: six(FC64), remote: six(FC64_PEER) };
    message(one, flow, 'send');
    one.door.connect(flow, 'connect');
    one.door.ping(flow, 'ping');
    await until(() => one.errors.length === 3);
    for (const [, error] of one.errors) t.is(error, `6bed4 carries no ${transport.toUpperCase()}`);
    t.deepEqual(tunnel.sent, []);
    t.is(one.door.connections, 0);
  });
}

test('loopback and IPv4 never see the tunnel', async (t) => {
  const { one, tunnel } = await stand(t, new FakeTunnel([ROUTED]));
  const other = await listening(t);
  for (const remote of [
    six('::1', other.door.port),
    { ...six('127.0.0.1', other.door.port), family: 4 as const },
  ]) {
    const flow = await one.door.flowTo('udp', remote);
    t.is(flow.encapsulated, undefined);
    message(one, flow);
  }
  await until(() => other.received.length === 2);
  t.deepEqual([tunnel.sent, tunnel.asked, tunnel.noticed], [[], [], []]);
});

test('a native peer is reached natively if this host has a route, else through a router that has one', async (t) => {
  const { one } = await stand(t, new FakeTunnel([ROUTED]));
  const byHost = await new SourceAddresses().find(six(WORLD)).then(
    () => true,
    () => false,
  );
  const flow = await one.door.flowTo('udp', six(WORLD));
  t.is(flow.encapsulated, byHost ? undefined : '6bed4');
  t.is((await one.door.flowTo('udp', six(ROUTED_PEER))).encapsulated, '6bed4');
});

test('while native IPv6 is silent there are both ways, as far as they are there', async (t) => {
  const { one, tunnel } = await stand(t, new FakeTunnel([ROUTED], [NATIVE]));
  tunnel.silent = true;
  const flows = await one.door.flowsTo('udp', six(WORLD));
  t.is(flows.at(-1)?.encapsulated, '6bed4');
  t.true(flows.length <= 2);
  tunnel.source = undefined;
  const left = await one.door.flowsTo('udp', six(WORLD)).catch(() => []);
  t.true(left.every(({ encapsulated }) => encapsulated === undefined));
});

test('nobody in the tunnel passes for loopback, a neighbour, ourselves or Teredo', async (t) => {
  const { one } = await stand(t, new FakeTunnel([ROUTED], [NATIVE]));
  for (const forged of ['::1', 'fe80::1', 'fd00::1', '2a02:898::77', NATIVE, ROUTED, '::ffff:127.0.0.1'])
    one.door.fromTunnel(octets, six(forged), ROUTED);
  one.door.fromTunnel(octets, { family: 4, address: '127.0.0.1', port: 5060 }, ROUTED);
  t.deepEqual([...new Set(one.dropped)], ['tunnel-source']);
  t.is(one.dropped.length, 8);
  one.door.fromTunnel(octets, six('2001:0:1::1'), ROUTED);
  one.door.fromTunnel(Buffer.from('\r\n'), six(ROUTED_PEER), ROUTED);
  t.deepEqual(one.dropped.slice(8), ['teredo', 'udp-too-short']);
  t.deepEqual(one.received, []);
});

test('a closed transport takes nothing from the tunnel', async (t) => {
  const { one } = await stand(t);
  await one.door.close();
  one.door.fromTunnel(octets, six(FC64_PEER), FC64);
  t.deepEqual(one.received, []);
});

test('what goes out into the world natively is told, what goes to a neighbour is not', async (t) => {
  const { one, tunnel } = await stand(t, new FakeTunnel([FC64], [NATIVE]));
  for (const remote of [WORLD, '2a02:898::77', 'fd00::1', '::1'])
    message(one, { transport: 'udp', local: six(NATIVE), remote: six(remote) });
  t.deepEqual(tunnel.noticed, ['sent']);
});
