/**
 * node flood.ts OWN-IPV4 TARGET COUNT: strangers in plenty. Each of COUNT sockets of this host, one after the other,
 * sends to the 6bed4 address TARGET, straight to where it says, a solicitation and the begin of datagrams whose end
 * never comes. Prints how many datagrams that were.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { ipv4Text, parseIpv4 } from '#socket6bed4/address/ipv4.ts';
import { type Ipv6, parseIpv6 } from '#socket6bed4/address/ipv6.ts';
import { addressOf, endOf } from '#socket6bed4/address/sixbed4.ts';
import { fragments } from '#socket6bed4/packet/fragment.ts';
import { neighbourSolicitation } from '#socket6bed4/packet/neighbour_discovery.ts';
import { udpPacket } from '#socket6bed4/packet/udp.ts';

const FIRST_PORT = 20_000;
const BEGUN = 4;

/** First fragments of datagrams of 4000 octets, each with another identification. */
export function unfinished(from: Ipv6, to: Ipv6, first: number, count: number): readonly Uint8Array[] {
  const whole = udpPacket({ address: from, port: 9 }, { address: to, port: 9 }, new Uint8Array(4000), 64);
  return Array.from({ length: count }, (_, i) => fragments(whole, first + i)[0] ?? whole);
}

async function flood(own: number, target: Ipv6, count: number): Promise<number> {
  const end = endOf(target);
  if (end === undefined) throw new Error('the target names no IPv4 address and port');
  let sent = 0;
  for (let i = 0; i < count; i++) {
    const port = FIRST_PORT + i;
    const socket = createSocket('udp4').on('error', () => {});
    socket.bind(port);
    await once(socket, 'listening');
    const source = addressOf(target, { ipv4: own, port });
    const solicitation = neighbourSolicitation(source, target, { ipv4: own, port });
    for (const packet of [solicitation, ...unfinished(source, target, i * BEGUN, BEGUN)]) {
      socket.send(packet, end.port, ipv4Text(end.ipv4));
      sent++;
    }
    await sleep(1);
    socket.close();
  }
  return sent;
}

if (import.meta.main) {
  const [own = '', target = '', count = '0'] = process.argv.slice(2);
  console.log(await flood(parseIpv4(own) ?? 0, parseIpv6(target) ?? new Uint8Array(16), Number(count)));
}
