/** What systemd is told, and when it is told no more. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { type Service, serviceOf } from '#agent/service.ts';
import { ALONE } from '../support/alone.ts';
import { needing } from '../support/needs.ts';
import { NotifyReceiver } from '../support/notify_receiver.ts';
import { PeerProcess } from '../support/process.ts';

const file = (path: string) => new URL(path, import.meta.url).pathname;
const MAIN = file('../../firmware/main.ts');
const HANGING = file('../support/hanging.mjs');
/** µs within which systemd wants a sign of life. */
const WATCHDOG = '300000';

async function receiver(t: ExecutionContext, options = {}): Promise<NotifyReceiver> {
  const opened = await NotifyReceiver.open(options);
  t.teardown(() => opened.close());
  return opened;
}

async function service(t: ExecutionContext, environment: NodeJS.ProcessEnv): Promise<Service> {
  const opened = await serviceOf(environment);
  if (opened === undefined) throw new Error('there is no service');
  t.teardown(() => opened.close());
  return opened;
}

test('who was not started by systemd has nobody to tell', async (t) => {
  for (const NOTIFY_SOCKET of [undefined, '', 'relative', 'vsock:2:1', `/${'x'.repeat(200)}`])
    t.is(await serviceOf({ NOTIFY_SOCKET, WATCHDOG_USEC: WATCHDOG }), undefined);
});

for (const abstract of [false, true]) {
  test(`readiness, life and the end are told to ${abstract ? 'an abstract name' : 'a file'}`, async (t) => {
    const systemd = await receiver(t, { abstract });
    const { path: NOTIFY_SOCKET } = systemd;
    const told = await service(t, { NOTIFY_SOCKET, WATCHDOG_USEC: WATCHDOG, WATCHDOG_PID: `${process.pid}` });
    await sleep(400);
    t.deepEqual(systemd.told, [], 'nothing before it is ready');
    told.ready(async () => {});
    await systemd.heard('WATCHDOG=1', 3);
    told.stopping();
    await systemd.heard('STOPPING=1');
    t.is(systemd.told[0], 'READY=1');
  });
}

test('without an answer of those who have to live nothing is said, and with one it is said again', async (t) => {
  const systemd = await receiver(t);
  const told = await service(t, { NOTIFY_SOCKET: systemd.path, WATCHDOG_USEC: WATCHDOG });
  let lives = true;
  told.ready(() => (lives ? Promise.resolve() : new Promise(() => {})));
  await systemd.heard('WATCHDOG=1', 2);
  lives = false;
  await sleep(200);
  const before = systemd.told.length;
  await sleep(600);
  t.is(systemd.told.length, before);
  lives = true;
  await systemd.heard('WATCHDOG=1', before + 1);
});

test('where the unit has no watchdog, or one for another process, no life is told', async (t) => {
  for (const more of [{}, { WATCHDOG_USEC: '0' }, { WATCHDOG_USEC: WATCHDOG, WATCHDOG_PID: '1' }]) {
    const systemd = await receiver(t);
    const told = await service(t, { NOTIFY_SOCKET: systemd.path, ...more });
    told.ready(async () => {});
    await systemd.heard('READY=1');
    await sleep(400);
    t.deepEqual(systemd.told, ['READY=1']);
  }
});

test('a manager that went away is no reason to fail', async (t) => {
  const systemd = await receiver(t);
  const told = await service(t, { NOTIFY_SOCKET: systemd.path, WATCHDOG_USEC: WATCHDOG });
  await systemd.close();
  t.notThrows(() => told.ready(async () => {}));
  await sleep(300);
  t.notThrows(() => told.stopping());
});

needing('systemd-notify')('without koffi its own program tells systemd the same', async (t) => {
  const systemd = await receiver(t);
  const hooks = `import { registerHooks } from 'node:module';
    registerHooks({ resolve: (name, context, next) => {
      if (name === 'koffi') throw new Error('not installed');
      return next(name, context);
    } });`;
  const program = `const { serviceOf } = await import('#agent/service.ts');
    const service = await serviceOf(process.env);
    service.ready(async () => {});
    setTimeout(() => { service.stopping(); service.close(); }, 1000);`;
  const args = ['--import', `data:text/javascript,${encodeURIComponent(hooks)}`, '--input-type=module'];
  const environment = { ...process.env, NOTIFY_SOCKET: systemd.path, WATCHDOG_USEC: WATCHDOG };
  const child = new PeerProcess(process.execPath, [...args, '--eval', program], environment);
  t.is(await child.exit(10_000), 0, child.output);
  await systemd.heard('STOPPING=1');
  t.is(systemd.told[0], 'READY=1');
  t.true(systemd.told.includes('WATCHDOG=1'));
});

/** The whole program, as its unit starts it; its threads can be made to stand still. */
async function telephone(t: ExecutionContext, systemd: NotifyReceiver) {
  const data = mkdtempSync(join(tmpdir(), 'dualtone-service-'));
  t.teardown(() => rmSync(data, { recursive: true, force: true }));
  const config = { schema: 'dualtone.config/1', ...ALONE, audio: { input: 'silence', output: 'null' } };
  const configFile = join(data, 'config.json');
  writeFileSync(configFile, JSON.stringify(config));
  const words = ['--config', configFile, '--http', 'off', '--data', join(data, 'data')];
  const environment = { ...process.env, NOTIFY_SOCKET: systemd.path, WATCHDOG_USEC: WATCHDOG };
  const phone = new PeerProcess(process.execPath, ['--import', HANGING, MAIN, 'run', ...words], environment);
  t.teardown(() => phone.kill('SIGKILL'));
  const verb = async (...rest: readonly string[]): Promise<number> =>
    new PeerProcess(process.execPath, [MAIN, ...rest, '--data', join(data, 'data')]).exit(15_000);
  await systemd.heard('READY=1');
  await systemd.heard('WATCHDOG=1', 2);
  return { phone, verb };
}

/** For longer than systemd would wait, nothing is said. */
async function isSilent(t: ExecutionContext, systemd: NotifyReceiver): Promise<void> {
  await sleep(500);
  const before = systemd.told.length;
  await sleep(1500);
  t.is(systemd.told.length, before);
}

test.serial('a telephone tells that it is ready, lives and stops', async (t) => {
  const systemd = await receiver(t);
  const { phone } = await telephone(t, systemd);
  phone.kill('SIGTERM');
  t.is(await phone.exit(10_000), 0, phone.output);
  t.is(systemd.told[0], 'READY=1');
  t.is(systemd.told.at(-1), 'STOPPING=1');
});

test.serial('a telephone whose main thread stands still tells nothing any more', async (t) => {
  const systemd = await receiver(t);
  const { phone } = await telephone(t, systemd);
  phone.kill('SIGVTALRM');
  await isSilent(t, systemd);
});

test.serial(
  'a telephone whose media thread stands still tells nothing any more, once it has one',
  async (t) => {
    const systemd = await receiver(t);
    const { phone, verb } = await telephone(t, systemd);
    t.is(await verb('hook', 'off'), 0);
    await systemd.heard('WATCHDOG=1', systemd.told.length + 2);
    phone.kill('SIGPROF');
    await isSilent(t, systemd);
    t.is(await verb('status'), 0, 'its main thread answers');
  },
);
