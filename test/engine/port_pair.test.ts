/** The sockets of a session: by the kernel, and by a stand-in of the tunnel. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import { PortPair } from '#engine/port_pair.ts';
import { until } from '../support/process.ts';
import { PORTS } from './support.ts';
import { HostStand, NEIGHBOUR, OURS } from './tunnel_stand.ts';

const octets = Uint8Array.of(1, 2, 3);
const NATIVE = '2001:db8::9';

async function pairOn(t: ExecutionContext, stand: HostStand): Promise<PortPair> {
  const pair = await PortPair.open(PORTS, Math.random, stand.host);
  t.teardown(() => pair.close());
  t.teardown(() => stand.host.close());
  return pair;
}

test('inside the tunnel a session has the same ports, and gives them back', async (t) => {
  const stand = new HostStand();
  const tunnel = stand.up();
  const pair = await PortPair.open(PORTS, Math.random, stand.host);
  t.deepEqual(tunnel.ports, [5060, pair.port, pair.port + 1]);
  const socket = tunnel.at(pair.port);
  tunnel.come('fc64:bed:c000:201::2');
  t.is(tunnel.at(pair.port), socket, 'the sockets stay when the address is another');
  pair.close();
  t.deepEqual(tunnel.ports, [5060]);
  stand.obey({ kind: 'tunnel-close' });
  t.deepEqual(stand.up().ports, [5060], 'nothing is opened for a session that is over');
  stand.host.close();
});

test('a tunnel that comes up in the middle of a session serves it, and so does the next', async (t) => {
  const stand = new HostStand();
  const pair = await pairOn(t, stand);
  const heard: unknown[] = [];
  pair.listen(
    (packet, address, port) => heard.push(['rtp', packet, address, port]),
    (packet, address, port) => heard.push(['rtcp', packet, address, port]),
  );
  for (let times = 0; times < 2; times++) {
    stand.obey({ kind: 'tunnel-close' });
    const tunnel = stand.up();
    tunnel.deliver(pair.port, octets, { address: NEIGHBOUR, port: 4000 });
    tunnel.deliver(pair.port + 1, octets, { address: NEIGHBOUR, port: 4001 });
    t.deepEqual(heard.splice(0), [
      ['rtp', octets, NEIGHBOUR, 4000],
      ['rtcp', octets, NEIGHBOUR, 4001],
    ]);
    pair.sendRtp(octets, NEIGHBOUR, 4000);
    pair.sendRtcp(octets, NEIGHBOUR, 4001);
    t.deepEqual(
      tunnel.sent.map(({ from, port }) => [from, port]),
      [
        [pair.port, 4000],
        [pair.port + 1, 4001],
      ],
    );
  }
});

/** Own address, remote address, whether the tunnel is the way. */
const WAYS = [
  [OURS, NEIGHBOUR, true],
  [OURS, NATIVE, true],
  [undefined, NEIGHBOUR, true],
  [undefined, 'fc64:bed:c000:209::1', true],
  ['2001:db8::1', NEIGHBOUR, true],
  [undefined, NATIVE, false],
  ['2001:db8::1', NATIVE, false],
  [undefined, '::1', false],
  [undefined, 'fc65::1', false],
  [OURS, '127.0.0.1', false],
] as const;

for (const [local, remote, inside] of WAYS) {
  test(`from ${local ?? 'anywhere'} to ${remote} ${inside ? 'the tunnel' : 'the kernel'} is the way`, async (t) => {
    const stand = new HostStand();
    const tunnel = stand.up();
    const pair = await pairOn(t, stand);
    pair.sendFrom(local);
    pair.sendRtp(octets, remote, 4000);
    pair.suspect(remote);
    t.is(tunnel.sent.length, inside ? 1 : 0);
    t.deepEqual(tunnel.suspected, inside ? [remote] : []);
  });
}

test('a native /64 of the router is reached by the tunnel, and no longer when it has another', async (t) => {
  const stand = new HostStand();
  const pair = await pairOn(t, stand);
  const tunnel = stand.up('2001:db8:0:64:cb00:7105:6402:c001');
  const neighbour = '2001:db8:0:64::9';
  pair.sendRtp(octets, neighbour, 4000);
  t.is(tunnel.sent.length, 1);
  tunnel.come(OURS);
  pair.sendRtp(octets, neighbour, 4000);
  t.is(tunnel.sent.length, 1);
  pair.sendFrom('2001:db8:0:64:cb00:7105:6402:c001');
  pair.sendRtp(octets, neighbour, 4000);
  t.is(tunnel.sent.length, 2, 'an address that was ours stays ours until the session is negotiated anew');
});

test('without a tunnel all is the business of the kernel', async (t) => {
  const peer = createSocket('udp6').bind(0, '::1');
  t.teardown(() => peer.close());
  await once(peer, 'listening');
  let heard = 0;
  peer.on('message', () => heard++);
  const stand = new HostStand();
  const pair = await pairOn(t, stand);
  pair.sendRtp(octets, '::1', peer.address().port);
  pair.sendFrom(OURS);
  pair.sendRtp(octets, '::1', peer.address().port);
  await until('two packets', () => heard === 2);
  const tunnel = stand.up();
  pair.sendRtp(octets, '::1', peer.address().port);
  t.is(tunnel.sent.length, 1, 'and with one it is no more');
});
