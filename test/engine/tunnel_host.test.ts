/** What the media thread does for the agent's tunnel, on a stand-in of it and a clock that jumps. */
import { mock } from 'node:test';
import test from 'ava';
import { HostStand, NEIGHBOUR, OPEN, OURS, ROUTER } from './tunnel_stand.ts';

const REMOTE = { family: 6, address: NEIGHBOUR, port: 5070 } as const;
const octets = new TextEncoder().encode('OPTIONS');
const send = (ref: string, change = {}) =>
  ({ kind: 'tunnel-send', octets, local: OURS, remote: REMOTE, ref, ...change }) as const;
const failed = (code: string) => Object.assign(new Error(code), { code });

/** In small steps: what is planned in one is due in another. */
function pass(ms: number): void {
  for (let done = 0; done < ms; done++) mock.timers.tick(1);
}

test.beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'setInterval'] }));
test.afterEach.always(() => mock.timers.reset());

test.serial('the tunnel waits, is up with its address and router, and off again', (t) => {
  const stand = new HostStand();
  stand.obey(OPEN);
  t.deepEqual(stand.tunnel.options, { routers: [ROUTER], port: 25_790, onLink: [] });
  stand.tunnel.come(OURS);
  stand.obey({ kind: 'tunnel-close' });
  t.true(stand.tunnel.closed);
  t.deepEqual(stand.events, [
    { kind: 'tunnel', state: 'waiting', addresses: [], direct: 0, relayed: 0 },
    { kind: 'tunnel', state: 'up', addresses: [OURS], router: ROUTER, direct: 0, relayed: 0 },
    { kind: 'tunnel', state: 'off', addresses: [], direct: 0, relayed: 0 },
  ]);
  pass(600_000);
  t.is(stand.tunnels.length, 1);
  t.is(stand.events.length, 3);
});

test.serial('a router that answers no more is lost, and the address and its sockets are still there', (t) => {
  const stand = new HostStand();
  const tunnel = stand.up();
  stand.said('tunnel');
  tunnel.emit('lost');
  t.like(stand.said('tunnel'), [{ state: 'lost', addresses: [OURS], router: undefined }]);
  stand.obey(send('a'));
  t.is(tunnel.sent.length, 1, 'what is under way to a neighbour goes on');
  tunnel.deliver(5060, octets, { address: NEIGHBOUR, port: 5070 });
  t.is(stand.said('tunnel-datagram').length, 1);
  tunnel.emit('address');
  t.like(stand.said('tunnel'), [{ state: 'up', addresses: [OURS], router: ROUTER }]);
});

test.serial('a router that never answers is lost, too', (t) => {
  const stand = new HostStand();
  stand.obey(OPEN);
  stand.tunnel.emit('lost');
  t.like(stand.said('tunnel'), [{ state: 'waiting' }, { state: 'lost', addresses: [] }]);
});

test.serial('counters are told once a second while they move', (t) => {
  const stand = new HostStand();
  const tunnel = stand.up();
  stand.said('tunnel');
  for (let second = 1; second <= 3; second++) {
    for (let ms = 0; ms < 1000; ms += 20) {
      tunnel.counters = { direct: tunnel.counters.direct + 1, relayed: second };
      pass(20);
    }
  }
  pass(10_000);
  const told = stand.said('tunnel').map(({ direct, relayed }) => [direct, relayed]);
  t.deepEqual(told, [
    [50, 1],
    [100, 2],
    [150, 3],
  ]);
});

test.serial('another address, and one by another router, are told when they come', (t) => {
  const stand = new HostStand();
  const tunnel = stand.up();
  stand.said('tunnel');
  tunnel.come('fc64:bed:c000:201::2');
  t.like(stand.said('tunnel'), [{ addresses: ['fc64:bed:c000:201::2'] }]);
  tunnel.addresses = [...tunnel.addresses, 'fc64:bed:c000:202::3'];
  pass(1000);
  t.like(stand.said('tunnel'), [{ addresses: ['fc64:bed:c000:201::2', 'fc64:bed:c000:202::3'] }]);
});

test.serial(
  'other routers are handed on, another port or link opens the tunnel anew, none closes it',
  (t) => {
    const stand = new HostStand();
    const tunnel = stand.up();
    stand.obey(OPEN, { ...OPEN, routers: ['192.0.2.9:25790'] });
    t.deepEqual(tunnel.routers, ['192.0.2.9:25790']);
    stand.obey({ kind: 'tunnel-renew' });
    t.is(tunnel.renewed, 1);
    stand.obey({ ...OPEN, port: 25_791 });
    t.true(tunnel.closed);
    t.is(stand.tunnel.options.port, 25_791);
    tunnel.emit('close');
    t.is(stand.tunnels.length, 2);
    stand.obey({ ...OPEN, port: 25_791, onLink: ['10.0.0.0/8'] });
    t.is(stand.tunnels.length, 3);
    t.deepEqual(stand.tunnel.options.onLink, ['10.0.0.0/8']);
    stand.tunnel.come(OURS);
    t.deepEqual(stand.tunnel.ports, [5060], 'the end of the old one is not the end of the new one');
    stand.said('tunnel');
    stand.obey({ ...OPEN, routers: [], onLink: [] });
    t.true(stand.tunnel.closed);
    t.like(stand.said('tunnel'), [{ state: 'off' }]);
  },
);

test.serial('a tunnel that breaks is opened again, after longer and longer pauses', (t) => {
  const stand = new HostStand();
  stand.up().close();
  t.like(stand.said('tunnel').at(-1), { state: 'waiting', addresses: [] });
  pass(999);
  t.is(stand.tunnels.length, 1);
  pass(1);
  t.is(stand.tunnels.length, 2);
  stand.trouble = new Error('no sockets left');
  stand.tunnel.close();
  pass(2000 + 4000 + 8000);
  stand.trouble = undefined;
  pass(15_999);
  t.is(stand.tunnels.length, 2);
  pass(1);
  t.is(stand.tunnels.length, 3);
  stand.tunnel.come(OURS);
  t.deepEqual(stand.tunnel.ports, [5060]);
  t.like(stand.said('tunnel').at(-1), { state: 'up', addresses: [OURS] });
  stand.tunnel.close();
  pass(1000);
  t.is(stand.tunnels.length, 4, 'a tunnel that was up may be tried again soon');
});

test.serial('no answer for long is no end of the tunnel, any other error is', (t) => {
  const stand = new HostStand();
  stand.obey(OPEN);
  stand.tunnel.emit('error', failed('ETIMEDOUT'));
  pass(60_000);
  t.is(stand.tunnels.length, 1);
  stand.tunnel.emit('error', failed('EMFILE'));
  t.true(stand.tunnel.closed);
  pass(1000);
  t.is(stand.tunnels.length, 2);
});

test.serial('routers that the tunnel does not understand are no end of the thread', (t) => {
  const stand = new HostStand();
  const tunnel = stand.up();
  tunnel.setRouters = () => {
    throw failed('ERR_INVALID_ARG_VALUE');
  };
  stand.obey({ ...OPEN, routers: ['rubbish'] });
  t.true(tunnel.closed);
  t.like(stand.said('tunnel').at(-1), { state: 'waiting' });
});

test.serial('a tunnel without an address for a moment keeps its sockets', (t) => {
  const stand = new HostStand();
  const tunnel = stand.up();
  const { version } = stand.host;
  tunnel.addresses = [];
  pass(1000);
  t.like(stand.said('tunnel').at(-1), { state: 'waiting', addresses: [] });
  t.is(stand.host.tunnel, tunnel);
  t.true(stand.host.version > version);
  tunnel.addresses = [OURS];
  pass(1000);
  t.like(stand.said('tunnel').at(-1), { state: 'up', addresses: [OURS] });
  t.deepEqual(tunnel.ports, [5060]);
});

test.serial('a tunnel that cannot be opened at all waits', (t) => {
  const stand = new HostStand();
  stand.trouble = new Error('no sockets left');
  stand.obey(OPEN);
  t.like(stand.said('tunnel'), [{ state: 'waiting' }]);
  stand.obey({ kind: 'tunnel-close' });
  stand.trouble = undefined;
  pass(60_000);
  t.is(stand.tunnels.length, 0);
});

test.serial('SIP goes out and comes in on its port inside', (t) => {
  const stand = new HostStand();
  const tunnel = stand.up();
  stand.obey(send('a'));
  t.deepEqual(tunnel.sent, [{ from: 5060, local: OURS, octets, port: 5070, address: NEIGHBOUR }]);
  const pool = Buffer.alloc(65_536);
  tunnel.deliver(5060, pool.subarray(10, 20), { address: NEIGHBOUR, port: 5070 });
  const [datagram] = stand.said('tunnel-datagram');
  t.like(datagram, { remote: REMOTE, local: OURS });
  t.is(datagram?.octets.byteLength, 10);
  t.is(datagram?.octets.buffer.byteLength, 10, 'nothing else goes along');
  stand.obey({ ...OPEN, sipPort: 5061 });
  t.deepEqual(tunnel.ports, [5061]);
});

test.serial('SIP leaves from the address that it names, and is told with the one that it came to', (t) => {
  const stand = new HostStand();
  const [other, next] = ['fc64:bed:c000:202::3', 'fc64:bed:c000:201::4'];
  const tunnel = stand.up(OURS, other);
  stand.obey(send('a'), send('b', { local: other }));
  t.deepEqual(
    tunnel.sent.map(({ local }) => local),
    [OURS, other],
  );
  for (const address of [OURS, other])
    tunnel.deliver(5060, octets, { address: NEIGHBOUR, port: 5070 }, address);
  tunnel.come(next, other);
  for (const address of [OURS, other, next])
    tunnel.deliver(5060, octets, { address: NEIGHBOUR, port: 5070 }, address);
  t.deepEqual(
    stand.said('tunnel-datagram').map(({ local }) => local),
    [OURS, other, other, next],
  );
});

test.serial('what cannot be sent is told with its ref', (t) => {
  const stand = new HostStand();
  stand.obey(send('off'));
  stand.obey(OPEN, send('waiting'));
  stand.tunnel.come(OURS);
  stand.obey(send('void', { local: 'fc64:bed:c000:201::7' }));
  stand.tunnel.refuses = failed('EMSGSIZE');
  stand.obey(send('large'));
  t.deepEqual(
    stand.said('tunnel-unsent').map(({ ref, error }) => [ref, error]),
    [
      ['off', 'there is no tunnel'],
      ['waiting', 'there is no tunnel'],
      ['void', 'we have no address for it (EADDRNOTAVAIL)'],
      ['large', 'too large for a datagram (EMSGSIZE)'],
    ],
  );
});

test.serial('an error of the network is told for each ref that left for that end since it was heard', (t) => {
  const stand = new HostStand();
  const tunnel = stand.up();
  const elsewhere = { ...REMOTE, port: 5071 };
  stand.obey(send('heard'));
  tunnel.deliver(5060, octets, { address: NEIGHBOUR, port: 5070 });
  stand.obey(send('a'), send('b'), send('a'), send('other', { remote: elsewhere }));
  t.true(tunnel.at(5060)?.recvErr);
  const refused = Object.assign(failed('ECONNREFUSED'), { address: NEIGHBOUR, port: 5070 });
  for (const error of [failed('EADDRINUSE'), refused, refused]) tunnel.at(5060)?.emit('error', error);
  t.deepEqual(
    stand.said('tunnel-unsent').map(({ ref, error }) => [ref, error]),
    [
      ['b', 'nobody listens there (ECONNREFUSED)'],
      ['a', 'nobody listens there (ECONNREFUSED)'],
    ],
  );
});

test.serial('the source for a remote is told, and that it is ours by then', async (t) => {
  const stand = new HostStand();
  const tunnel = stand.up();
  stand.said('tunnel');
  const other = 'fc64:bed:c000:202::3';
  tunnel.source = (remote) => {
    if (!remote.startsWith('fc64:bed:c000:202:')) return Promise.resolve(OURS);
    tunnel.addresses = [OURS, other];
    return Promise.resolve(other);
  };
  stand.obey({ kind: 'tunnel-source', request: 1, remote: 'fc64:bed:c000:202::9' });
  await Promise.resolve().then(() => {});
  await new Promise((resolve) => setImmediate(resolve));
  t.like(stand.events, [
    { kind: 'tunnel', addresses: [OURS, other] },
    { kind: 'tunnel-source', request: 1, address: other },
  ]);
});

test.serial('where no source can be had, the answer has none', async (t) => {
  const stand = new HostStand();
  stand.obey({ kind: 'tunnel-source', request: 1, remote: NEIGHBOUR });
  const tunnel = stand.up();
  stand.obey({ kind: 'tunnel-source', request: 2, remote: NEIGHBOUR });
  tunnel.emit('lost');
  tunnel.source = () => Promise.resolve(OURS);
  stand.obey({ kind: 'tunnel-source', request: 3, remote: NEIGHBOUR });
  await new Promise((resolve) => setImmediate(resolve));
  const answers = stand.said('tunnel-source').toSorted((a, b) => a.request - b.request);
  t.deepEqual(answers, [
    { kind: 'tunnel-source', request: 1 },
    { kind: 'tunnel-source', request: 2 },
    { kind: 'tunnel-source', request: 3 },
  ]);
});
