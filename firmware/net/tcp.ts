/** TCP, as it is. */
import { createConnection, createServer } from 'node:net';
import type { StreamOpener } from './stream_opener.ts';

export const TCP: StreamOpener = {
  transport: 'tcp',
  ready: 'connect',
  connect: (from, remote) =>
    createConnection({
      ...{ host: remote.address, port: remote.port },
      ...{ localAddress: from.address, localPort: from.port },
    }),
  createServer: (accepted, started) =>
    createServer({ allowHalfOpen: false }, (socket) => {
      started(socket);
      if (!socket.destroyed) accepted(socket);
    }),
};
