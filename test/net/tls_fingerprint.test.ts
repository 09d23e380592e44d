/** TLS to a telephone that no authority vouches for: it shows the certificate that it is known by, or hears nothing. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import type { Endpoint } from '#address/endpoint.ts';
import { fingerprintOf, nameOfFingerprint } from '#net/tls.ts';
import { Authority, type Certificate } from './certificates.ts';
import { listening, MESSAGE, until } from './support.ts';

const strangers = new Authority();
test.after.always(() => strangers.remove());

/** Names nobody, has expired, and its authority is none of ours. */
const known = strangers.issue({ names: null, days: -1 });
const other = strangers.issue({ names: 'URI:sip:known.test' });

const nameOf = ({ certificateFile }: Certificate): string =>
  nameOfFingerprint(fingerprintOf(new X509Certificate(readFileSync(certificateFile)).raw));

/** Echoes, and counts what it hears. */
async function echo(t: ExecutionContext, { certificateFile, keyFile }: Certificate) {
  const pem = { cert: readFileSync(certificateFile), key: readFileSync(keyFile) };
  const heard: Buffer[] = [];
  const server = createServer(pem, (socket) => {
    socket.on('error', () => {}).on('data', (octets) => heard.push(octets));
    socket.pipe(socket);
  });
  t.teardown(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const remote: Endpoint = { family: 4, address: '127.0.0.1', port };
  return { remote, heard };
}

test('who shows the certificate that it is known by is believed, whatever else is wrong with it', async (t) => {
  const { remote } = await echo(t, known);
  const phone = await listening(t);
  const flow = await phone.door.flowTo('tls', remote, nameOf(known));
  phone.door.connect(flow, 'open');
  await until(() => phone.connected.length === 1);
  phone.door.send(flow, Buffer.from(MESSAGE), 'it');
  await until(() => phone.received.length === 1);
  t.deepEqual(phone.errors, []);
});

test('who shows another hears nothing, and the reason is told', async (t) => {
  const { remote, heard } = await echo(t, other);
  const phone = await listening(t);
  const flow = await phone.door.flowTo('tls', remote, nameOf(known));
  phone.door.connect(flow, 'open');
  phone.door.send(flow, Buffer.from(MESSAGE), 'it');
  await until(() => phone.errors.length === 2);
  for (const [, reason] of phone.errors) t.regex(reason, /not the one by which this telephone is known/);
  t.deepEqual(phone.connected, []);
  t.deepEqual(heard, []);
});

test('a fingerprint is no name: without one the same peer is for authorities', async (t) => {
  const { remote, heard } = await echo(t, known);
  const phone = await listening(t);
  const flows = [
    await phone.door.flowTo('tls', remote, nameOf(known)),
    await phone.door.flowTo('tls', remote, 'known.test'),
  ];
  for (const [index, flow] of flows.entries()) phone.door.send(flow, Buffer.from(MESSAGE), String(index));
  await until(() => phone.errors.length === 1 && phone.received.length === 1);
  t.is(phone.errors[0]?.[0], '1', 'the connection of the one does not carry what is for the other');
  t.is(Buffer.concat(heard).toString(), MESSAGE);
});
