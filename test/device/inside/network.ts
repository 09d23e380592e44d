/** The guest's end of the tap: answers what comes by UDP, until it is told to end. */
import { createSocket } from 'node:dgram';

const socket = createSocket('udp6', (octets, { address, port }) => {
  if (octets.toString() === 'end') process.exit(0);
  socket.send(`heard ${octets}`, port, address);
});
socket.bind(4000, () => process.stdout.write('@@{"listening":4000}\n'));
