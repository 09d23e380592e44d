/** The tunnel in a real media thread. Its router is dead: a port of this host where nobody listens. */
import test, { type ExecutionContext } from 'ava';
import { type Engine, startEngine } from '#engine/client.ts';
import type { TunnelEvent } from '#media/tunnel.ts';
import { until } from '../support/process.ts';
import { PATIENCE_MS, pause } from './support.ts';

const OPEN = { kind: 'tunnel-open', routers: ['127.0.0.1:9'], port: 0, onLink: [], sipPort: 5060 } as const;

/** Threads, and the ports to them, that hold the process. */
const threads = (): number =>
  process.getActiveResourcesInfo().filter((name) => /Worker|MessagePort|PortWrap/.test(name)).length;

function withTunnel(t: ExecutionContext): { engine: Engine; events: TunnelEvent[] } {
  const engine = startEngine({ devices: { input: 'silence', output: 'null' }, keep: 200 });
  t.teardown(() => engine.stop());
  const events: TunnelEvent[] = [];
  engine.tunnel.onEvent((event) => events.push(event));
  return { engine, events };
}

const states = (events: readonly TunnelEvent[]) =>
  events.flatMap((event) => (event.kind === 'tunnel' ? [event.state] : []));

test.serial(
  'the thread is kept while the tunnel is open, also after a call, and let go when it closes',
  async (t) => {
    const before = threads();
    const { engine, events } = withTunnel(t);
    engine.command({ kind: 'handset', inUse: true });
    engine.command({ kind: 'handset', inUse: false });
    engine.tunnel.command(OPEN);
    await until('the tunnel waits', () => states(events).length > 0, PATIENCE_MS);
    await pause(500);
    t.true(threads() > before);
    engine.tunnel.command({ kind: 'tunnel-close' });
    await until('the thread has ended', () => threads() === before, PATIENCE_MS);
    t.deepEqual(states(events), ['waiting', 'off']);
  },
);

test.serial('a thread that breaks takes the tunnel along, and both come back by themselves', async (t) => {
  const { engine, events } = withTunnel(t);
  const failed: string[] = [];
  engine.onEvent((event) => event.kind === 'failed' && failed.push(event.session));
  engine.tunnel.command(OPEN);
  await until('the tunnel waits', () => states(events).length === 1, PATIENCE_MS);
  engine.command({ kind: 'tone', tone: { intro: 1, loop: 1 } as never });
  engine.tunnel.command({ kind: 'tunnel-source', request: 7, remote: '2001:db8::1' });
  await until('it waits again, and then in a new thread', () => states(events).length === 3, PATIENCE_MS);
  t.deepEqual(states(events), ['waiting', 'waiting', 'waiting']);
  t.deepEqual(
    events.filter(({ kind }) => kind === 'tunnel-source'),
    [{ kind: 'tunnel-source', request: 7 }],
  );
  t.deepEqual(failed, []);
});

test.serial('with an open tunnel the engine stops at once and for good', async (t) => {
  const before = threads();
  const { engine, events } = withTunnel(t);
  engine.tunnel.command(OPEN);
  await until('the tunnel waits', () => states(events).length === 1, PATIENCE_MS);
  const begin = performance.now();
  await engine.stop();
  // The goal is 100 ms on an idle machine.
  t.true(performance.now() - begin < 1000);
  await pause(50);
  t.is(threads(), before);
  engine.tunnel.command(OPEN);
  await pause(50);
  t.is(threads(), before);
  t.deepEqual(states(events), ['waiting']);
});
