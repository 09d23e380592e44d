/** What the little servers share: the group joined, SUBSCRIBEs handed out. `node SERVER.ts PORT [URL [OWN-ADDRESS]]`. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';

export const [port = 5060, url = 'http://192.0.2.10/prov/{mac}.cfg'] = [
  Number(process.argv[2] ?? 5060),
  process.argv[3],
];

export interface Heard {
  /** The request as it came. */
  readonly text: string;
  readonly from: RemoteInfo;
  /** The socket of the group. */
  readonly socket: Socket;
  /** The value of a header field of it. */
  readonly field: (name: string) => string;
}

/** Prints `ready`, later a line for each response, so that a test sees whether our 200 came. */
export function listen(subscribed: (heard: Heard) => void): void {
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  socket.on('message', (octets, from) => {
    const text = octets.toString('latin1');
    const field = (name: string) => new RegExp(`^${name}: (.*)\r$`, 'mi').exec(text)?.[1] ?? '';
    if (text.startsWith('SUBSCRIBE ')) subscribed({ text, from, socket, field });
    else console.log(text.split('\r\n', 1)[0]);
  });
  socket.bind(port, () => {
    socket.addMembership('224.0.1.75', process.argv[4] ?? '127.0.0.1');
    console.log('ready');
  });
}

/** A socket on a port of its own, whose responses are printed too. */
export function elsewhere(): Socket {
  const socket = createSocket('udp4');
  socket.on('message', (octets) => console.log(octets.toString('latin1').split('\r\n', 1)[0]));
  return socket;
}
