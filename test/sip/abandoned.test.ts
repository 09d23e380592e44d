/** What comes of an INVITE after it was left for another flow: late 1xx and 2xx, and what the caller notices of it. */
import test from 'ava';
import { DualStack } from '../support/dual_stack.ts';

/** IPv6 was right, and is so slow now that the INVITE goes to IPv4 before anything comes back. */
function leaving(slow = 2_000) {
  const net = new DualStack();
  const server = net.server(1);
  net.names.set('server.example', [net.flows(server)]);
  net.register();
  net.clock.run(1_000);
  net.path(server, 6).rtt = slow;
  const begun = net.clock.now;
  net.call();
  const invites = () => server.seen.filter(({ message }) => message.method === 'INVITE');
  return { net, server, begun, invites };
}

test('a late provisional response is answered by CANCEL, and the call goes on over the other family', (t) => {
  const { net, server, begun } = leaving();
  server.rings = 0;
  server.thinks = 5_000;
  net.clock.run(4_000);
  const cancel = server.first('CANCEL');
  t.is(cancel?.flow.remote.family, 6);
  t.is((cancel?.at ?? 0) - begun, 3_000);
  t.is(
    cancel?.message.via?.branch,
    net.sent.find(({ message }) => message.method === 'INVITE')?.message.via?.branch,
  );
  net.clock.run(10_000);
  t.is(net.last('established')?.flow.remote.family, 4);
  t.is(net.cause, undefined);
  net.command({ kind: 'hang-up', call: 'call' });
  net.command({ kind: 'unregister', account: 'home' });
  net.clock.settle();
  t.is(net.load, 0);
});

test('a late 200 is acknowledged and ended by BYE, whoever was first', (t) => {
  for (const thinks of [0, 3_000]) {
    const { net, server } = leaving();
    server.says100 = false;
    server.thinks = thinks;
    // Only the first INVITE is answered at once.
    net.clock.run(1_500);
    server.thinks = 0;
    net.clock.run(10_000);
    const bye = server.first('BYE');
    t.is(net.last('established')?.flow.remote.family, 4);
    t.is(net.events.filter(({ kind }) => kind === 'established').length, 1);
    t.is(net.cause, undefined);
    t.truthy(bye);
    const ended = bye?.message.toTag;
    const acks = server.seen.filter(({ message }) => message.method === 'ACK');
    t.true(acks.some(({ message }) => message.toTag === ended));
    t.is(new Set(acks.map(({ message }) => message.toTag)).size, 2);
    net.command({ kind: 'hang-up', call: 'call' });
    net.command({ kind: 'unregister', account: 'home' });
    net.clock.settle();
    t.is(net.load, 0);
  }
});

test('late final responses to other requests are taken: the request was answered', (t) => {
  const { net, server } = leaving();
  net.clock.run(10_000);
  net.command({ kind: 'hang-up', call: 'call' });
  net.clock.run(40_000);
  net.path(server, 6).rtt = 20;
  net.path(server, 4).rtt = 20;
  server.seen.length = 0;
  net.register();
  net.clock.run(1_000);
  net.path(server, 6).rtt = 1_600;
  net.path(server, 4).rtt = 1_600;
  const before = net.events.length;
  net.register();
  net.clock.run(1_700);
  t.deepEqual(
    net.events.slice(before).map((event) => (event.kind === 'registration' ? event.state : event.kind)),
    ['trying', 'registered'],
  );
  net.clock.run(5_000);
  t.is(net.events.length, before + 2);
});

test('what was left is not sent again when its family lives again', (t) => {
  const { net, server, invites } = leaving();
  net.path(server, 6).fate = 'black-hole';
  net.clock.run(1_500);
  net.path(server, 6).fate = 'alive';
  net.path(server, 6).rtt = 20;
  net.clock.run(40_000);
  t.is(invites().filter(({ flow }) => flow.remote.family === 6).length, 1);
  t.is(net.last('established')?.flow.remote.family, 4);
});

test('who hangs up while the INVITE has moved cancels both', (t) => {
  const { net, server } = leaving();
  server.rings = 0;
  server.thinks = 30_000;
  net.clock.run(1_000);
  net.command({ kind: 'hang-up', call: 'call' });
  net.clock.run(5_000);
  const cancelled = server.seen.filter(({ message }) => message.method === 'CANCEL');
  t.deepEqual([...new Set(cancelled.map(({ flow }) => flow.remote.family))].sort(), [4, 6]);
  t.deepEqual(net.cause, { by: 'us', reason: 'cancelled' });
});
