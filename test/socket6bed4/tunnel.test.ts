/** The tunnel over loopback, with our own router. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { createSocket, openTunnel } from '#socket6bed4/index.ts';
import { bound, next, ON_LINK, opened, socketBy, socketOn, startRouter, tunnelBy } from './tunnel_stand.ts';

test('two sockets in two tunnels reach each other, first relayed and soon directly', async (t) => {
  const router = await startRouter(t, '127.77.40.1');
  const near = tunnelBy(t, '127.77.40.1');
  const far = tunnelBy(t, '127.77.40.1');
  const ann = socketOn(t, near);
  const ben = socketOn(t, far);
  await bound(ann, 5060);
  const there = await bound(ben, 5061);
  t.regex(there.address, /^fc64:bed:7f4d:2801:7c00:1:/);
  const direct = once(near, 'direct');
  ann.send('hello', there.port, there.address);
  const heard = await next(ben);
  t.deepEqual(heard, { text: 'hello', address: near.address ?? '', port: 5060 });
  ben.send('yes', heard.port, heard.address);
  t.is((await next(ann)).text, 'yes');
  t.deepEqual(await direct, [there.address]);
  const relayed = router.counters.relayed;
  ann.send('still there?', there.port, there.address);
  t.is((await next(ben)).text, 'still there?');
  t.is(router.counters.relayed, relayed);
  t.is(near.counters.direct, 1);
  t.is(near.router, '127.77.40.1:25790');
});

test('a datagram of 65 527 octets arrives in fragments', async (t) => {
  await startRouter(t, '127.77.40.2');
  const ann = socketOn(t, tunnelBy(t, '127.77.40.2'));
  const ben = socketOn(t, tunnelBy(t, '127.77.40.2'));
  const there = await bound(ben);
  const big = Buffer.alloc(65_527, 'dual stack dual tone ');
  ann.send(big, there.port, there.address);
  t.is((await next(ben)).text, big.toString());
});

test('sockets of the same options share a tunnel, and reach each other inside of it', async (t) => {
  const router = await startRouter(t, '127.77.40.3');
  const ann = socketBy(t, '127.77.40.3');
  const ben = socketBy(t, '127.77.40.3');
  const here = await bound(ann);
  const there = await bound(ben);
  t.is(here.address, there.address);
  let early = true;
  ben.once('message', () => t.false(early, 'it came before send returned'));
  ann.send('inside', there.port, there.address);
  early = false;
  t.deepEqual(await next(ben), { text: 'inside', address: here.address, port: here.port });
  ann.send('by loopback', there.port);
  t.is((await next(ben)).text, 'by loopback');
  t.is(router.counters.relayed, 0);
  t.is(router.counters.advertisements, 1);
});

test('the tunnel ends with its last socket unless the application opened it', async (t) => {
  await startRouter(t, '127.77.40.4');
  const options = { routers: ['127.77.40.4'], onLink: ON_LINK };
  const first = createSocket({ type: 'udp6', ...options });
  const second = createSocket({ type: 'udp6', ...options });
  const { address } = await bound(first);
  await bound(second);
  first.close();
  t.is(second.address().address, address);
  second.close();
  const third = createSocket({ type: 'udp6', ...options });
  t.not((await bound(third)).address, address);

  const tunnel = openTunnel(options);
  t.deepEqual(tunnel.addresses, [third.address().address]);
  third.close();
  await sleep(10);
  const fourth = tunnel.createSocket();
  t.deepEqual(tunnel.addresses, [(await bound(fourth)).address]);
  const both = Promise.all([once(tunnel, 'close'), once(fourth, 'close')]);
  tunnel.close();
  await both;
  t.throws(() => fourth.address(), { code: 'ERR_SOCKET_DGRAM_NOT_RUNNING' });
});

test('the local IPv4 port is the one wanted while it is free, otherwise another', async (t) => {
  await startRouter(t, '127.77.40.5');
  const options = { routers: ['127.77.40.5'], onLink: ON_LINK, port: 25_791 };
  const first = opened(t, options);
  const second = opened(t, { ...options, keepAlive: 21_000 });
  await Promise.all([once(first, 'address'), once(second, 'address')]);
  t.regex(first.address ?? '', /:64bf:c001$/);
  t.notDeepEqual(first.addresses, second.addresses);
});

test('sourceFor waits for nobody where there is one router only, and says so without an address', async (t) => {
  await startRouter(t, '127.77.40.6');
  await t.throwsAsync(tunnelBy(t, '127.77.40.200').sourceFor('2001:db8::1'), { code: 'ENETUNREACH' });
  const tunnel = tunnelBy(t, '127.77.40.6');
  await once(tunnel, 'address');
  const asked = performance.now();
  t.deepEqual([await tunnel.sourceFor('2001:db8::1')], tunnel.addresses);
  t.true(performance.now() - asked < 500);
  await t.throwsAsync(tunnel.sourceFor('nobody'), { code: 'ERR_INVALID_ARG_VALUE' });
  t.throws(() => tunnel.suspect('192.0.2.1'), { code: 'ERR_INVALID_ARG_VALUE' });
});

test('with whom another router serves we speak from an address by that one', async (t) => {
  await startRouter(t, '127.77.40.7');
  await startRouter(t, '127.77.40.8');
  const near = tunnelBy(t, '127.77.40.7');
  const far = tunnelBy(t, '127.77.40.8');
  const ben = socketOn(t, far);
  const there = await bound(ben);
  if (near.address === undefined) await once(near, 'address');
  const source = await near.sourceFor(there.address);
  t.regex(source, /^fc64:bed:7f4d:2808:/);
  t.is(near.addresses[1], source);
  const ann = socketOn(t, near);
  ann.bind(5060, source);
  await once(ann, 'listening');
  t.is(ann.address().address, source);
  ann.send('across', there.port, there.address);
  t.deepEqual(await next(ben), { text: 'across', address: source, port: 5060 });
});

test('other routers give another address; sockets keep their port and are told the new one', async (t) => {
  await startRouter(t, '127.77.40.9');
  await startRouter(t, '127.77.40.10');
  const tunnel = tunnelBy(t, '127.77.40.9');
  const socket = socketOn(t, tunnel);
  const { address, port } = await bound(socket);
  const fixed = socketOn(t, tunnel);
  fixed.bind(5062, address);
  await once(fixed, 'listening');
  tunnel.setRouters(['127.77.40.10']);
  const [now, before] = await once(tunnel, 'address');
  t.regex(now, /^fc64:bed:7f4d:280a:/);
  t.is(before, address);
  t.deepEqual(socket.address(), { address: now, family: 'IPv6', port });
  t.is(fixed.address().address, now);
  t.is(tunnel.router, '127.77.40.10:25790');
  socket.send('to the one that moved', 5062, now);
  t.is((await next(fixed)).text, 'to the one that moved');
});

test('a changed network is asked about, and the address told again', async (t) => {
  const router = await startRouter(t, '127.77.40.11');
  const tunnel = tunnelBy(t, '127.77.40.11');
  await once(tunnel, 'address');
  const asked = router.counters.advertisements;
  tunnel.renew();
  while (router.counters.advertisements === asked) await sleep(5);
  t.pass();
});

test('a router may be a name', async (t) => {
  await startRouter(t, '127.0.0.1:25792');
  const tunnel = tunnelBy(t, 'localhost:25792');
  const [address] = await once(tunnel, 'address');
  t.regex(address, /^fc64:bed:7f00:1:7c00:1:/);
});

test('routers that are none, and prefixes that are none, are refused with what to write', (t) => {
  for (const routers of [[], ['192.0.2.1:0'], ['192.0.2.1:65536'], ['2001:db8::1'], ['[::1]:25790'], ['a b']])
    t.throws(() => openTunnel({ routers }), {
      code: 'ERR_6BED4_ROUTERS',
      message: /SOCKET6BED4_ROUTERS.*routers: \['192\.0\.2\.1:25790'\]/,
    });
  t.throws(() => openTunnel({ routers: ['192.0.2.1'], onLink: ['10/8'] }), { message: /'10\/8'/ });
});
