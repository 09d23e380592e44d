/**
 * Child of measure_media.ts: sends every datagram back to where it came from and notes when it came. Prints its port;
 * on SIGTERM the times, ms, as a JSON array. A process of its own, so that nobody's work delays the echo.
 */
import { createSocket } from 'node:dgram';

const times: number[] = [];
const socket = createSocket('udp4');
socket.on('message', (octets, { address, port }) => {
  times.push(performance.now());
  socket.send(octets, port, address);
});
socket.bind(0, '127.0.0.1', () => console.log(socket.address().port));
process.on('SIGTERM', () => {
  socket.close();
  console.log(JSON.stringify(times));
});
