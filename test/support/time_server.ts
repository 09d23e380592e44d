/** A time server as a small program on loopback. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { ExecutionContext } from 'ava';

/** From 1900 to 1970, ms. */
const EPOCH = 2_208_988_800_000;

/** Answers with a clock that is `ahead` ms ahead, until the test ends; its `HOST:PORT`. Port 0: a free one. */
export async function timeServer(
  t: Pick<ExecutionContext, 'teardown'>,
  address: string,
  ahead: number,
  { stratum = 2, port = 0 } = {},
): Promise<string> {
  const server = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  t.teardown(() => server.close());
  server.on('message', (question, from) => {
    if (question.length !== 48) return;
    const packet = Buffer.alloc(48);
    packet[0] = (4 << 3) | 4;
    packet[1] = stratum;
    question.copy(packet, 24, 40);
    const time = Date.now() + ahead + EPOCH;
    for (const at of [32, 40]) {
      packet.writeUInt32BE(Math.floor(time / 1000) % 2 ** 32, at);
      packet.writeUInt32BE(Math.floor(((time % 1000) / 1000) * 2 ** 32), at + 4);
    }
    server.send(packet, from.port, from.address);
  });
  server.bind(port, address);
  await once(server, 'listening');
  return address.includes(':')
    ? `[${address}]:${server.address().port}`
    : `${address}:${server.address().port}`;
}
