/** The same calls on a socket of node:dgram on ::1 and on one of ours inside its tunnel come to the same end. */
import dgram from 'node:dgram';
import { once } from 'node:events';
import { BlockList } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { createSocket, openTunnel } from '#socket6bed4/index.ts';
import { ON_LINK, serveOn } from './tunnel_stand.ts';

interface Side {
  /** Where a datagram to ourselves goes. */
  readonly home: string;
  /** A port on which nobody listens. */
  readonly closed: number;
  /** Somebody who is bound and hears. */
  readonly other: dgram.Socket;
  readonly port: number;
  open(options?: object): dgram.Socket;
}

type Story = (socket: dgram.Socket, side: Side) => unknown;
/** A call of ours whose arguments the types forbid. */
type Wrong = Record<string, (...args: unknown[]) => unknown>;

const wrong = (socket: dgram.Socket): Wrong => socket as unknown as Wrong;

async function bound(socket: dgram.Socket): Promise<dgram.Socket> {
  socket.bind(0);
  await once(socket, 'listening');
  return socket;
}

/** The arguments of the callback that `call` is given, or of the error event, whichever comes first. */
const called = (socket: dgram.Socket, call: (callback: (...args: unknown[]) => void) => unknown) =>
  new Promise<unknown>((resolve) => {
    socket.once('error', (error) => resolve(['event', error]));
    call((...args) => resolve(args));
  });

/** What `other` hears when `call` was made. */
async function heard(side: Side, call: () => unknown): Promise<unknown> {
  const message = once(side.other, 'message');
  call();
  const [octets, from] = await message;
  return [String(octets), from];
}

const refusal = (socket: dgram.Socket) =>
  new Promise((resolve) => socket.once('error', ({ message }) => resolve(message)));

const STORIES: Record<string, Story> = {
  'address before bind': (socket) => socket.address(),
  'remoteAddress unconnected': (socket) => socket.remoteAddress(),
  'setTTL before bind': (socket) => socket.setTTL(5),
  'setTTL of a string': (socket) => wrong(socket).setTTL?.('5'),
  'setTTL 0': async (socket) => (await bound(socket)).setTTL(0),
  'setTTL 256': async (socket) => (await bound(socket)).setTTL(256),
  'setTTL NaN': async (socket) => (await bound(socket)).setTTL(Number.NaN),
  'setTTL 255': async (socket) => (await bound(socket)).setTTL(255),
  'setBroadcast before bind': (socket) => socket.setBroadcast(true),
  setBroadcast: async (socket) => (await bound(socket)).setBroadcast(true),
  'buffer size before bind': (socket) => socket.getRecvBufferSize(),
  'setting a buffer size before bind': (socket) => socket.setSendBufferSize(1000),
  'a negative buffer size': (socket) => socket.setRecvBufferSize(-1),
  'a buffer size that is granted': async (socket) => {
    (await bound(socket)).setRecvBufferSize(100_000);
    return socket.getRecvBufferSize() >= 100_000;
  },
  'the send queue before bind': (socket) => [socket.getSendQueueSize(), socket.getSendQueueCount()],
  'the send queue at rest': async (socket) => {
    await bound(socket);
    return [socket.getSendQueueSize(), socket.getSendQueueCount()];
  },
  'addMembership without a group': (socket) => wrong(socket).addMembership?.(),
  'setMulticastTTL of a string': (socket) => wrong(socket).setMulticastTTL?.('1'),
  'setMulticastInterface of a number': (socket) => wrong(socket).setMulticastInterface?.(1),

  'bind gives the socket': (socket) => socket.bind() === socket,
  'bind twice': (socket) => {
    socket.bind();
    socket.bind();
  },
  'bind with a callback alone': (socket) => called(socket, (done) => socket.bind(done)),
  'bind of a port and a callback': (socket) => called(socket, (done) => socket.bind(0, done)),
  'bind of everything': (socket) => called(socket, (done) => socket.bind(0, '::', done)),
  'bind of options': (socket) => called(socket, (done) => socket.bind({ port: 0, exclusive: false }, done)),
  'bind with nothing': async (socket) => {
    await once(socket.bind(), 'listening');
    return socket.address().port > 1023;
  },
  'bind of a port as text': async (socket, { closed }) => {
    wrong(socket).bind?.(String(closed));
    await once(socket, 'listening');
    return socket.address().port === closed;
  },
  'bind to an address of somebody else': (socket) =>
    called(socket, (done) => socket.bind(0, '2001:db8::9', done)),
  'bind to an IPv4 address': (socket) => called(socket, (done) => socket.bind(0, '192.0.2.1', done)),
  'bind to our address': (socket, { home }) => called(socket, (done) => socket.bind(0, home, done)),
  'bind to a port in use': async (socket, { port }) => {
    const [first] = (await called(socket, (done) => socket.bind(port, done))) as unknown[];
    // It is unbound again.
    await bound(socket);
    return first === 'event';
  },
  'the error of a port in use': async (socket, { port }) => {
    socket.bind(port);
    const [{ code, syscall, errno }] = await once(socket, 'error').catch((error) => [error]);
    return [code, syscall, errno];
  },
  'two with reuseAddr on a port': async (_, side) => {
    const first = side.open({ reuseAddr: true });
    const second = side.open({ reuseAddr: true });
    await bound(first);
    second.bind(first.address().port);
    await once(second, 'listening');
    return [first, second].map((socket) => socket.close() === socket);
  },
  'bind of a file': (socket) => socket.bind({ fd: 1 }),
  bindSync: (socket) => socket.bindSync().port > 1023 && socket.bindSync(),
  'bindSync to a name': (socket) => socket.bindSync({ address: 'localhost' }),
  'bindSync to a bad port': (socket) => socket.bindSync({ port: 65_536 }),
  'bindSync to a port in use': (socket, { port }) => {
    try {
      socket.bindSync({ port });
    } catch (error) {
      return (error as NodeJS.ErrnoException).code;
    }
    return undefined;
  },

  'send of a string': (socket, side) => heard(side, () => socket.send('text', side.port, side.home)),
  'send of a buffer in part': (socket, side) =>
    heard(side, () => socket.send(Buffer.from('a buffer'), 2, 6, side.port, side.home)),
  'send of a string in part': (socket, side) =>
    heard(side, () => socket.send('a string', 2, 6, side.port, side.home)),
  'send of words': (socket, side) =>
    heard(side, () => socket.send(new Uint16Array([0x4141, 0x4242]), side.port, side.home)),
  'send of a view': (socket, side) =>
    heard(side, () => socket.send(new DataView(Buffer.from('xyz').buffer, 0, 0), side.port, side.home)),
  'send of a list': (socket, side) =>
    heard(side, () => socket.send(['one', Buffer.from('two'), new Uint8Array([51])], side.port, side.home)),
  'send of an empty list': (socket, side) => heard(side, () => socket.send([], side.port, side.home)),
  'send without an address goes home': (socket, side) => heard(side, () => socket.send('home', side.port)),
  'send to ::': (socket, side) => heard(side, () => socket.send('home', side.port, '::')),
  'send to a port as text': (socket, side) =>
    heard(side, () => wrong(socket).send?.('text', String(side.port), side.home)),
  'send by name': (socket, side) => {
    const lookup = (_: string, __: unknown, found: (e: null, a: string, f: number) => void) =>
      found(null, side.home, 6);
    const asking = side.open({ lookup });
    socket.close();
    return heard(side, () => asking.send('named', side.port, 'somewhere', () => asking.close()));
  },
  'what the callback of send is told': (socket, { port, home }) =>
    called(socket, (done) => socket.send('12345', port, home, done)),
  'the callback of send in part': (socket, { port, home }) =>
    called(socket, (done) => socket.send('12345', 1, 3, port, home, done)),
  'the callback of send without an address': (socket, { port }) =>
    called(socket, (done) => socket.send('12345', port, done)),
  'send of 65 527 octets': (socket, { port, home }) =>
    called(socket, (done) => socket.send(Buffer.alloc(65_527), port, home, done)),
  'send of one more': async (socket, { port, home }) => {
    const [error] = (await called(socket, (done) =>
      socket.send(Buffer.alloc(65_528), port, home, done),
    )) as Error[];
    return [(error as NodeJS.ErrnoException).code, (error as NodeJS.ErrnoException).syscall];
  },
  'send to an IPv4 address': (socket, { port }) =>
    called(socket, (done) => socket.send('x', port, '192.0.2.1', done)),
  'send to a name that is none': (socket, { port }) =>
    called(socket, (done) => socket.send('x', port, 'nobody.invalid', done)),
  'send to a name that is none, without a callback': (socket, { port }) =>
    called(socket, () => socket.send('x', port, 'nobody.invalid')),
  'send to nobody, unconnected': async (socket, { closed, home }) => {
    const sent = await called(socket, (done) => socket.send('x', closed, home, done));
    socket.once('error', () => unexpected.push(sent));
    await sleep(50);
    return sent;
  },
  'send to a blocked address': async (socket, side) => {
    const sendBlockList = new BlockList();
    sendBlockList.addAddress(side.home, 'ipv6');
    const blocked = side.open({ sendBlockList });
    socket.close();
    const answer = await called(blocked, (done) => blocked.send('x', side.port, side.home, done));
    blocked.close();
    return answer;
  },
  'send without a port': (socket) => socket.send('x'),
  'send to port 0': (socket) => socket.send('x', 0, '::1'),
  'send to port 65 536': (socket) => socket.send('x', 65_536, '::1'),
  'send of a number': (socket) => wrong(socket).send?.(5, 1, '::1'),
  'send of a list of numbers': (socket) => wrong(socket).send?.([5], 1, '::1'),
  'send to an address that is a number': (socket) => wrong(socket).send?.('x', 1, 5),
  'send from beyond the end': (socket) => socket.send(Buffer.alloc(3), 5, 1, 9, '::1'),
  'send beyond the end': (socket) => socket.send(Buffer.alloc(3), 1, 5, 9, '::1'),
  'sendto without a length': (socket) => wrong(socket).sendto?.('x', 0),

  'connect and where to': async (socket, { port, home }) => {
    socket.connect(port, home);
    await once(socket, 'connect');
    return [socket.remoteAddress(), socket.disconnect()];
  },
  'connect without an address': async (socket, { port }) => {
    await called(socket, (done) => socket.connect(port, done));
    return socket.remoteAddress();
  },
  'connect twice': (socket, { port }) => {
    socket.connect(port);
    socket.connect(port);
  },
  'connect to port 0': (socket) => socket.connect(0),
  'connect to an IPv4 address': (socket) => called(socket, (done) => socket.connect(9, '192.0.2.1', done)),
  'connect to a name that is none': (socket) => called(socket, () => socket.connect(9, 'nobody.invalid')),
  connectSync: (socket, { port, home }) => {
    socket.connectSync(port, home);
    return socket.remoteAddress();
  },
  'disconnect unconnected': (socket) => socket.disconnect(),
  'send on a connected socket': async (socket, side) => {
    await called(socket, (done) => socket.connect(side.port, side.home, done));
    return heard(side, () => socket.send('connected'));
  },
  'send in part on a connected socket': async (socket, side) => {
    await called(socket, (done) => socket.connect(side.port, side.home, done));
    const answer = called(socket, (done) => socket.send('connected', 3, 6, done));
    return [await heard(side, () => {}), await answer];
  },
  'send with a port on a connected socket': async (socket, side) => {
    await called(socket, (done) => socket.connect(side.port, side.home, done));
    socket.send('x', 0, 1, side.port);
  },
  'a connected socket hears of a closed port': async (socket, { closed, home }) => {
    await called(socket, (done) => socket.connect(closed, home, done));
    const refused = refusal(socket);
    socket.send('x');
    return refused;
  },
  'a connected socket hears nobody else': async (socket, side) => {
    await called(socket, (done) => socket.connect(side.closed, side.home, done));
    const messages: unknown[] = [];
    socket.on('message', (message) => messages.push(message));
    side.other.send('intruder', socket.address().port, side.home);
    await sleep(50);
    return messages;
  },

  'what a message tells of its sender': async (socket, side) => {
    const message = once(await bound(socket), 'message');
    side.other.send('hello', socket.address().port, side.home);
    const [octets, from] = await message;
    return [Buffer.isBuffer(octets), { ...from, port: from.port === side.port }];
  },
  'a blocked sender is not heard': async (socket, side) => {
    const receiveBlockList = new BlockList();
    receiveBlockList.addAddress(side.home, 'ipv6');
    const deaf = side.open({ receiveBlockList });
    socket.close();
    const messages: unknown[] = [];
    (await bound(deaf)).on('message', (message) => messages.push(message));
    side.other.send('hello', deaf.address().port, side.home);
    await sleep(50);
    deaf.close();
    return messages;
  },

  'close gives the socket, calls back and tells': async (socket) => {
    const closed = once(await bound(socket), 'close');
    const same = await new Promise((resolve) => {
      const given = socket.close(() => resolve(given === socket));
    });
    return [same, await closed];
  },
  'close while bind is under way': async (socket) => {
    socket.bind(() => unexpected.push('bound after close'));
    const closed = once(socket, 'close');
    socket.close();
    await sleep(20);
    return closed;
  },
  'close while something waits to be sent': (socket, side) => {
    const closed = once(socket, 'close');
    socket.send('last words', side.port, side.home);
    socket.close();
    return closed;
  },
  'close twice': (socket) => {
    socket.close();
    socket.close();
  },
  'a signal that comes': async (socket, side) => {
    const controller = new AbortController();
    const ended = await bound(side.open({ signal: controller.signal }));
    socket.close();
    controller.abort();
    return once(ended, 'close');
  },
  'a signal that has come': async (_, side) => once(side.open({ signal: AbortSignal.abort() }), 'close'),
  disposing: async (socket) => {
    await socket[Symbol.asyncDispose]();
    await socket[Symbol.asyncDispose]();
    socket.address();
  },
  ...Object.fromEntries(
    ['address', 'remoteAddress', 'close', 'bind', 'bindSync', 'ref', 'unref', 'disconnect'].map((method) => [
      `${method} when closed`,
      (socket: dgram.Socket) => {
        socket.close();
        return wrong(socket)[method]?.() === socket;
      },
    ]),
  ),
  'send when closed': (socket) => {
    socket.close();
    socket.send('x', 5, '::1');
  },
  'ref and unref': (socket) => socket.ref() === socket && socket.unref() === socket,
  'a type that is none': (_, side) => side.open({ type: 'udp5' }),
  'a lookup that is none': (_, side) => side.open({ lookup: 3 }),
  'a signal that is none': (_, side) => side.open({ signal: 3 }),
  'a buffer size that is none': (_, side) => side.open({ recvBufferSize: -3 }),
  'a block list that is none': (_, side) => side.open({ sendBlockList: {} }),
  'the type': (socket) => [Reflect.get(socket, 'type'), socket instanceof dgram.Socket],
};

/** What must not happen at any time. */
const unexpected: unknown[] = [];

/** How the story ended, in words that do not depend on whose address and which ports it was. */
async function ending(story: Story, socket: dgram.Socket, side: Side): Promise<string> {
  const words = (value: unknown): unknown =>
    value instanceof Error
      ? { ...value, class: value.constructor.name, message: value.message }
      : Array.isArray(value)
        ? value.map(words)
        : value;
  const outcome = await (async () => story(socket, side))().then(words, (error) => ['throws', words(error)]);
  return (JSON.stringify(outcome) ?? 'undefined')
    .replaceAll(side.home, 'HOME')
    .replaceAll('::1', 'HOME')
    .replace(/("port":|:)\d{4,5}\b/g, '$1PORT');
}

async function sideOf(home: string, open: Side['open']): Promise<Side> {
  const other = await bound(open());
  return { home, open, other, port: other.address().port, closed: 45_991 };
}

const router = await serveOn('127.77.41.1');
const tunnel = openTunnel({ routers: ['127.77.41.1'], onLink: ON_LINK });
await once(tunnel, 'address');
const sides = [
  await sideOf('::1', (options) => dgram.createSocket({ type: 'udp6', ...options })),
  await sideOf(tunnel.addresses[0] ?? '', (options) => createSocket({ type: 'udp6', ...options, tunnel })),
] as const;

test.after.always(() => {
  router.close();
  tunnel.close();
  sides[0].other.close();
});

for (const [name, story] of Object.entries(STORIES))
  test.serial(`as node:dgram: ${name}`, async (t) => {
    const endings: string[] = [];
    for (const side of sides) {
      const socket = side.open();
      socket.on('error', () => {});
      endings.push(await ending(story, socket, side));
      await socket[Symbol.asyncDispose]();
    }
    t.is(endings[1], endings[0]);
    t.deepEqual(unexpected, []);
  });
