/** Who may ring may not ring without end: requests outside of dialogs, by source and in all. */
import test from 'ava';
import { FloodGate, OF_ALL, OF_ONE } from '#sip/flood.ts';
import { Clock } from '../support/clock.ts';
import { Side } from '../support/pair.ts';
import { Peer, SDP } from '../support/peer.ts';
import { Wire } from '../support/wire.ts';

function house(allow: readonly string[] = []) {
  const clock = new Clock();
  const wire = new Wire(clock);
  const bob = new Side('bob', '192.0.2.2', clock, wire, { admission: { acceptFrom: 'known', allow } });
  const near = new Peer(wire, '192.0.2.7', bob.local);
  const other = new Peer(wire, '192.0.2.8', bob.local);
  bob.command({ kind: 'neighbours', addresses: ['192.0.2.7', '192.0.2.8'] });
  const dropped = () =>
    bob.events.filter((event) => event.kind === 'dropped' && event.why === 'flood').length;
  return { clock, bob, near, other, dropped };
}

/** A call each millisecond. */
function flood(peer: Peer, clock: Clock, count: number, method = 'INVITE'): void {
  for (let i = 0; i < count; i++) {
    peer.ask({
      method,
      callId: `flood-${method}-${i}`,
      cseq: 1,
      ...(method === 'INVITE' && { headers: [SDP], body: 'v=0' }),
    });
    clock.run(1);
  }
}

for (const method of ['INVITE', 'OPTIONS']) {
  test(`a neighbour that sends a thousand ${method}s in a second is heard as often as any telephone needs`, (t) => {
    const { clock, bob, near, other, dropped } = house();
    flood(near, clock, 1000, method);
    clock.run(200);
    const heard = 1000 - dropped();
    t.true(heard >= OF_ONE.atOnce && heard <= OF_ONE.atOnce + OF_ONE.perSecond + 1, `${heard}`);
    t.true(bob.agent.load.transactions <= heard);
    other.ask({ method: 'OPTIONS', callId: 'other' });
    clock.run(200);
    t.deepEqual(other.statuses('OPTIONS'), [200], 'another one is heard all the same');
    clock.run(60_000);
    near.ask({ method: 'OPTIONS', callId: 'later' });
    clock.run(200);
    t.true(near.statuses('OPTIONS').includes(200), 'and the same one later');
  });
}

test('whom the owner names may send as much as it likes', (t) => {
  const { clock, near, dropped } = house(['192.0.2.7']);
  flood(near, clock, 1000, 'OPTIONS');
  t.is(dropped(), 0);
});

test('a call goes on and ends, however much its peer sends besides', (t) => {
  const { clock, bob, near } = house();
  near.ask({ method: 'INVITE', callId: 'call', fromTag: 'a', cseq: 1, headers: [SDP], body: 'v=0' });
  clock.run(200);
  const call = bob.all('incoming')[0]?.call ?? '';
  bob.command({ kind: 'accept', call });
  clock.run(200);
  const toTag = near.last('INVITE', 200)?.toTag ?? '';
  t.not(toTag, '');
  near.ask({ method: 'ACK', callId: 'call', fromTag: 'a', toTag, cseq: 1 });
  flood(near, clock, 500, 'OPTIONS');
  near.ask({ method: 'BYE', callId: 'call', fromTag: 'a', toTag, cseq: 2 });
  clock.run(200);
  t.deepEqual(near.statuses('BYE'), [200]);
  t.is(bob.all('ended').length, 1);
});

test('a network of IPv6 is one source, and sources without number do not fill the memory', (t) => {
  const gate = new FloodGate();
  let heard = 0;
  for (let i = 0; i < 1000; i++) if (gate.lets(`2001:db8:1:2::${i.toString(16)}`, 0)) heard++;
  t.is(heard, OF_ONE.atOnce);
  t.true(gate.lets('2001:db8:1:3::1', 0));
  const crowd = new FloodGate();
  let all = 0;
  for (let i = 0; i < 100_000; i++) if (crowd.lets(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, 0)) all++;
  t.is(all, OF_ALL.atOnce);
  for (const address of ['fe80::1%eth0', '::ffff:192.0.2.1', 'no address', ''])
    t.false(crowd.lets(address, 0));
  t.true(crowd.lets('192.0.2.1', 60_000));
});
