/** Each message shows one family: to an IPv4-only peer we look IPv4-only, to an IPv6-only one IPv6-only. */
import test from 'ava';
import type { Flow } from '#sip/types.ts';
import { ACCOUNT, DualStack, type Fate } from '../support/dual_stack.ts';

const FOREIGN = { 4: /2001:db8|IP6/i, 6: /192\.0\.2|198\.51|IP4/ };

/** Every message sent, as text, with the family of its flow. */
function texts(net: DualStack): { readonly family: 4 | 6; readonly text: string }[] {
  return net.sent.map(({ flow, message }) => ({
    family: flow.remote.family,
    text: Buffer.from(message.octets).toString('latin1'),
  }));
}

for (const transport of ['udp', 'tcp'] as const) {
  for (const [six, four] of [
    ['black-hole', 'alive'],
    ['alive', 'black-hole'],
    ['prohibited', 'alive'],
    ['alive', 'alive'],
  ] as const satisfies readonly (readonly [Fate, Fate])[]) {
    test(`registered, called and moved over ${transport} with IPv6 ${six} and IPv4 ${four}`, (t) => {
      const net = new DualStack();
      const server = net.server(1);
      net.names.set('server.example', [net.flows(server, transport)]);
      net.path(server, 6).fate = six;
      net.path(server, 4).fate = four;
      net.register();
      net.call();
      net.clock.run(3_000);
      t.truthy(net.last('established'));
      // The other way round in the middle of it.
      net.path(server, 6).fate = six === 'alive' ? 'black-hole' : 'alive';
      net.path(server, 4).fate = six === 'alive' ? 'alive' : 'black-hole';
      net.command({ kind: 'reinvite', call: 'call', anew: true });
      net.register();
      net.clock.run(3_000);
      net.command({ kind: 'hang-up', call: 'call' });
      net.clock.run(3_000);
      const families = new Set(net.sent.map(({ flow }) => flow.remote.family));
      t.is(families.size, 2);
      for (const { family, text } of texts(net)) t.notRegex(text, FOREIGN[family]);
      const methods = new Set(net.sent.map(({ message }) => message.method));
      for (const method of ['REGISTER', 'INVITE', 'ACK', 'BYE']) t.true(methods.has(method), method);
    });
  }
}

test('a request and what belongs to it stay on one flow', (t) => {
  const net = new DualStack();
  const server = net.server(1);
  server.thinks = 3_000;
  server.rings = 100;
  net.names.set('server.example', [net.flows(server)]);
  net.call();
  net.clock.run(2_000);
  net.command({ kind: 'hang-up', call: 'call' });
  net.clock.run(2_000);
  const flows = net.sent
    .filter(({ message }) => message.method !== 'OPTIONS')
    .map(({ flow }) => flow.remote.address);
  t.is(new Set(flows).size, 1);
});

for (const family of [4, 6] as const) {
  test(`an account for IPv${family} alone asks for that family alone`, (t) => {
    const hops: (4 | 6 | undefined)[] = [];
    const net = new DualStack({ accounts: [{ ...ACCOUNT, family }] });
    const server = net.server(1);
    net.names.set('server.example', [net.flows(server, 'udp', [family])]);
    const handle = net.agent.handle.bind(net.agent);
    net.agent.handle = (input, now) => {
      const effects = handle(input, now);
      for (const effect of effects) if (effect.kind === 'locate') hops.push(effect.hop.family);
      return effects;
    };
    net.register();
    net.call();
    net.clock.run(3_000);
    net.command({ kind: 'hang-up', call: 'call' });
    net.clock.run(3_000);
    t.deepEqual([...new Set(hops)], [family]);
    t.is(server.probes, 0);
    t.true(net.sent.every(({ flow }: { readonly flow: Flow }) => flow.remote.family === family));
  });
}
