/** Child of measure_media.ts: `node media_flood.ts PORT RATE` sends OPTIONS to a SIP port, so many a second, until it is killed. */
import { createSocket } from 'node:dgram';
import { OPTIONS } from './messages.ts';

const BURST_MS = 5;
const [port = 0, rate = 0] = process.argv.slice(2).map(Number);
const began = performance.now();
let sent = 0;

const socket = createSocket('udp4');
socket.on('message', () => {});
socket.connect(port, '127.0.0.1', () => setInterval(burst, BURST_MS));

function burst(): void {
  const owed = Math.floor(((performance.now() - began) / 1000) * rate);
  for (; sent < owed; sent += 1) {
    const options = (OPTIONS[sent % OPTIONS.length] ?? Buffer.alloc(0)).toString('latin1');
    socket.send(Buffer.from(options.replaceAll('z9hG4bK', `z9hG4bK${sent}x`), 'latin1'));
  }
}
