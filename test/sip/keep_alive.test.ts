/** A registration while its network breaks, heals and changes (RFC 5626 4.4). */
import test from 'ava';
import type { ReachabilityState } from '#sip/request/reachability.ts';
import { DualStack, type DualStackOptions, type Server } from '../support/dual_stack.ts';

function registered(options: DualStackOptions = {}, families: readonly (4 | 6)[] = [6, 4]) {
  const net = new DualStack({ keepAlive: 25_000, ...options });
  const server = net.server(1);
  net.names.set('server.example', [net.flows(server, 'udp', families)]);
  net.register();
  net.clock.run(5_000);
  const registers = () => server.seen.filter(({ message }) => message.method === 'REGISTER');
  const family = () => net.last('registration')?.flow?.remote.family;
  return { net, server, registers, family };
}

test('a sign of life is asked for every 20 to 25 s, at random, and REGISTER goes on as before', (t) => {
  const { net, server, registers } = registered();
  const from = net.sent.length;
  net.clock.run(500_000);
  const beats = net.sent.slice(from).filter(({ message }) => message.method === 'OPTIONS');
  const gaps = beats.slice(1).map(({ at }, index) => at - (beats[index]?.at ?? 0));
  t.true(
    gaps.every((gap) => gap >= 20_000 && gap <= 25_000),
    gaps.join(' '),
  );
  t.true(new Set(gaps).size > 5);
  t.true(beats.every(({ message }) => message.first('max-forwards') === '0'));
  t.true(beats.every(({ message }) => message.uri === 'sip:server.example'));
  t.true(beats.every(({ message }) => message.from?.uri === 'sip:alice@server.example'));
  t.is(registers().length, 1);
  t.true(server.probes > 18);
  net.command({ kind: 'unregister', account: 'home' });
  net.clock.settle();
  t.is(net.load, 0);
});

for (const fate of ['black-hole', 'prohibited', 'refused'] as const) {
  test(`IPv6 becomes ${fate}: registered over IPv4 within 30 s, and over IPv6 again when it lives`, (t) => {
    const { net, server, registers, family } = registered();
    t.is(family(), 6);
    net.path(server, 6).fate = fate;
    const begun = net.clock.now;
    net.clock.run(30_000);
    t.is(family(), 4);
    const moved = registers().at(-1);
    t.true((moved?.at ?? 0) - begun <= 30_000);
    t.is(net.last('registration')?.state, 'registered');
    t.deepEqual(net.agent.weights(net.clock.now)[0]?.failing, [6]);
    net.path(server, 6).fate = 'alive';
    const before = registers().length;
    net.clock.run(60_000);
    t.is(family(), 6);
    t.deepEqual(net.agent.weights(net.clock.now)[0]?.failing, []);
    net.clock.run(300_000);
    t.is(registers().length, before + 1);
  });
}

test('a call that comes while the registration hangs on a dead family goes out at once', (t) => {
  const { net, server } = registered();
  net.path(server, 6).fate = 'black-hole';
  const begun = net.clock.now;
  net.call();
  net.clock.run(2_000);
  const invite = server.first('INVITE');
  t.true((invite?.at ?? Number.POSITIVE_INFINITY) - begun < 1_000);
});

for (const families of [[6, 4], [4]] as const) {
  test(`a registrar that ignores OPTIONS is kept, by REGISTER, over ${families.length} families`, (t) => {
    const { net, server, registers, family } = registered();
    server.answersOptions = false;
    const other = registered({}, families);
    other.server.answersOptions = false;
    const [first] = families;
    other.net.clock.run(300_000);
    t.is(other.family(), first);
    const times = other.registers().map(({ at }) => at);
    t.true(times.length > 8, `${times.length}`);
    t.true(times.slice(2).every((at, index) => at - (times[index + 1] ?? 0) <= 25_020));
    t.is(
      other.net.events.filter((event) => event.kind === 'registration' && event.state === 'failed').length,
      0,
    );
    // One that answered OPTIONS before is believed to be dead, and found to be alive.
    net.clock.run(60_000);
    t.is(net.last('registration')?.state, 'registered');
    t.true(registers().length > 1);
    t.truthy(family());
  });
}

test('a dead registrar of a single address is asked for with pauses, and found again', (t) => {
  const { net, server, registers } = registered({}, [4]);
  net.path(server, 4).fate = 'black-hole';
  net.clock.run(120_000);
  t.true(net.events.some((event) => event.kind === 'registration' && event.state === 'failed'));
  net.path(server, 4).fate = 'alive';
  net.clock.run(120_000);
  t.is(net.last('registration')?.state, 'registered');
  t.true(registers().length >= 2);
});

test('another network: registered at once from the new address, whatever was known', (t) => {
  const { net, server, registers, family } = registered();
  net.path(server, 6).fate = 'black-hole';
  net.clock.run(40_000);
  t.is(family(), 4);
  net.path(server, 6).fate = 'alive';
  net.path(server, 4).fate = 'black-hole';
  const begun = net.clock.now;
  net.command({ kind: 'network-changed', attachment: 'wlan1 home', addresses: [net.six.address] });
  net.clock.run(1_000);
  t.is(family(), 6);
  t.true((registers().at(-1)?.at ?? 0) - begun < 300);
  t.deepEqual(
    net.agent.weights(net.clock.now).map(({ failing }) => failing),
    [[]],
  );
});

test('a request without an answer from an address that is gone begins anew from another', (t) => {
  const { net, server } = registered();
  server.says100 = false;
  server.thinks = 10_000;
  net.call();
  net.clock.run(50);
  t.is(net.sent.at(-1)?.flow.remote.family, 6);
  server.thinks = 0;
  net.names.set('server.example', [net.flows(server, 'udp', [4])]);
  net.command({ kind: 'network-changed', attachment: 'wlan1 home', addresses: [net.four.address] });
  net.clock.run(1_000);
  t.is(net.last('established')?.flow.remote.family, 4);
});

/** A telephone on `attachment` whose domain has two servers, of which the first may be dead. */
function restarted(reachability: ReachabilityState | undefined, attachment: string) {
  const net = new DualStack(reachability === undefined ? {} : { reachability });
  const [one, two] = [net.server(1), net.server(2)];
  net.names.set('server.example', [net.flows(one), net.flows(two)]);
  net.command({ kind: 'network-changed', attachment, addresses: [net.four.address, net.six.address] });
  return { net, one, two };
}

const HOME = 'eth0 192.0.2.254';

for (const [name, spoil] of [
  ['IPv6 was dead', (net: DualStack, one: Server) => [net.path(one, 6)]],
  ['the first server was dead', (net: DualStack, one: Server) => [net.path(one, 6), net.path(one, 4)]],
] as const) {
  for (const alive of [80, 5_000]) {
    test(`a restart after ${alive} ms knows that ${name}, on the same network`, (t) => {
      const time = (kept: ReachabilityState | undefined, attachment: string) => {
        const { net, one, two } = restarted(kept, attachment);
        for (const path of spoil(net, one)) path.fate = 'black-hole';
        const begun = net.clock.now;
        net.register();
        net.clock.run(200 + alive);
        const first = [...one.seen, ...two.seen].find(({ message }) => message.method === 'REGISTER');
        const state: ReachabilityState = JSON.parse(JSON.stringify(net.agent.reachability));
        return { ms: (first?.at ?? 0) - begun, state };
      };
      const cold = time(undefined, HOME);
      t.true(cold.ms > 50 && cold.ms < 300, `${cold.ms}`);
      t.is(time(cold.state, HOME).ms, 10);
      t.is(time(cold.state, 'wlan0 elsewhere').ms, cold.ms);
    });
  }
}
