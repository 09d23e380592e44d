/** A telephone that forgets: the built firmware with a life behind it, reset by file, keys and page. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request as plainRequest } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { StubServer } from '../agent/stub_server.ts';
import { PhoneProcess, scratch } from '../support/phone_process.ts';
import { until } from '../support/process.ts';
import { claimed, OWNER, portOf, post } from './owner.ts';

/** What a telephone keeps of this run, or of none in particular. */
const OF_THE_RUN = ['control.sock', 'provisioning', 'contact-token', 'reachability.json', 'admin'];

interface Life {
  readonly phone: PhoneProcess;
  readonly server: StubServer;
  readonly drop: string;
  readonly data: string;
  /** By name, of files that say who somebody is. */
  readonly before: ReadonlyMap<string, string>;
  start(): Promise<PhoneProcess>;
}

const read = (data: string, name: string): string | undefined =>
  existsSync(join(data, name)) ? readFileSync(join(data, name), 'utf8') : undefined;

function snapshot(data: string): ReadonlyMap<string, string> {
  const names = [
    'contact-token',
    'admin/tls.pem',
    'admin/owner',
    'neighbours.json',
    'provisioning/state.json',
  ];
  return new Map(names.map((name) => [name, read(data, name) ?? '']));
}

/** What a hand does to the simulated handset, down and up by themselves. */
function operate({ directory }: PhoneProcess, event: object): Promise<void> {
  return new Promise((resolve, reject) => {
    const socketPath = join(directory, 'data', 'control.sock');
    const headers = { 'Content-Type': 'application/json' };
    const asked = plainRequest({ socketPath, path: '/operate', method: 'POST', headers }, (reply) =>
      reply.resume().on('end', () => resolve()),
    );
    asked.on('error', reject).end(JSON.stringify({ event }));
  });
}

/** An account of a drop file that registers, and an owner. */
async function life(
  t: ExecutionContext,
  sipPort: number,
): Promise<Life & { readonly owner: Record<string, string>; readonly port: number }> {
  const directory = scratch('reset');
  const drop = join(directory, 'drop');
  mkdirSync(drop);
  const server = await StubServer.open();
  t.teardown(() => server.close());
  writeFileSync(join(drop, 'dualtone.json'), JSON.stringify({ name: 'Attic', accounts: [server.account] }));
  const start = async () => {
    const config = { net: { sipPort, rtpPorts: '18500-18519' }, admin: { port: sipPort + 1 } };
    const phone = await PhoneProcess.start(directory, config, ['--http', '127.0.0.1:0', '--drop', drop]);
    t.teardown(() => phone.stop());
    return phone;
  };
  const phone = await start();
  await phone.registered();
  const port = await until('the page', () => portOf(phone));
  const owner = await claimed(phone, port);
  const data = join(directory, 'data');
  await until('what registered is kept as good', () =>
    read(data, 'provisioning/state.json')?.includes('"good"'),
  );
  return { phone, server, drop, data, before: snapshot(data), start, owner, port };
}

async function isAsNew(t: ExecutionContext, { data, before }: Life, phone: PhoneProcess): Promise<void> {
  const status = await until('the telephone has no account', async () => {
    const told = await phone.verb('status', '--json');
    const now = told.code === 0 ? JSON.parse(told.output) : undefined;
    return now?.accounts.length === 0 ? now : undefined;
  });
  t.deepEqual(status.calls, []);
  const after = snapshot(data);
  for (const name of ['contact-token', 'admin/tls.pem']) {
    t.not(before.get(name), '', name);
    t.not(after.get(name), before.get(name), name);
  }
  t.is(after.get('admin/owner'), '');
  t.false(after.get('provisioning/state.json')?.includes('good'));
  t.deepEqual(readdirSync(join(data, 'provisioning')).sort(), ['local.json', 'state.json']);
  t.deepEqual(
    readdirSync(data).filter((name) => !OF_THE_RUN.includes(name)),
    [],
    'nothing else is kept',
  );
  t.regex((await phone.verb('config', 'show')).output, /"?accounts"?: \[\]/);
  const { output } = await phone.verb('trace', '--json');
  t.false(output.includes('alice'), 'nor what passed');
}

test('by its page: the telephone forgets everything and goes on as a new one, in the same process', async (t) => {
  const one = await life(t, 15_720);
  const { phone, server, port, owner } = one;
  t.is(
    (await post(port, 'reset', {}, { Cookie: owner.Cookie ?? '' })).status,
    403,
    'not without the token of the page',
  );
  t.is((await post(port, 'reset', {}, owner)).status, 200);
  await until('it says so', () => /factory reset by its page/.test(phone.output));
  await until('the page is there again', () => portOf(phone, 2));
  await isAsNew(t, one, phone);
  t.true(
    server.requests('REGISTER').some((message) => message.first('expires') === '0'),
    'the registration was taken back',
  );
  t.is((await post(portOf(phone, 2) ?? 0, 'login', { password: OWNER })).status, 403);
  await claimed(phone, portOf(phone, 2) ?? 0);
});

test('by its keys: * and # held at the start, with a countdown on the display', async (t) => {
  const one = await life(t, 15_724);
  await one.phone.stop();
  const phone = await one.start();
  const key = (name: string, down: boolean) => operate(phone, { kind: 'key', key: name, down });
  await key('*', true);
  await key('#', true);
  const shown = await until(
    'the countdown',
    async () => /Factory reset: (\d+) s/.exec((await phone.verb('screen')).output)?.[1],
  );
  t.true(Number(shown) > 5 && Number(shown) <= 10);
  await until('it says so', () => /factory reset by its keys/.test(phone.output), 15_000);
  await until('the display says it', async () =>
    (await phone.verb('screen')).output.includes('Factory reset'),
  );
  await until('the page is there again', () => portOf(phone, 2));
  await isAsNew(t, one, phone);
});

test('by its keys: who lets go in time keeps everything', async (t) => {
  const one = await life(t, 15_728);
  await one.phone.stop();
  const phone = await one.start();
  for (const name of ['*', '#']) await operate(phone, { kind: 'key', key: name, down: true });
  await sleep(2000);
  await operate(phone, { kind: 'key', key: '#', down: false });
  await until('it says so', async () => (await phone.verb('screen')).output.includes('No factory reset'));
  await sleep(9000);
  t.false(phone.output.includes('factory reset'));
  await phone.registered();
  t.is(snapshot(one.data).get('contact-token'), one.before.get('contact-token'));
});

test('by file: everything is forgotten before anybody is called, and a file beside it is taken in', async (t) => {
  const one = await life(t, 15_732);
  await one.phone.stop();
  const registers = one.server.requests('REGISTER').length;
  writeFileSync(join(one.drop, 'dualtone.reset'), '');
  const phone = await one.start();
  await until('it says so', () => /factory reset/.test(phone.output));
  await until('the page', () => portOf(phone));
  await isAsNew(t, one, phone);
  t.false(existsSync(join(one.drop, 'dualtone.reset')));
  t.is(one.server.requests('REGISTER').length, registers, 'the registrar of before heard nothing more');
  await phone.stop();
  writeFileSync(join(one.drop, 'dualtone.reset'), '');
  writeFileSync(join(one.drop, 'dualtone.json'), JSON.stringify({ accounts: [one.server.account] }));
  const again = await one.start();
  await again.registered();
});

test('a reset that was cut off is finished at the next start', async (t) => {
  const one = await life(t, 15_736);
  one.phone.kill('SIGKILL');
  await one.phone.ended;
  writeFileSync(join(one.data, 'factory-reset'), '');
  const phone = await one.start();
  await until('the page', () => portOf(phone));
  await isAsNew(t, one, phone);
  t.false(existsSync(join(one.data, 'factory-reset')));
});
