import test from 'ava';
import { defaultExtension } from '#agent/extension.ts';
import { SIMULATED_BOARD } from '#hal/sim/board.ts';
import { SimulatedHandset } from '#hal/sim/simulated_handset.ts';
import type { PartStatus } from '#hal/types.ts';
import { until } from '../support/process.ts';
import { running } from './running_agent.ts';
import { StubServer } from './stub_server.ts';

test('the agent says where it listens, and for how many accounts', async (t) => {
  const accounts = [1, 2].map((user) => ({ user: `u${user}`, domain: '127.0.0.1', port: 9, password: 'x' }));
  const { agent } = await running(t, 15_363, { accounts });
  t.is(agent.listening, 'SIP at port 15363 over UDP and TCP, IPv4 and IPv6; 2 accounts');
});

test('status says who we are, and front what the display shows', async (t) => {
  const { agent } = await running(t, 15_350, { name: 'Kitchen', extension: '204' });
  t.like(agent.control.status(), { version: '0.0.0-test', extension: '204', accounts: [], calls: [] });
  t.like(agent.control.front(), { hook: 'on', bell: null });
  t.true(agent.control.front().lines.length > 0);
  t.deepEqual(
    agent.control
      .status()
      .hardware.map(({ state }) => state)
      .filter((state) => state !== 'ok'),
    [],
  );
});

test('without a wish the extension follows from the hardware address that the telephone goes by', async (t) => {
  const { agent } = await running(t, 15_369);
  t.is(agent.control.status().extension, defaultExtension('dca632010203'));
});

test('listeners hear of status, front and messages, until they unsubscribe', async (t) => {
  const server = await StubServer.open();
  t.teardown(() => server.close());
  const { agent } = await running(t, 15_351);
  const news: string[] = [];
  const stop = agent.control.subscribe((one) => news.push(typeof one === 'string' ? one : one.direction));
  await agent.control.dial(`sip:x@127.0.0.1:${server.port}`, { wait: true });
  for (const expected of ['status', 'front', 'in', 'out']) t.true(news.includes(expected), expected);
  stop();
  news.length = 0;
  agent.control.hangUp();
  t.deepEqual(news, []);
});

test('listeners hear of a part that fails', async (t) => {
  class Breakable extends SimulatedHandset {
    broken = false;
    override parts(): readonly PartStatus[] {
      const [first, ...others] = super.parts();
      return first === undefined || !this.broken ? super.parts() : [{ ...first, state: 'failed' }, ...others];
    }
  }
  const hardware = new Breakable(SIMULATED_BOARD);
  const { agent } = await running(t, 15_364, {}, { hardware });
  const news: string[] = [];
  agent.control.subscribe((one) => news.push(typeof one === 'string' ? one : one.direction));
  const look = () => hardware.operate({ kind: 'key', key: '1', down: false });
  look();
  news.length = 0;
  hardware.broken = true;
  look();
  t.true(news.includes('status'));
});

test('a sound card that is gone is a fault on display, page, status and in the log, until it is back', async (t) => {
  const { agent, engine, log } = await running(t, 15_366);
  const news: string[] = [];
  agent.control.subscribe((one) => news.push(typeof one === 'string' ? one : one.direction));
  const card = () => agent.control.status().hardware.find(({ part }) => part === 'sound input');
  const shown = () => agent.control.front().lines.join(' ');
  t.is(card(), undefined);
  engine.say({ kind: 'device', part: 'input', state: 'failed', note: 'silence: no such card' });
  t.deepEqual(card(), { part: 'sound input', state: 'failed', driver: 'silence', note: 'no such card' });
  t.regex(shown(), /Fault: sound input/);
  t.true(news.includes('status') && news.includes('front'));
  t.true(log.includes('warn sound input (silence): no such card'));
  engine.say({ kind: 'device', part: 'input', state: 'ok', note: 'silence' });
  t.deepEqual(card(), { part: 'sound input', state: 'ok', driver: 'silence', note: '' });
  t.notRegex(shown(), /Fault/);
});

test('the handset of the simulated board can be operated', async (t) => {
  const { agent, engine } = await running(t, 15_352);
  agent.control.operate({ kind: 'hook', state: 'off' });
  t.is(agent.control.front().hook, 'off');
  t.true(engine.commands.some((command) => command.kind === 'handset' && command.inUse));
});

test('what is not there cannot be answered or hung up', async (t) => {
  const { agent } = await running(t, 15_353);
  t.throws(() => agent.control.answer(), { message: /nothing is ringing/ });
  t.throws(() => agent.control.hangUp('7'), { message: /no call 7/ });
  t.is(agent.control.hangUp(), 0);
  await t.throwsAsync(agent.control.dial('not a number !'));
});

test('whoever waits for a call hears when the phone is switched off', async (t) => {
  const { agent } = await running(t, 15_354);
  // Nobody answers at the port of discard.
  const waiting = agent.control.dial('sip:x@127.0.0.1:9', { wait: true }).then(
    (call) => call.state,
    (error: Error) => error.message,
  );
  await agent.stop();
  t.regex(await waiting, /ended|switched off/);
});

test('an account registers when the agent starts, and is gone when it stops', async (t) => {
  const server = await StubServer.open();
  t.teardown(() => server.close());
  const { agent } = await running(t, 15_355, { accounts: [server.account] });
  await until('registered', () => agent.control.status().accounts[0]?.state === 'registered');
  t.like(agent.control.status().accounts[0], {
    aor: 'alice@127.0.0.1',
    family: 'ipv4',
    transport: 'udp',
    error: null,
  });
  t.regex(agent.control.metrics(), /^dualtone_accounts_registered 1$/m);
  t.false(JSON.stringify(agent.control.config()).includes('s3cret'));
  await agent.stop();
  t.is(server.requests('REGISTER').length, 2);
});
