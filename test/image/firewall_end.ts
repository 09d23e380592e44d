/**
 * One end of a wire, in a process inside its namespace: `node firewall_end.ts [UID]`. Commands come as JSON lines, what it
 * hears and answers goes out as JSON lines. Run by wire_with_firewall.ts.
 */
import { createSocket, type Socket } from 'node:dgram';
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';

export interface Sending {
  readonly from: string;
  readonly fromPort: number;
  readonly to: string;
  readonly port: number;
  /** Octets. */
  readonly size: number;
}

export type Command =
  | {
      readonly kind: 'listen';
      readonly transport: 'udp' | 'tcp';
      readonly port: number;
      readonly group?: string;
    }
  | ({ readonly kind: 'send' } & Sending)
  /** Answered by `opened`: whether a connection came to be within 400 ms. */
  | { readonly kind: 'connect'; readonly to: string; readonly port: number };

export type Answer =
  | { readonly kind: 'done' }
  | { readonly kind: 'heard'; readonly port: number; readonly from: string; readonly fromPort: number }
  | { readonly kind: 'opened'; readonly opened: boolean };

const tell = (answer: Answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);
const bound = new Map<string, Socket>();

function hear(socket: Socket, port: number): void {
  socket.on('message', (_, { address, port: fromPort }) =>
    tell({ kind: 'heard', port, from: address.replace(/%.*$/, ''), fromPort }),
  );
}

/** Bound to its address and port, kept: what is answered to it is heard. */
function from(address: string, port: number): Promise<Socket> {
  const key = `${address} ${port}`;
  const known = bound.get(key);
  if (known !== undefined) return Promise.resolve(known);
  const socket = createSocket({ type: address.includes(':') ? 'udp6' : 'udp4', reuseAddr: true });
  socket.on('error', () => {});
  hear(socket, port);
  bound.set(key, socket);
  return new Promise((resolve) => socket.bind(port, address, () => resolve(socket)));
}

/** What it answers when that is done. */
async function carryOut(command: Command): Promise<Answer> {
  switch (command.kind) {
    case 'listen': {
      if (command.transport === 'tcp') {
        const server = createServer((connection) => connection.on('error', () => {}).end());
        await new Promise<void>((resolve) => server.listen(command.port, '::', resolve));
      } else {
        const address = command.group?.includes('.') ? '0.0.0.0' : '::';
        const socket = await from(address, command.port);
        if (command.group !== undefined) socket.addMembership(command.group);
      }
      return { kind: 'done' };
    }
    case 'send': {
      const socket = await from(command.from, command.fromPort);
      const sent = Promise.withResolvers<void>();
      // The firewall may refuse it (EPERM): that is an answer too.
      socket.send(Buffer.alloc(command.size), command.port, command.to, () => sent.resolve());
      await sent.promise;
      return { kind: 'done' };
    }
    case 'connect': {
      const connection = connect({ host: command.to, port: command.port });
      const opened = await new Promise<boolean>((resolve) => {
        connection.on('connect', () => resolve(true)).on('error', () => resolve(false));
        setTimeout(() => resolve(false), 400).unref();
      });
      connection.destroy();
      return { kind: 'opened', opened };
    }
  }
}

if (import.meta.main) {
  const [, , user] = process.argv;
  if (user !== undefined) process.setuid?.(Number(user));
  for await (const line of createInterface(process.stdin)) tell(await carryOut(JSON.parse(line) as Command));
  process.exit(0);
}
