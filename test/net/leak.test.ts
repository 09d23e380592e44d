/** After everything that can be done with it, a transport leaves nothing behind: alone in its file, for it counts. */
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { loadLibc } from '#net/libc.ts';
import { Authority } from './certificates.ts';
import { type Listening, listening, MESSAGE, until } from './support.ts';

const authority = new Authority();
test.after.always(() => authority.remove());
const certificate = authority.issue({ names: 'URI:sip:pbx.test' });
const ROUNDS = 20;

const KINDS = ['UDPWrap', 'TCPServerWrap', 'TCPSocketWrap', 'TLSWrap', 'Timeout'];

function open(): Readonly<Record<string, number>> {
  const resources = process.getActiveResourcesInfo();
  const counts = KINDS.map((kind) => [kind, resources.filter((each) => each === kind).length]);
  return Object.fromEntries(counts);
}

/** UDP sockets on these ports, whoever made them: those of system calls are in no list of Node's. */
function udpSockets(ports: ReadonlySet<number>): readonly number[] {
  const tables = ['udp', 'udp6'].map((name) => readFileSync(`/proc/self/net/${name}`, 'latin1'));
  const lines = tables.flatMap((table) => table.split('\n').slice(1));
  const bound = lines.map((line) =>
    Number.parseInt(/^\s*\d+: [\dA-F]+:([\dA-F]{4})/.exec(line)?.[1] ?? '0', 16),
  );
  return bound.filter((port) => ports.has(port));
}

/** Not loopback where there is such an address: the kernel's sockets take part then. */
const own =
  Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? '127.0.0.1';

/** A bit of everything, ended well and badly. */
async function round(t: ExecutionContext, one: Listening, other: Listening): Promise<void> {
  const { port, tlsPort = 0 } = other.door;
  const octets = Buffer.from(MESSAGE);
  for (const address of ['127.0.0.1', own]) {
    for (const to of [port, 9]) {
      const udp = await one.door.flowTo('udp', { family: 4, address, port: to });
      const tcp = await one.door.flowTo('tcp', { family: 4, address, port: to });
      one.door.send(udp, octets, 'udp');
      one.door.send(tcp, octets, 'tcp');
      one.door.ping(tcp, 'ping');
    }
    const tls = await one.door.flowTo('tls', { family: 4, address, port: tlsPort }, 'pbx.test');
    const wrong = await one.door.flowTo('tls', { family: 4, address, port: tlsPort }, 'other.test');
    one.door.connect(tls, 'claim');
    one.door.send(wrong, octets, 'wrong');
    one.door.disconnect('claim');
    one.door.send(tls, octets, 'tls');
  }
  await until(() => other.received.length >= 4);
  one.door.addressesChanged();
  t.true(one.door.connections > 0);
}

test('nothing is left of twenty transports that did everything', async (t) => {
  t.timeout(60_000);
  await loadLibc();
  let left = 0;
  const pair = async () => {
    const one = await listening(t, { tls: { caFile: authority.file } });
    const other = await listening(t, { tls: { port: 0, ...certificate } });
    const ports = new Set([one.door.port, other.door.port]);
    await round(t, one, other);
    t.true(udpSockets(ports).length > 4);
    await Promise.all([one.door.close(20), other.door.close(20)]);
    await sleep(20);
    left += udpSockets(ports).length;
  };
  // What is loaded and opened once for all.
  await pair();
  const before = open();
  for (let count = 0; count < ROUNDS; count++) await pair();
  await sleep(100);
  t.deepEqual(open(), before);
  // Another test may have got one of these ports in the meantime; what is left behind would be so each time.
  t.true(left < ROUNDS / 2, `${left} UDP sockets are left`);
});
