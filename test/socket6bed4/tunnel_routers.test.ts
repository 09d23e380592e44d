/** Another list of routers for a tunnel at work, on loopback. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { bound, next, socketOn, startRouter, tunnelBy } from './tunnel_stand.ts';

test.serial('the same routers in another order change nothing', async (t) => {
  const [a, b] = ['127.77.91.1:25790', '127.77.91.2:25790'] as const;
  const routers = [await startRouter(t, a), await startRouter(t, b)];
  const tunnel = tunnelBy(t, a, b);
  await once(tunnel, 'address');
  await sleep(50);
  const asked = () => routers.reduce((sum, { counters }) => sum + counters.advertisements, 0);
  const before = asked();
  let told = 0;
  tunnel.on('address', () => {
    told += 1;
  });
  for (let i = 0; i < 10; i++) {
    tunnel.setRouters(i % 2 ? [a, b] : [b, a]);
    await sleep(20);
  }
  t.is(told, 0);
  t.is(asked(), before);
});

test.serial('while the new routers are silent the old one serves', async (t) => {
  const a = '127.77.92.1:25790';
  await startRouter(t, a);
  const tunnel = tunnelBy(t, a);
  const [x, y] = [socketOn(t, tunnel), socketOn(t, tunnelBy(t, a))];
  await bound(x);
  const to = await bound(y);
  tunnel.setRouters(['127.77.92.9:25790']);
  await sleep(100);
  x.send('hello', to.port, to.address);
  t.is((await next(y)).text, 'hello');
  t.is(tunnel.router, a);
});
