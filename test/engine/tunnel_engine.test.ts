/** The real tunnel in a real media thread: what it does with a router on loopback, where there are no neighbours. */
import test, { type ExecutionContext } from 'ava';
import { startEngine } from '#engine/client.ts';
import type { TunnelEvent } from '#media/tunnel.ts';
import type { EngineEvent } from '#media/types.ts';
import { until } from '../support/process.ts';
import { undisturbed } from '../support/undisturbed.ts';
import { LoopbackRouter } from './loopback_router.ts';
import { PATIENCE_MS, PORTS, pause, towards } from './support.ts';

const SIP_PORT = 5060;

async function tunnelled(t: ExecutionContext) {
  const router = await LoopbackRouter.start(t);
  const engine = startEngine({ devices: { input: 'silence', output: 'null' } });
  t.teardown(() => engine.stop());
  const events: (TunnelEvent | EngineEvent)[] = [];
  engine.onEvent((event) => events.push(event));
  engine.tunnel.onEvent((event) => events.push(event));
  const said = <K extends (typeof events)[number]['kind']>(kind: K) =>
    events.filter((event): event is Extract<(typeof events)[number], { kind: K }> => event.kind === kind);
  const open = {
    kind: 'tunnel-open',
    routers: [router.text],
    port: 0,
    onLink: [],
    sipPort: SIP_PORT,
  } as const;
  engine.tunnel.command(open);
  const own = await until('an address', () => said('tunnel').at(-1)?.addresses[0], PATIENCE_MS);
  return { router, engine, said, own };
}

test.serial('a router gives an address, and the tunnel is up', async (t) => {
  const { said, own, router, engine } = await tunnelled(t);
  t.regex(own, /^fc64:bed:7f00:1:7c00:1:[\da-f:]+$/);
  t.deepEqual(
    said('tunnel').map((event) => [event.state, event.addresses, event.router]),
    [
      ['waiting', [], undefined],
      ['up', [own], router.text],
    ],
  );
  engine.tunnel.command({ kind: 'tunnel-source', request: 3, remote: '2001:db8::1' });
  await until('an answer', () => said('tunnel-source').length > 0, PATIENCE_MS);
  t.deepEqual(said('tunnel-source'), [{ kind: 'tunnel-source', request: 3, address: own }]);
});

test.serial('a datagram of SIP to ourselves comes in, one to a port that is closed is told', async (t) => {
  const { engine, said, own } = await tunnelled(t);
  const octets = new TextEncoder().encode('x'.repeat(3000));
  for (const port of [SIP_PORT, SIP_PORT + 2]) {
    const remote = { family: 6, address: own, port } as const;
    engine.tunnel.command({ kind: 'tunnel-send', octets, local: own, remote, ref: `${port}` });
  }
  await until(
    'both',
    () => said('tunnel-datagram').length > 0 && said('tunnel-unsent').length > 0,
    PATIENCE_MS,
  );
  t.like(said('tunnel-datagram'), [{ local: own, remote: { family: 6, address: own, port: SIP_PORT } }]);
  t.deepEqual(said('tunnel-datagram')[0]?.octets, octets);
  t.like(said('tunnel-unsent'), [{ ref: `${SIP_PORT + 2}`, error: 'nobody listens there (ECONNREFUSED)' }]);
});

type Stand = Awaited<ReturnType<typeof tunnelled>>;

/** Opens two sessions that send to each other through the tunnel. */
async function joinedInside({ engine, said, own }: Stand): Promise<void> {
  for (const session of ['a', 'b']) engine.command({ kind: 'open', session, rtpPorts: PORTS });
  await until('both sessions', () => said('opened').length === 2, PATIENCE_MS);
  const ports = new Map(said('opened').map(({ session, port }) => [session, port]));
  for (const [session, peer] of [
    ['a', 'b'],
    ['b', 'a'],
  ] as const) {
    const remote = { family: 6, address: own, port: ports.get(peer) ?? 0 } as const;
    engine.command({ kind: 'configure', session, parameters: { ...towards(0), remote, local: own } });
  }
}

/** Of the last two whole seconds of each session. */
function assertHeard(t: ExecutionContext, { said }: Stand): void {
  for (const session of ['a', 'b']) {
    const { statistics } = said('statistics').findLast((event) => event.session === session) ?? {};
    t.true((statistics?.received ?? 0) >= 80, `${statistics?.received} of ${statistics?.sent}`);
    t.is(statistics?.lost, 0);
  }
}

test.serial(
  'two sessions hear each other through the tunnel',
  undisturbed(async (t) => {
    const stand = await tunnelled(t);
    await joinedInside(stand);
    await pause(2200);
    assertHeard(t, stand);
  }),
);

test.serial(
  'a flood of SIP takes nothing from the sound',
  undisturbed(async (t) => {
    const stand = await tunnelled(t);
    const { engine, own, said } = stand;
    await joinedInside(stand);
    const octets = new Uint8Array(700);
    const remote = { family: 6, address: own, port: SIP_PORT } as const;
    for (const end = performance.now() + 2200; performance.now() < end; await pause(50)) {
      for (let i = 0; i < 5000; i++)
        engine.tunnel.command({ kind: 'tunnel-send', octets, local: own, remote, ref: 'flood' });
    }
    await until('its answers', () => said('tunnel-datagram').length > 1000, PATIENCE_MS);
    assertHeard(t, stand);
  }),
);

test.serial('a router that falls silent is told, and so is its return', async (t) => {
  const { engine, said, own, router } = await tunnelled(t);
  router.alive = false;
  engine.tunnel.command({ kind: 'tunnel-renew' });
  await until('the router is lost', () => said('tunnel').at(-1)?.state === 'lost', PATIENCE_MS);
  router.alive = true;
  engine.tunnel.command({ kind: 'tunnel-renew' });
  await until('it is back', () => said('tunnel').at(-1)?.state === 'up', PATIENCE_MS);
  t.deepEqual(said('tunnel').at(-1)?.addresses, [own]);
});
