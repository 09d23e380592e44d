/** Servers of SIP plug and play that really run, each badly in its own way, on this machine's loopback. */
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { PnpSource } from '#provisioning/sources/pnp.ts';
import type { Candidate } from '#provisioning/types.ts';
import { PeerProcess, until } from '../../support/process.ts';
import { IDENTITY } from '../identity_here.ts';

const SERVERS = join(import.meta.dirname, '../pnp_servers');
/** The group's ports of these tests: one each, so that no server hears another's telephone. */
const PORTS = {
  counting: 25_061,
  hasty: 25_062,
  mute: 25_063,
  refusing: 25_064,
  all: 25_065,
  stranger: 25_066,
};

async function server(
  t: ExecutionContext,
  name: string,
  port: number,
  ...args: string[]
): Promise<PeerProcess> {
  const peer = new PeerProcess(process.execPath, [join(SERVERS, `${name}.ts`), String(port), ...args]);
  t.teardown(() => peer.stop());
  await until(
    `${name} is ready`,
    () => peer.output.includes('ready'),
    20_000,
    () => peer.output,
  );
  return peer;
}

async function telephone(t: ExecutionContext, port: number) {
  const heard: (readonly Candidate[])[] = [];
  const dropped = new Map<string, number>();
  let count = 0;
  const source = new PnpSource({
    identity: IDENTITY,
    random: () => (++count).toString(16).padStart(16, 'c0ffee'),
    candidates: (candidates) => heard.push(candidates),
    dropped: (why) => dropped.set(why, (dropped.get(why) ?? 0) + 1),
    log: (text) => t.log(text),
    port,
  });
  t.teardown(() => source.close());
  await source.interfaces([{ interface: 'lo', address: '127.0.0.1' }]);
  return { heard, dropped, source };
}

/** The last line: how its server got on with our 200; it comes where our Via lets the server hear it. */
for (const [name, expected] of [
  ['counting', ['http://192.0.2.10/prov/dca632010203.cfg']],
  ['hasty', ['http://192.0.2.10/prov/{mac}.cfg']],
  ['mute', ['http://192.0.2.10/prov/{mac}.cfg']],
  ['refusing', ['http://192.0.2.99/first', 'http://192.0.2.10/prov/{mac}.cfg']],
] as const) {
  test(`the ${name} server is understood, and gets a 200`, async (t) => {
    const peer = await server(t, name, PORTS[name]);
    const { heard } = await telephone(t, PORTS[name]);
    const found = await until(
      'candidates',
      () => heard[0],
      10_000,
      () => peer.output,
    );
    t.deepEqual(
      found.map(({ url }) => url),
      [...expected],
    );
    t.true(found.every(({ step, from }) => step === 'pnp' && from.endsWith('127.0.0.1 on lo')));
    await until(
      'our 200',
      () => peer.output.includes('SIP/2.0 200 OK'),
      2_000,
      () => peer.output,
    );
  });
}

test('all of them at once are heard', async (t) => {
  const names = ['counting', 'hasty', 'mute'];
  await Promise.all(
    names.map((name) => server(t, name, PORTS.all, `http${name === 'mute' ? 's' : ''}://${name}/{mac}`)),
  );
  const { heard } = await telephone(t, PORTS.all);
  const found = await until('three candidates', () => heard.find(({ length }) => length >= 3), 10_000);
  const urls = found.map(({ url }) => url);
  for (const url of ['https://mute/{mac}', 'http://counting/dca632010203', 'http://hasty/{mac}'])
    t.true(urls.includes(url), url);
});

test('a stranger with other Call-IDs, megabytes and a thousand answers is counted, and takes four places at most', async (t) => {
  const peer = await server(t, 'stranger', PORTS.stranger);
  const { heard, dropped } = await telephone(t, PORTS.stranger);
  await until('all is sent', () => peer.output.includes('sent'), 20_000);
  await until('candidates', () => heard[0], 10_000);
  t.true(heard.every((candidates) => candidates.length <= 4));
  // On a busy machine the kernel drops some of a flood itself; the machine's own test counts each.
  const counts = ['other Call-ID', 'no URL', 'too large', 'too many'].map((why) => dropped.get(`pnp ${why}`));
  for (const [i, most] of [20, 20, 34, 996].entries()) {
    const count = counts[i] ?? 0;
    t.true(count <= most && count > most / 2, `${counts}`);
  }
});

test('an interface that cannot be had is told, and the others go on', async (t) => {
  const { source, heard } = await telephone(t, PORTS.all);
  await source.interfaces([
    { interface: 'gone0', address: '192.0.2.1' },
    { interface: 'lo', address: '127.0.0.1' },
  ]);
  t.deepEqual(heard, []);
});
