/** Time servers as small programs on loopback. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import { Ntp } from '#fleet/ntp.ts';
import { ntpQuestion } from '#fleet/ntp_packet.ts';
import { until } from '../support/process.ts';

const EPOCH = 2_208_988_800_000;

/** Answers with a clock that is `ahead` ms ahead; its name. */
async function timeServer(t: ExecutionContext, address: string, ahead: number, stratum = 2): Promise<string> {
  const server = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  t.teardown(() => server.close());
  server.on('message', (question, { port, address: from }) => {
    t.is(question.length, ntpQuestion(new Uint8Array(8)).length);
    const packet = Buffer.alloc(48);
    packet[0] = (4 << 3) | 4;
    packet[1] = stratum;
    question.copy(packet, 24, 40);
    const time = Date.now() + ahead + EPOCH;
    for (const at of [32, 40]) {
      packet.writeUInt32BE(Math.floor(time / 1000) % 2 ** 32, at);
      packet.writeUInt32BE(Math.floor(((time % 1000) / 1000) * 2 ** 32), at + 4);
    }
    server.send(packet, port, from);
  });
  server.bind(0, address);
  await once(server, 'listening');
  return address.includes(':')
    ? `[${address}]:${server.address().port}`
    : `${address}:${server.address().port}`;
}

function ask(t: ExecutionContext, servers: readonly string[]) {
  const told: { readonly offsets: number[]; readonly troubles: string[] } = { offsets: [], troubles: [] };
  const ntp = new Ntp({
    servers,
    offset: (ms) => void told.offsets.push(ms),
    trouble: (text) => void told.troubles.push(text),
  });
  t.teardown(() => ntp.close());
  ntp.start();
  return told;
}

test('time comes over IPv6 and over IPv4', async (t) => {
  for (const address of ['::1', '127.0.0.1']) {
    const told = ask(t, [await timeServer(t, address, 3_600_000)]);
    await until(
      'an offset',
      async () => told.offsets[0],
      4000,
      () => told.troubles.join(),
    );
    t.true(Math.abs((told.offsets[0] ?? 0) - 3_600_000) < 50);
  }
});

test('one liar among three is not believed', async (t) => {
  const servers = [
    await timeServer(t, '::1', 1_000_000_000),
    await timeServer(t, '127.0.0.1', 60_000),
    await timeServer(t, '127.0.0.2', 60_010),
  ];
  const told = ask(t, servers);
  await until(
    'an offset',
    async () => told.offsets[0],
    4000,
    () => told.troubles.join(),
  );
  t.true(Math.abs((told.offsets[0] ?? 0) - 60_000) < 100);
});

test('a server that has no time, or is none, is told with its reason', async (t) => {
  const told = ask(t, [await timeServer(t, '127.0.0.1', 0, 0), '127.0.0.1:1']);
  await until(
    'a trouble',
    async () => told.troubles[0],
    4000,
    () => told.offsets.join(),
  );
  t.regex(told.troubles[0] ?? '', /^no time server answers: .*kiss of death/);
  t.deepEqual(told.offsets, []);
});

test('without a server nothing is asked', (t) => {
  const told = ask(t, ['no name at all']);
  t.deepEqual(told, { offsets: [], troubles: [] });
});
