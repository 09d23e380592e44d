/**
 * node relay.ts DEVICE PORT MS: every packet that the router sends into the TUN device comes out of it again MS
 * milliseconds later, in order. socat opens the device, which Node cannot, and hands the packets over loopback.
 */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';

const [device = '', port = '0', ms = '0'] = process.argv.slice(2);
const delay = Number(ms);
/** Packets on their way; beyond it they are lost, as in a full queue. */
const MOST_WAITING = 20_000;
let waiting = 0;

const socket = createSocket('udp4');
socket.on('message', (packet, { port: back, address }) => {
  if (waiting >= MOST_WAITING) return;
  waiting++;
  setTimeout(() => {
    waiting--;
    socket.send(packet, back, address);
  }, delay);
});
socket.bind(Number(port), '127.0.0.1', () => {
  const socat = spawn(
    'socat',
    ['-b', '65536', `TUN,tun-name=${device},iff-no-pi,iff-up`, `UDP4:127.0.0.1:${port}`],
    { stdio: 'inherit' },
  );
  socat.on('spawn', () => console.log('ready'));
  socat.on('exit', (code) => process.exit(code ?? 1));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => socat.kill());
});
