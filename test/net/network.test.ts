/** The transport where the network is broken: in namespaces with a router that says so, in every way it may. */
import { execFile } from 'node:child_process';
import process from 'node:process';
import { promisify } from 'node:util';
import type { ExecutionContext } from 'ava';
import type { FaultKind } from '../lab/faults.ts';
import type { Host } from '../lab/host.ts';
import { inLab } from '../lab/in_lab.ts';
import { Lab } from '../lab/lab.ts';
import { until } from '../support/process.ts';
import type { Outcome } from './network_child.ts';

const CHILD = new URL('./network_child.ts', import.meta.url).pathname;
const PORT = 5070;
/** Milliseconds: what a person never notices. The first try of several counts, for the machine may be busy. */
const AT_ONCE = 50;
const FAMILIES = [4, 6] as const;

async function does(host: Host, ...what: readonly string[]): Promise<Outcome> {
  const [program, ...words] = [...host.via, process.execPath, CHILD, ...what];
  const { stdout } = await promisify(execFile)(program, words, { timeout: 20_000 });
  return JSON.parse(stdout);
}

/** The least delay in which both requests of somebody got this error, in up to three tries. */
async function heard(t: ExecutionContext, says: RegExp, trial: () => Promise<Outcome>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let tries = 3; tries > 0 && best >= AT_ONCE; tries--) {
    const { errors } = await trial();
    t.deepEqual(errors.map(({ ref }) => ref).sort(), ['a', 'b'], 'each is told once');
    for (const { error } of errors) t.regex(error, says);
    best = Math.min(best, ...errors.map(({ ms }) => ms));
  }
  return best;
}

const HARD: readonly (readonly [how: FaultKind, four: RegExp, six: RegExp])[] = [
  ['admin-prohibited', /EHOSTUNREACH/, /EACCES/],
  ['port-unreachable', /ECONNREFUSED/, /ECONNREFUSED/],
];
const ALL: typeof HARD = [
  ...HARD,
  ['no-route', /ENETUNREACH/, /ENETUNREACH/],
  ['host-unreachable', /EHOSTUNREACH/, /EHOSTUNREACH/],
];

inLab()('every ICMP error is heard at once over both families, each request told once', async (t) => {
  t.timeout(60_000);
  await using lab = await Lab.create();
  const [phone, server] = [await lab.host('phone'), await lab.host('server')];
  for (const [how, four, six] of ALL) {
    await phone.unblock();
    await phone.block({ peer: server }, how);
    for (const family of FAMILIES) {
      const send = () => does(phone, 'send', server.address(family), `${PORT}`);
      const ms = await heard(t, family === 4 ? four : six, send);
      t.true(ms < AT_ONCE, `${how} over IPv${family} after ${ms} ms`);
    }
  }
});

inLab()('without koffi the errors that the kernel deems final are heard, and no others', async (t) => {
  t.timeout(60_000);
  await using lab = await Lab.create();
  const [phone, server] = [await lab.host('phone'), await lab.host('server')];
  for (const [how, four, six] of HARD) {
    await phone.unblock();
    await phone.block({ peer: server }, how);
    for (const family of FAMILIES) {
      const send = () => does(phone, 'send-by-node', server.address(family), `${PORT}`);
      const ms = await heard(t, family === 4 ? four : six, send);
      t.true(ms < AT_ONCE, `${how} over IPv${family} after ${ms} ms`);
    }
  }
  await phone.unblock();
  await phone.block({ peer: server }, 'no-route');
  const { errors } = await does(phone, 'send-by-node', server.ipv6, `${PORT}`);
  t.deepEqual(errors, []);
});

inLab()('where everything works, nothing is heard of errors, and every answer is', async (t) => {
  t.timeout(30_000);
  await using lab = await Lab.create();
  const [phone, server] = [await lab.host('phone'), await lab.host('server')];
  for (const family of FAMILIES) {
    await serving(server, server.address(family));
    const { errors, received, dropped } = await does(phone, 'exchange', server.address(family), `${PORT}`);
    t.deepEqual([errors, dropped, received], [[], [], 200]);
  }
});

inLab()('what hangs on an address that is gone fails at once', async (t) => {
  t.timeout(30_000);
  await using lab = await Lab.create();
  const [phone, server] = [await lab.host('phone'), await lab.host('server')];
  // An address of the server's that never answers over UDP.
  await phone.block({ peer: server, transport: 'udp' }, 'drop');
  for (const family of FAMILIES) {
    await serving(server, server.address(family));
    const { errors, local } = await does(phone, 'vanish', server.address(family), `${PORT}`);
    t.is(local, phone.address(family));
    t.deepEqual(errors.map(({ ref }) => ref).sort(), ['tcp', 'udp']);
    for (const { error, ms } of errors) {
      t.regex(error, /no address|not there any more/);
      t.true(ms < 1_000);
    }
  }
});

inLab()('whatever comes from a Teredo address is dropped and counted, over UDP and TCP', async (t) => {
  t.timeout(30_000);
  await using lab = await Lab.create();
  const [phone, stranger] = [await lab.host('phone'), await lab.host('stranger')];
  const [ours, theirs] = ['2001:0:53aa:64c::1', '2001:0:53aa:64d::2'];
  await phone.addAddress(ours);
  await stranger.addAddress(theirs);
  for (const to of [phone.ipv6, ours]) {
    const listening = phone.run(process.execPath, [CHILD, 'listen']);
    await until('the phone listens', () => listening.output.includes('ready'));
    await does(stranger, 'annoy', `${theirs},${to}`, '5060');
    t.is(await listening.exit(5_000), 0);
    const { received, dropped } = JSON.parse(listening.output.slice(listening.output.indexOf('{')));
    t.deepEqual([received, dropped], [0, ['teredo', 'teredo']], to);
  }
});

async function serving(host: Host, address: string): Promise<void> {
  const server = host.run(process.execPath, [CHILD, 'serve', address, `${PORT}`]);
  await until(
    'the server listens',
    () => server.output.includes('ready'),
    5_000,
    () => server.output,
  );
}
