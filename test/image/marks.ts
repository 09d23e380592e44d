/** How packets are marked on the wire (DSCP, RFC 2474). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FirewalledWire, PEER, PHONE } from './wire_with_firewall.ts';

export const EF = 46;
export const CS3 = 24;
export const NONE = 0;

/** What arrives at the other end meanwhile, as tcpdump prints it. */
export async function marks(wire: FirewalledWire, during: () => Promise<void>) {
  const knock = wire.end('phone');
  const words = ['-i', 'wire', '-n', '-v', '-l', '--immediate-mode', 'inbound and (udp or tcp)'];
  const tcpdump = spawn('ip', ['netns', 'exec', wire.peer, 'tcpdump', ...words]);
  let seen = '';
  tcpdump.stdout.on('data', (chunk: Buffer) => {
    seen += chunk.toString();
  });
  // It hears nothing yet when it says that it listens.
  for (let tries = 0; !seen.includes('.9:') && tries < 100; tries++) {
    await knock.send({ from: PHONE.ipv4, to: PEER.ipv4, port: 9 });
    await sleep(50);
  }
  await during();
  await sleep(150);
  tcpdump.kill('SIGTERM');
  await once(tcpdump, 'close');
  // IPv4: "(tos 0xb8, …)" and the addresses on the next line; IPv6: "(class 0xb8, …)" and all on one.
  const packets = seen
    .replaceAll(/\n\s+/g, ' ')
    .split('\n')
    .filter((line) => line.includes('IP'));
  return packets.map((line) => {
    const [, mark = '0x0'] = /(?:tos|class) (0x[0-9a-f]+)/.exec(line) ?? [];
    const [, port = '', to = ''] = /\.(\d+) > \S+\.(\d+):/.exec(line) ?? [];
    return {
      family: line.includes('IP6') ? 6 : 4,
      port: Number(port),
      to: Number(to),
      dscp: Number(mark) >> 2,
    };
  });
}
