/** IPv6 through the tunnel: IPv4 goes first, and what is learnt of it is kept apart from what native IPv6 is worth. */
import test from 'ava';
import type { Flow } from '#sip/types.ts';
import { DualStack, type Server } from '../support/dual_stack.ts';

const HOST = 'server.example';

function tunnelled(flows: readonly Flow[]): Flow[] {
  return flows.map((flow) =>
    flow.remote.family === 4
      ? flow
      : { ...flow, local: { ...flow.local, address: 'fc64:bed::1' }, encapsulated: '6bed4' },
  );
}

function stage(by: (flows: readonly Flow[]) => readonly Flow[]): { net: DualStack; server: Server } {
  const net = new DualStack();
  const server = net.server(1);
  net.names.set(HOST, [by(net.flows(server))]);
  return { net, server };
}

function weightsOf(net: DualStack): Record<string, number> {
  return Object.fromEntries(
    net.agent.weights(net.clock.now).map(({ destination, p }) => [destination, p] as const),
  );
}

test('a destination whose IPv6 is the tunnel begins with IPv4, and its weight has a name of its own', (t) => {
  const { net, server } = stage(tunnelled);
  net.register();
  net.clock.run(2_000);
  t.is(server.first('REGISTER')?.flow.remote.family, 4);
  t.deepEqual(weightsOf(net), { [`${HOST} over 6bed4`]: -9 });
});

test('a destination with native IPv6 begins with IPv6', (t) => {
  const { net, server } = stage((flows) => flows);
  net.register();
  net.clock.run(2_000);
  t.is(server.first('REGISTER')?.flow.remote.family, 6);
  t.deepEqual(weightsOf(net), { [HOST]: 9 });
});

test('one native address of several makes IPv6 native', (t) => {
  const { net, server } = stage((flows) => flows);
  const [six] = net.flows(server);
  if (six === undefined) throw new Error('no IPv6');
  const inside = tunnelled([{ ...six, remote: { ...six.remote, address: 'fc64:bed::9' } }]);
  net.names.set(HOST, [[...net.flows(server), ...inside]]);
  net.register();
  net.clock.run(2_000);
  t.is(server.first('REGISTER')?.flow.remote.family, 6);
  t.is(server.first('REGISTER')?.flow.encapsulated, undefined);
});

test('a native way that counts as missing beside the tunnel leaves IPv4 the favourite', (t) => {
  const { net, server } = stage((flows) => [...flows, ...tunnelled(flows)]);
  net.register();
  net.clock.run(2_000);
  t.is(server.first('REGISTER')?.flow.remote.family, 4);
});

test('where IPv4 is dead the tunnel carries the registration', (t) => {
  const { net, server } = stage(tunnelled);
  net.path(server, 4).fate = 'black-hole';
  net.register();
  net.clock.run(3_000);
  t.is(server.first('REGISTER')?.flow.encapsulated, '6bed4');
  t.is(net.last('registration')?.state, 'registered');
});

test('the weight of a destination over the tunnel ages towards -5', (t) => {
  const { net } = stage(tunnelled);
  net.register();
  net.clock.run(2_000);
  net.command({ kind: 'unregister', account: 'home' });
  net.clock.run(1_000);
  const before = weightsOf(net)[`${HOST} over 6bed4`] ?? 0;
  t.true(before < -5);
  net.clock.run(24 * 3_600_000);
  t.is(weightsOf(net)[`${HOST} over 6bed4`], -5);
});

test('a large request stays a datagram in the tunnel', (t) => {
  const { net, server } = stage((flows) => tunnelled(flows).filter(({ remote }) => remote.family === 6));
  net.sdp = `a=x:${'x'.repeat(2_000)}\r\n`;
  net.call();
  net.clock.run(2_000);
  const invite = server.first('INVITE');
  t.is(invite?.flow.transport, 'udp');
  t.true((invite?.message.octets.length ?? 0) > 2_000);
  t.true(net.sent.every(({ flow }) => flow.transport === 'udp'));
});
