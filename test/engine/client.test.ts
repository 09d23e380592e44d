import test from 'ava';
import { startEngine } from '#engine/client.ts';
import { amplitudeAt, sine } from '../support/goertzel.ts';
import { until } from '../support/process.ts';
import { undisturbed } from '../support/undisturbed.ts';
import { joined, PATIENCE_MS, PORTS, pause, stand } from './support.ts';

/** Threads, sockets and ports that hold the process. */
const held = (): string[] =>
  process.getActiveResourcesInfo().filter((name) => /Worker|UDP|MessagePort|PortWrap/i.test(name));

test.serial('nothing runs before the handset is lifted or a session opened', async (t) => {
  const before = held();
  const engine = startEngine({ devices: { input: 'silence', output: 'null' } });
  engine.onEvent(() => t.fail('no event before a thread'));
  engine.command({ kind: 'volume', ear: 0.3 });
  engine.command({ kind: 'tone' });
  engine.command({ kind: 'close', session: 'none' });
  engine.command({ kind: 'handset', inUse: false });
  await pause(50);
  t.deepEqual(held(), before);
  await engine.stop();
});

test.serial('who stands by has its thread a while after the start, and keeps it', async (t) => {
  const before = held();
  const devices = { input: 'silence', output: 'null' };
  const engine = startEngine({ devices, standBy: 100, keep: 50 });
  t.teardown(() => engine.stop());
  engine.command({ kind: 'volume', ear: 1 });
  t.deepEqual(held(), before, 'not at once');
  await until('a thread runs', () => held().length > before.length, PATIENCE_MS);
  const standing = held();
  engine.command({ kind: 'handset', inUse: true });
  engine.command({ kind: 'handset', inUse: false });
  await pause(300);
  t.deepEqual(held(), standing);
  await engine.stop();
  await pause(20);
  t.deepEqual(held(), before);
});

test.serial('who is stopped before it stands by starts nothing', async (t) => {
  const before = held();
  const engine = startEngine({ devices: { input: 'silence', output: 'null' }, standBy: 50 });
  engine.command({ kind: 'volume', ear: 1 });
  await engine.stop();
  await pause(150);
  t.deepEqual(held(), before);
});

test.serial('settings of before the start are known after it', async (t) => {
  const { engine, until } = stand(t, 'silence', 'null');
  engine.command({ kind: 'devices', devices: { input: 'tone:500', output: 'null' } });
  engine.command({ kind: 'handset', inUse: true });
  t.is((await until('device', ({ part }) => part === 'input')).note, 'tone:500');
});

test.serial('in the middle of a call the engine stops within 100 ms and leaves nothing behind', async (t) => {
  const before = held();
  const a = stand(t, 'tone:440', 'null');
  const b = stand(t, 'tone:440', 'null');
  await joined(a, b);
  await pause(200);
  const begin = performance.now();
  await Promise.all([a.engine.stop(), b.engine.stop()]);
  // The goal is 100 ms on an idle machine.
  t.true(performance.now() - begin < 1000);
  await pause(20);
  t.deepEqual(held(), before);
  a.engine.command({ kind: 'open', session: 'late', rtpPorts: PORTS });
  await a.engine.stop();
});

test.serial(
  'a thread that breaks ends its sessions with a reason, and the next tone is heard from a new one',
  async (t) => {
    const { engine, events, until } = stand(t, 'silence', 'null');
    engine.command({ kind: 'handset', inUse: true });
    engine.command({ kind: 'open', session: 'call', rtpPorts: PORTS });
    await until('opened');
    engine.command({ kind: 'tone', tone: { intro: 1, loop: 1 } as never });
    t.regex((await until('failed', ({ session }) => session === 'call')).error, /media thread stopped/);
    events.length = 0;
    engine.command({ kind: 'tone', tone: { intro: [], loop: [{ hz: [425], ms: 0 }] } });
    t.is((await until('device')).state, 'ok');
    engine.command({ kind: 'open', session: 'next', rtpPorts: PORTS });
    await until('opened');
  },
);

test.serial(
  'a thread is kept for the next call, then let go, and started anew when it is needed',
  async (t) => {
    const before = held();
    const engine = startEngine({ devices: { input: 'silence', output: 'null' }, keep: 300 });
    t.teardown(() => engine.stop());
    const opened: string[] = [];
    engine.onEvent((event) => event.kind === 'opened' && opened.push(event.session));
    const call = async (session: string): Promise<void> => {
      engine.command({ kind: 'open', session, rtpPorts: PORTS });
      await until('the ports are open', () => opened.includes(session), PATIENCE_MS);
      engine.command({ kind: 'close', session });
    };
    await call('first');
    const during = held();
    t.notDeepEqual(during, before);
    await call('second');
    engine.command({ kind: 'handset', inUse: true });
    await pause(600);
    t.true(held().length > before.length, 'kept while the handset is in use');
    engine.command({ kind: 'handset', inUse: false });
    await until('the thread has ended', () => held().length === before.length, PATIENCE_MS);
    await call('third');
    await engine.stop();
    await pause(20);
    t.deepEqual(held(), before);
  },
);

test.serial(
  'a page speaks into a call and hears it; a newer page takes over',
  undisturbed(async (t) => {
    const a = stand(t, 'web', 'web');
    const b = stand(t, 'tone:1000', 'null');
    const ears: Int16Array[][] = [[], []];
    const first = a.engine.attachWebSound((frame) => ears[0]?.push(frame));
    await joined(a, b);
    a.engine.command({ kind: 'connect', to: 'echo' });
    const speech = sine(400, 20);
    const speak = setInterval(() => first.mouth(speech), 20);
    await pause(400);
    clearInterval(speak);
    const echoed = Int16Array.from(ears[0]?.slice(-10, -3).flatMap((frame) => [...frame]) ?? []);
    t.true(amplitudeAt(echoed, 400) > 2000, 'the echo of the page');
    a.engine.command({ kind: 'connect', to: { session: 'call' } });
    await pause(100);
    const second = a.engine.attachWebSound((frame) => ears[1]?.push(frame));
    const upTo = ears[0]?.length;
    await pause(300);
    const called = Int16Array.from(ears[1]?.slice(-8).flatMap((frame) => [...frame]) ?? []);
    t.true(amplitudeAt(called, 1000) > 2000, 'the tone of the peer');
    t.is(ears[0]?.length, upTo, 'the older page is silent');
    first.close();
    await pause(60);
    const count = ears[1]?.length ?? 0;
    await pause(60);
    t.true((ears[1]?.length ?? 0) > count, 'closing the older page does not silence the newer');
    second.close();
    await pause(60);
    const last = ears[1]?.length;
    await pause(60);
    t.is(ears[1]?.length, last);
  }),
);
