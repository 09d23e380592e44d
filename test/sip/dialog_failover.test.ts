/** A call whose family dies: requests inside the dialog go where it names a host, and end where it names an address. */
import test from 'ava';
import type { Transport } from '#sip/types.ts';
import { DualStack, type Fate } from '../support/dual_stack.ts';

function inCall(transport: Transport, contact = 'sip:bob@server.example', idle = 5_000) {
  const net = new DualStack();
  const server = net.server(1);
  const suffix = transport === 'tcp' ? ';transport=tcp' : '';
  server.contact = contact + suffix;
  net.names.set('server.example', [net.flows(server, transport)]);
  net.call(`sip:bob@server.example`);
  net.clock.run(idle);
  if (net.last('established')?.flow.remote.family !== 6) throw new Error('no call over IPv6');
  server.seen.length = 0;
  return { net, server };
}

for (const transport of ['udp', 'tcp'] as const) {
  for (const fate of ['black-hole', 'prohibited'] as const satisfies readonly Fate[]) {
    for (const idle of [5_000, 600_000]) {
      test(`re-INVITE and BYE go over IPv4 below 1 s: ${transport}, IPv6 ${fate}, after ${idle / 1000} s`, (t) => {
        const { net, server } = inCall(transport, undefined, idle);
        net.path(server, 6).fate = fate;
        const begun = net.clock.now;
        net.command({ kind: 'reinvite', call: 'call', anew: true });
        net.clock.run(3_000);
        const invite = server.first('INVITE');
        t.is(invite?.flow.remote.family, 4);
        t.true((invite?.at ?? 0) - begun < 1_000);
        t.is(net.last('describe')?.flow.remote.family, 4);
        t.is(net.last('answer')?.sdp, 'v=0 answer');
        t.truthy(server.first('ACK'));
        const middle = net.clock.now;
        net.command({ kind: 'hang-up', call: 'call' });
        net.clock.run(3_000);
        t.true((server.first('BYE')?.at ?? Number.POSITIVE_INFINITY) - middle < 20);
        net.clock.settle();
        t.is(net.load, 0);
      });
    }
  }

  test(`BYE finds its way when the family has just died: ${transport}`, (t) => {
    const { net, server } = inCall(transport);
    net.path(server, 6).fate = 'black-hole';
    const begun = net.clock.now;
    net.command({ kind: 'hang-up', call: 'call' });
    t.is(net.cause?.by, 'us');
    net.clock.run(3_000);
    t.true((server.first('BYE')?.at ?? Number.POSITIVE_INFINITY) - begun < 1_000);
  });
}

test('between addresses of a dead family the call is held for 20 s, then ended with the reason', (t) => {
  const { net, server } = inCall('udp', 'sip:bob@[2001:db8::1]');
  net.path(server, 6).fate = 'black-hole';
  net.command({ kind: 'reinvite', call: 'call', anew: true });
  net.clock.run(19_000);
  t.is(net.cause, undefined);
  net.clock.run(1_500);
  t.is(net.cause?.by, 'network');
  t.regex(net.cause?.reason ?? '', /no answer from \[2001:db8::1\]:5060/);
  net.clock.settle();
  t.is(net.load, 0);
});

test('the ACK for a 200 goes the way of its INVITE, not the way that is listed first', (t) => {
  const net = new DualStack();
  const server = net.server(1);
  net.names.set('server.example', [net.flows(server)]);
  net.path(server, 6).fate = 'black-hole';
  net.call();
  net.clock.run(3_000);
  t.is(server.first('ACK')?.flow.remote.family, 4);
});
