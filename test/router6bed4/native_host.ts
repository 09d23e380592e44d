/**
 * node native_host.ts [ADDRESS PORT]: a program of a host with native IPv6. It prints and sends back every datagram,
 * and speaks to ADDRESS until that one answers.
 */
import { createSocket } from 'node:dgram';

const LISTENS_AT = 5000;
const [remote = '', port = '0'] = process.argv.slice(2);
let answered = remote === '';

const socket = createSocket('udp6');
socket.on('message', (octets, from) => {
  process.stdout.write(`${JSON.stringify({ from: from.address, text: octets.toString() })}\n`);
  if (from.address === remote) answered = true;
  else socket.send(octets, from.port, from.address);
});
socket.bind(LISTENS_AT, () => process.stdout.write('listening\n'));

setInterval(() => {
  if (!answered) socket.send('from the host', Number(port), remote);
}, 200);
