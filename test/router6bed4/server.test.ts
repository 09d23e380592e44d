/** The router as a process, over loopback. */
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { ipv6Text } from '#socket6bed4/address/ipv6.ts';
import { hopLimitOf } from '#socket6bed4/packet/ipv6.ts';
import { ROUTER_SOLICITATION } from '#socket6bed4/packet/neighbour_discovery.ts';
import { until } from '../support/process.ts';
import { countedBy, LoopbackPeer, routerFor, startRouter } from './program.ts';
import { hello } from './stand.ts';

const ON_LINK = ['--on-link', '127.0.0.0/8'];

test('two peers get their addresses and reach each other, and SIGTERM ends it with the last counters', async (t) => {
  const router = await routerFor(t, '--listen', '127.77.1.1:25790', ...ON_LINK);
  const [ann, ben] = await Promise.all([1, 2].map(() => LoopbackPeer.start(t, '127.77.1.1')));
  if (ann === undefined || ben === undefined) return t.fail();
  await ann.attach();
  await ben.attach();
  t.regex(ipv6Text(ann.address), /^fc64:bed:7f4d:101:7c00:1:/);
  ann.send(hello(ann.address, ben.address));
  const there = await ben.next();
  t.is(hopLimitOf(there), 63);
  t.is(there.subarray(48).toString(), 'hello');
  ben.send(hello(ben.address, ann.address));
  t.is((await ann.next()).subarray(48).toString(), 'hello');
  ann.send(new Uint8Array(0));

  const wanted = { received: 5, keepAlives: 1, relayed: 2, advertisements: 2 };
  await until('the keep-alive is counted', async () => {
    router.kill('SIGUSR1');
    return countedBy(router).at(-1)?.received === wanted.received;
  });
  t.like(countedBy(router).at(-1), wanted);

  // Of this one only the last line can know.
  ann.send(new Uint8Array(0));
  await sleep(200);
  router.kill('SIGTERM');
  t.is(await router.exit(1000), 0);
  t.like(countedBy(router).at(-1), { ...wanted, received: 6, keepAlives: 2 });
});

test('two routers pass on what is for peers of the other', async (t) => {
  const near = await routerFor(t, '--listen', '127.77.2.1', ...ON_LINK);
  const far = await routerFor(t, '--listen', '127.77.2.2', ...ON_LINK);
  const ann = await LoopbackPeer.start(t, '127.77.2.1');
  const ben = await LoopbackPeer.start(t, '127.77.2.2');
  await Promise.all([ann.attach(), ben.attach()]);
  ann.send(hello(ann.address, ben.address));
  t.is(hopLimitOf(await ben.next()), 62);
  ben.send(hello(ben.address, ann.address));
  t.is(hopLimitOf(await ann.next()), 62);
  for (const router of [near, far]) {
    t.is(await router.stop(), 0);
    t.like(countedBy(router).at(-1), { toRouters: 1, fromRouters: 1 });
  }
});

test('private peers are refused where nobody named their network, and the operator is told what to type', async (t) => {
  const router = await routerFor(t, '--listen', '127.77.3.1', '--stats', '1');
  await until('the hint', () => /add --on-link 127\.0\.0\.0\/8/.test(router.output));
  const ann = await LoopbackPeer.start(t, '127.77.3.1');
  ann.send(ROUTER_SOLICITATION);
  t.true(await ann.hearsNothing());
  await until('a line of counters', () => countedBy(router).length > 0);
  t.is(countedBy(router)[0]?.dropped['forbidden-origin'], 1);
});

test('a port that is taken, and an address of somebody else, end with 1 and what to do', async (t) => {
  await routerFor(t, '--listen', '127.77.4.1');
  for (const [listen, why] of [
    ['127.77.4.1', /port 127\.77\.4\.1:25790 cannot be opened: another program has it.*--listen/],
    ['203.0.113.250', /this host has no such address.*--listen/],
  ] as const) {
    const second = startRouter('--listen', listen);
    t.is(await second.exit(10_000), 1);
    t.regex(second.output, why);
  }
});

test('a wrong command line ends with 2 and one line', async (t) => {
  const router = startRouter('--tun', '6bed4');
  t.is(await router.exit(10_000), 2);
  t.regex(router.output, /^dualtone: --tun wants --prefix[^\n]*\n$/);
});

test('at full speed nothing is lost that was not sent too fast', async (t) => {
  await routerFor(t, '--listen', '127.77.5.1', ...ON_LINK);
  const ann = await LoopbackPeer.start(t, '127.77.5.1');
  const ben = await LoopbackPeer.start(t, '127.77.5.1');
  await Promise.all([ann.attach(), ben.attach()]);
  const count = 1000;
  for (let i = 0; i < count; i += 1) {
    ann.send(hello(ann.address, ben.address));
    if (i % 20 === 19) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await until(
    'all of them',
    () => ben.heard.length === count,
    5000,
    () => `${ben.heard.length} came`,
  );
  t.is(ben.heard.length, count);
});
