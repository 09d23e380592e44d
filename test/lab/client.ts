/**
 * node client.ts udp|tcp ADDRESS PORT PATIENCE [FROM [FILE]]: sends one datagram (the file, or an OPTIONS) or opens a
 * connection, and prints what came within so many ms: the answer, `connected`, the code of an error, or `silence`.
 */
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { bracketed, familyOf } from './addressing.ts';

const [way = '', address = '', port = '', patience = '', from = '', file = ''] = process.argv.slice(2);

function say(text: string): void {
  console.log(text);
  process.exit(0);
}

const fail = (error: NodeJS.ErrnoException) => say(error.code ?? error.message);

function sendDatagram(): void {
  const socket = createSocket(familyOf(address) === 6 ? 'udp6' : 'udp4');
  socket.on('error', fail).on('message', (octets) => say(octets.toString('latin1')));
  // Connected, so that the kernel tells of ICMP errors.
  const send = () =>
    socket.connect(Number(port), address, () => {
      socket.send(file === '' ? options(socket.address()) : readFileSync(file));
    });
  if (from === '') send();
  else socket.bind(0, from, send);
}

function options(local: { address: string; port: number }): string {
  const us = `${bracketed(local.address)}:${local.port}`;
  const lines = [
    `OPTIONS sip:${bracketed(address)}:${port} SIP/2.0`,
    `Via: SIP/2.0/UDP ${us};branch=z9hG4bKclient`,
    'Max-Forwards: 70',
    `From: <sip:client@${us}>;tag=client`,
    `To: <sip:${bracketed(address)}>`,
    `Call-ID: ${Date.now()}`,
    'CSeq: 1 OPTIONS',
    'Content-Length: 0',
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

setTimeout(say, Number(patience), 'silence');
if (way === 'udp') sendDatagram();
else connect(Number(port), address, () => say('connected')).on('error', fail);
