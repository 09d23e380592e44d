/** An application that closes the tunnel, or a socket in it, from within what it is told. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { Socket, Tunnel } from '#socket6bed4/index.ts';
import { bound, next, socketBy, socketOn, startRouter, tunnelBy } from './tunnel_stand.ts';

interface Pair {
  readonly tunnel: Tunnel;
  readonly near: Socket;
  readonly far: Socket;
  readonly there: { address: string; port: number };
}

/** Two that may speak; what `far` hears it answers. */
async function pair(t: ExecutionContext, router: string): Promise<Pair> {
  await startRouter(t, router);
  const tunnel = tunnelBy(t, router);
  const [near, far] = [socketOn(t, tunnel), socketOn(t, tunnelBy(t, router))];
  await bound(near);
  const there = await bound(far);
  far.on('message', (_octets, { port, address }) => far.send('back', port, address));
  return { tunnel, near, far, there };
}

/** Speaks until it is closed; the codes of what was not sent. */
async function speak({ near, there }: Pair, tunnel: Tunnel): Promise<unknown[]> {
  const errors: unknown[] = [];
  const done = (error: NodeJS.ErrnoException | null): unknown => error && errors.push(error.code);
  for (let i = 0; i < 100 && !tunnel.closed; i++) {
    near.send(Buffer.alloc(3000), there.port, there.address, done);
    await sleep(10);
  }
  await sleep(50);
  return errors;
}

test.serial('when it is told of a direct path', async (t) => {
  const both = await pair(t, '127.77.93.1:25790');
  both.tunnel.on('direct', () => both.tunnel.close());
  await speak(both, both.tunnel);
  t.true(both.tunnel.closed);
  t.throws(() => both.near.address(), { code: 'ERR_SOCKET_DGRAM_NOT_RUNNING' });
});

test.serial('when it is told of a relayed one', async (t) => {
  const both = await pair(t, '127.77.93.2:25790');
  const direct = once(both.tunnel, 'direct');
  const spoken = speak(both, both.tunnel);
  await direct;
  both.tunnel.on('relayed', () => both.tunnel.close());
  t.notThrows(() => both.tunnel.renew());
  await spoken;
  t.true(both.tunnel.closed);
});

test.serial('when its own send changes the path: the callback hears of it', async (t) => {
  const both = await pair(t, '127.77.93.3:25790');
  const direct = once(both.tunnel, 'direct');
  both.near.send('hello', both.there.port, both.there.address);
  await direct;
  both.tunnel.on('relayed', () => both.tunnel.close());
  // It goes silent in the midst of a conversation.
  both.far.removeAllListeners('message');
  for (let i = 0; i < 10; i++) both.far.send('more', both.near.address().port, both.near.address().address);
  await next(both.near);
  t.deepEqual([...new Set(await speak(both, both.tunnel))], ['ECANCELED']);
  t.true(both.tunnel.closed);
});

test.serial('when it is told of its address, by the tunnel or by the last socket in it', async (t) => {
  await startRouter(t, '127.77.93.4:25790');
  const tunnel = tunnelBy(t, '127.77.93.4:25790');
  const inside = socketOn(t, tunnel);
  inside.send('hello', 5060, '2001:db8::1', () => {});
  tunnel.on('address', () => tunnel.close());
  await once(tunnel, 'close');
  t.is(tunnel.listenerCount('address'), 1);
  const last = socketBy(t, '127.77.93.4:25790');
  last.bind(5060, () => last.close());
  await once(last, 'close');
});

test.serial('when a datagram comes', async (t) => {
  const both = await pair(t, '127.77.93.5:25790');
  both.near.on('message', () => both.tunnel.close());
  await speak(both, both.tunnel);
  t.true(both.tunnel.closed);
});

test.serial('a closed tunnel does nothing any more', async (t) => {
  await startRouter(t, '127.77.93.6:25790');
  const tunnel = tunnelBy(t, '127.77.93.6:25790');
  await once(tunnel, 'address');
  tunnel.close();
  tunnel.renew();
  tunnel.setRouters(['127.77.93.7']);
  tunnel.suspect('2001:db8::1');
  t.pass();
});
