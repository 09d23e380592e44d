/** `dgram.Socket` of type udp6, over the tunnel. */
import dgram from 'node:dgram';
import { type NodeHandle, TunnelHandle } from './handle.ts';
import { routersOfEnvironment } from './routers.ts';
import { type Tunnel, type TunnelOptions, tunnelFor } from './tunnel.ts';

export type MessageListener = Parameters<typeof dgram.createSocket>[1];

/** Those of node:dgram, and those of the tunnel: without `routers` they come from SOCKET6BED4_ROUTERS. */
export interface SocketOptions extends dgram.SocketOptions, Partial<Omit<TunnelOptions, 'port'>> {
  readonly type: 'udp6';
  /** A tunnel that is open already; `routers` and what belongs to them are then not looked at. */
  readonly tunnel?: Tunnel | undefined;
  /** `error` tells of refusals on unconnected sockets too, with `address` and `port`: IPV6_RECVERR of Linux. */
  readonly recvErr?: boolean | undefined;
}

/** What Node keeps of a socket; the handle is null when it is closed. */
interface State {
  handle: NodeHandle | null;
}

// The types of Node do not tell that the class can be made and inherited from.
const NodeSocket = dgram.Socket as unknown as new (
  options: dgram.SocketOptions,
  listener?: MessageListener,
) => dgram.Socket;

export class Socket extends NodeSocket {
  constructor(type: 'udp6' | SocketOptions, listener?: MessageListener) {
    const options = typeof type === 'string' ? { type } : type;
    super(options, listener);
    const state = stateOf(this);
    // A signal may have closed it already.
    if (state.handle === null) return;
    const node = state.handle;
    const { tunnel, routers = routersOfEnvironment() } = options;
    const handle = new TunnelHandle({
      tunnel: () => tunnel ?? tunnelFor({ ...options, routers }),
      node,
      lookupAll: options.lookup !== undefined,
      reuse: Boolean(options.reuseAddr || options.reusePort),
      recvErr: Boolean(options.recvErr),
      error: (error) => this.emit('error', error),
      ended: () => this.close(),
    });
    // By a symbol of its own the handle knows its socket.
    for (const symbol of Object.getOwnPropertySymbols(node))
      Reflect.set(handle, symbol, Reflect.get(node, symbol));
    state.handle = handle;
  }

  /** As in node:dgram, but never shared among the processes of a cluster. */
  override bind(port?: number, address?: string, callback?: () => void): this;
  override bind(port: number, callback: () => void): this;
  override bind(callback: () => void): this;
  override bind(options: dgram.BindOptions, callback?: () => void): this;
  override bind(...args: unknown[]): this {
    const [first, second] = args;
    const options =
      typeof first === 'object' ? first : { port: first, address: typeof second === 'string' ? second : '' };
    return super.bind({ ...options, exclusive: true }, args.at(-1) as () => void);
  }
}

/** Throws where Node is not built as it has been so far. */
function stateOf(socket: dgram.Socket): State {
  const symbol = Object.getOwnPropertySymbols(socket).find(
    ({ description }) => description === 'state symbol',
  );
  const state: unknown = symbol && Reflect.get(socket, symbol);
  if (state) return state as State;
  throw new Error(`socket6bed4 does not fit Node ${process.version}`);
}
