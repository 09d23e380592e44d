/** How a phone ends: in peace within two seconds, or killed, and what is left then. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import test from 'ava';
import { ALONE } from '../support/alone.ts';
import { PhoneProcess, scratch } from '../support/phone_process.ts';
import { PeerProcess, until } from '../support/process.ts';
import { StubServer } from './stub_server.ts';

const PROGRAM = new URL('../../dist/dualtone.js', import.meta.url).pathname;
const SIP_PORT = 15_320;
const net = { sipPort: SIP_PORT, rtpPorts: '18340-18359' };

/** A phone in a call with a server that has its registration. */
async function inCall(directory = join(scratch('ending'), 'phone')) {
  const server = await StubServer.open();
  const phone = await PhoneProcess.start(directory, { net, accounts: [server.account] });
  await phone.registered();
  await phone.verb('dial', `sip:stub@127.0.0.1:${server.port}`, '--wait');
  await phone.call('talking');
  return { server, phone };
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test.serial(
    `${signal} in a call: BYE and un-REGISTER are sent, exit code 0 within two seconds`,
    async (t) => {
      const { server, phone } = await inCall();
      t.teardown(() => server.close());
      const began = performance.now();
      phone.kill(signal);
      t.is(await phone.exit(5_000), 0, phone.output);
      t.true(performance.now() - began < 2_000);
      t.is(server.requests('BYE').length, 1);
      const last = Buffer.from(server.requests('REGISTER').at(-1)?.octets ?? []).toString();
      t.regex(last, /^(?:Expires: 0|Contact: .*;expires=0)\r$/m);
    },
  );
}

test.serial('SIGTERM while the server is dead still ends within two seconds', async (t) => {
  const { server, phone } = await inCall();
  server.close();
  const began = performance.now();
  phone.kill('SIGTERM');
  t.is(await phone.exit(5_000), 0, phone.output);
  t.true(performance.now() - began < 2_000, `${performance.now() - began} ms`);
});

test.serial('SIGTERM right after start ends it as well', async (t) => {
  const phone = await PhoneProcess.start(join(scratch('ending'), 'phone'), { net });
  phone.kill('SIGTERM');
  t.is(await phone.exit(2_000), 0, phone.output);
});

test.serial('after kill -9 a phone comes back without help, with the same contact', async (t) => {
  const directory = join(scratch('ending'), 'phone');
  const before = await inCall(directory);
  before.phone.kill('SIGKILL');
  await before.phone.exit(2_000);
  before.server.close();
  const after = await inCall(directory);
  t.teardown(() => after.server.close());
  const contact = ({ server }: typeof before) =>
    /^Contact: <sip:([^@]+)@/m.exec(
      Buffer.from(server.requests('REGISTER')[0]?.octets ?? []).toString(),
    )?.[1];
  t.truthy(contact(before));
  t.is(contact(after), contact(before));
  t.is(await after.phone.stop(), 0);
});

test.serial('a second phone on the same directory or port is refused with a reason', async (t) => {
  const directory = join(scratch('ending'), 'phone');
  const phone = await PhoneProcess.start(directory, { net });
  t.teardown(() => phone.stop());
  const again = await phone.verb('run', '--http', 'off');
  t.is(again.code, 1);
  t.regex(again.output, /already running/);
  const other = scratch('ending');
  const config = join(directory, 'config.json');
  const busy = new PeerProcess(process.execPath, [
    PROGRAM,
    'run',
    '--http',
    'off',
    '--config',
    config,
    '--data',
    other,
  ]);
  t.is(await busy.exit(5_000), 1);
  t.regex(busy.output, new RegExp(`port ${SIP_PORT} is in use`));
});

test.serial('an address for the page that cannot be had ends the phone with a reason', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.teardown(() => taken.close());
  const { port } = taken.address() as AddressInfo;
  const directory = scratch('ending');
  const config = join(directory, 'config.json');
  writeFileSync(config, JSON.stringify({ ...ALONE, net, admin: { port: SIP_PORT + 2 } }));
  const phone = new PeerProcess(process.execPath, [
    ...[PROGRAM, 'run', '--http', `127.0.0.1:${port}`],
    ...['--config', config, '--data', join(directory, 'data')],
  ]);
  t.is(await phone.exit(5_000), 1, phone.output);
  t.regex(phone.output, /--http/);
});

test.serial('secrets are in neither trace nor log nor status nor config show', async (t) => {
  const { server, phone } = await inCall();
  t.teardown(() => server.close());
  for (const verb of [['trace'], ['status', '--json'], ['config', 'show'], ['metrics']]) {
    t.false((await phone.verb(...verb)).output.includes('s3cret'), verb.join(' '));
  }
  t.false(phone.output.includes('s3cret'));
  t.is(await phone.stop(), 0);
});

test.serial('an account that demands SRTP or TLS never gets less', async (t) => {
  const server = await StubServer.open();
  t.teardown(() => server.close());
  const accounts = [
    { ...server.account, srtp: 'required' },
    { ...server.account, user: 'tess', transport: 'tls' },
  ];
  const phone = await PhoneProcess.start(join(scratch('ending'), 'phone'), { net, accounts });
  t.teardown(() => phone.stop());
  const [, tls] = await until('both accounts settle', async () => {
    const found = (await phone.status()).accounts;
    return found[0]?.state === 'registered' && found[1]?.state === 'failed' ? found : undefined;
  });
  t.regex(tls?.error ?? '', /does not speak TLS|ECONNREFUSED|ECONNRESET/);
  const { code, output } = await phone.verb('dial', '100', '--wait');
  t.is(code, 1);
  t.regex(output, /SRTP is required/);
  t.is(server.requests('INVITE').length, 0);
  t.true(server.requests('REGISTER').every(({ octets }) => !Buffer.from(octets).includes('sip:tess@')));
});
