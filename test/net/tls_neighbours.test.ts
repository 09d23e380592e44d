/** A listener for TLS that only those learn of who know us by our certificate. */
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Endpoint } from '#address/endpoint.ts';
import { fingerprintOf, nameOfFingerprint } from '#net/tls.ts';
import { scratch } from '../support/phone_process.ts';
import { Authority } from './certificates.ts';
import { type Listening, listening, MESSAGE, until } from './support.ts';

const authority = new Authority();
test.after.always(() => authority.remove());

/** A certificate and its key in one file, as a telephone keeps its own. */
const { certificateFile, keyFile } = authority.issue({ names: null });
const OWN = join(scratch('tls-neighbours'), 'own.pem');
writeFileSync(OWN, readFileSync(certificateFile, 'utf8') + readFileSync(keyFile, 'utf8'));
const NAME = nameOfFingerprint(fingerprintOf(new X509Certificate(readFileSync(OWN)).raw));

async function opened(t: ExecutionContext): Promise<{ readonly phone: Listening; readonly at: Endpoint }> {
  const phone = await listening(t);
  const port = (await phone.door.openToNeighbours(OWN, 0)) ?? 0;
  return { phone, at: { family: 4, address: '127.0.0.1', port } };
}

test('two that know each other by their certificates tell each other where they listen, and call back there', async (t) => {
  const [one, two] = [await opened(t), await opened(t)];
  const flow = await one.phone.door.flowTo('tls', two.at, NAME);
  t.is(flow.local.port, one.at.port);
  one.phone.door.send(flow, Buffer.from(MESSAGE), 'there');
  await until(() => two.phone.received.length === 1);
  const back = await two.phone.door.flowTo('tls', one.at, NAME);
  two.phone.door.send(back, Buffer.from(MESSAGE), 'back');
  await until(() => one.phone.received.length === 1);
  t.deepEqual([...one.phone.errors, ...two.phone.errors], []);
});

test('the server of an account is told the port of its connection, as before', async (t) => {
  const server = authority.issue({ names: 'URI:sip:pbx.test' });
  const tls = { port: 0, certificateFile: server.certificateFile, keyFile: server.keyFile };
  const registrar = await listening(t, { tls });
  const phone = await listening(t, { tls: { caFile: authority.file } });
  const own = await phone.door.openToNeighbours(OWN, 0);
  const remote: Endpoint = { family: 4, address: '127.0.0.1', port: registrar.door.tlsPort ?? 0 };
  const flow = await phone.door.flowTo('tls', remote, 'pbx.test');
  t.not(flow.local.port, own);
  phone.door.send(flow, Buffer.from(MESSAGE), 'register');
  await until(() => registrar.received.length === 1 || phone.errors.length > 0);
  t.deepEqual(phone.errors, []);
  const [heard] = registrar.received;
  t.is(heard?.flow.remote.port, flow.local.port, 'it is that port');
  if (heard === undefined) return;
  registrar.door.send(heard.flow, Buffer.from(MESSAGE), 'back');
  await until(() => phone.received.length === 1);
  t.is(phone.received[0]?.flow.local.port, flow.local.port);
});

test('where the port is taken it is another one', async (t) => {
  const other = createServer();
  t.teardown(() => other.close());
  const taken = await new Promise<number>((resolve) =>
    other.listen({ port: 0, host: '0.0.0.0' }, () => {
      const address = other.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    }),
  );
  const phone = await listening(t);
  const port = (await phone.door.openToNeighbours(OWN, taken)) ?? 0;
  t.true(port > 0 && port !== taken);
  t.is(phone.door.tlsPort, port);
});

test('nothing is opened by a telephone that has been switched off', async (t) => {
  const phone = await listening(t);
  await phone.door.close();
  t.is(await phone.door.openToNeighbours(OWN, 0), undefined);
});
