/** What strangers do to a TCP port, with the clocks of net/tcp_limits.ts run fast. */
import test from 'ava';
import { closed, dial, listening, MESSAGE, until } from './support.ts';

const FAST = { wholeMessage: 100 } as const;

test('a message may come in any pieces', async (t) => {
  const one = await listening(t);
  const socket = await dial(t, one);
  for (const octet of MESSAGE) {
    socket.write(octet);
    if (octet === '\n') await new Promise((resolve) => setTimeout(resolve, 2));
  }
  socket.write(`${MESSAGE}${MESSAGE}`);
  await until(() => one.received.length === 3);
  t.deepEqual([...new Set(one.received.map(({ text }) => text))], [MESSAGE]);
});

test('a double CRLF is answered with one (RFC 5626 3.5.1)', async (t) => {
  const one = await listening(t);
  const socket = await dial(t, one, '::1');
  let heard = '';
  socket.on('data', (chunk) => {
    heard += chunk;
  });
  socket.write('\r\n\r\n');
  await until(() => heard === '\r\n');
  socket.write(MESSAGE);
  await until(() => one.received.length === 1);
  t.is(heard, '\r\n');
});

test('our own connections are kept alive, and the answers are no messages', async (t) => {
  const [one, other] = [await listening(t, { limits: { keepAlive: 20 } }), await listening(t)];
  const flow = await one.door.flowTo('tcp', { family: 4, address: '127.0.0.1', port: other.door.port });
  one.door.send(flow, Buffer.from(MESSAGE), 'a');
  await until(() => other.received.length === 1);
  await new Promise((resolve) => setTimeout(resolve, 100));
  t.is(other.received.length, 1);
  t.is(one.received.length, 0);
  t.is(one.door.connections, 1);
  t.deepEqual([...one.dropped, ...other.dropped], []);
});

const HALF: Readonly<Record<string, string>> = {
  'half a start line': 'OPTIONS sip:x',
  'a header part without its end': 'OPTIONS sip:x@y SIP/2.0\r\nCall-ID: 1\r\n',
  'a body shorter than Content-Length': 'OPTIONS sip:x@y SIP/2.0\r\nContent-Length: 4000\r\n\r\nshort',
  'nothing at all': '',
};

for (const [what, octets] of Object.entries(HALF)) {
  test(`${what} is waited for only so long`, async (t) => {
    const one = await listening(t, { limits: FAST });
    const socket = await dial(t, one);
    socket.write(octets);
    t.true(await closed(socket));
    t.deepEqual(one.received, []);
    await until(() => one.dropped.length > 0);
    t.deepEqual(one.dropped, ['tcp-slow']);
    await until(() => one.door.connections === 0);
  });
}

test('octets that trickle in do not extend the time for a message', async (t) => {
  const one = await listening(t, { limits: FAST });
  const socket = await dial(t, one);
  socket.write('OPTIONS sip:x@y SIP/2.0\r\n');
  const trickle = setInterval(() => socket.write('X: y\r\n'), 10);
  t.teardown(() => clearInterval(trickle));
  t.true(await closed(socket));
  await until(() => one.dropped.length > 0);
  t.deepEqual(one.dropped, ['tcp-slow']);
});

const UNREADABLE: Readonly<Record<string, string>> = {
  'a negative Content-Length': 'OPTIONS sip:x@y SIP/2.0\r\nContent-Length: -999\r\n\r\n',
  'a Content-Length beyond all measure': 'OPTIONS sip:x@y SIP/2.0\r\nContent-Length: 99999999999\r\n\r\n',
  'another protocol': 'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
  'two that differ': 'OPTIONS sip:x@y SIP/2.0\r\nContent-Length: 0\r\nl: 4\r\n\r\n',
};

for (const [what, octets] of Object.entries(UNREADABLE)) {
  test(`${what} ends the connection, after the message was handed up to be answered`, async (t) => {
    const one = await listening(t, { limits: FAST });
    const socket = await dial(t, one);
    socket.write(`${octets}${MESSAGE}`);
    t.true(await closed(socket));
    t.is(one.received.length, 1);
    t.false(one.received[0]?.text.includes('body'));
    await until(() => one.dropped.length > 0);
    t.deepEqual(one.dropped, ['tcp-framing']);
  });
}

test('thousands of header fields end the connection without being kept', async (t) => {
  const one = await listening(t);
  const socket = await dial(t, one);
  socket.write('OPTIONS sip:x@y SIP/2.0\r\n');
  const field = `X-Field: ${'x'.repeat(90)}\r\n`;
  for (let i = 0; i < 50 && !socket.destroyed; i++) {
    socket.write(field.repeat(100));
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.true(await closed(socket));
  t.deepEqual(one.received, []);
});

test('one address cannot take all connections', async (t) => {
  const one = await listening(t, { limits: { connectionsPerAddress: 3 } });
  const sockets = [];
  for (let i = 0; i < 4; i++) sockets.push(await dial(t, one));
  t.true(await closed(sockets[3] ?? (await dial(t, one))));
  t.is(one.door.connections, 3);
  await dial(t, one, '::1');
  await until(() => one.door.connections === 4);
  await until(() => one.dropped.length > 0);
  t.deepEqual(one.dropped, ['tcp-too-many-of-address']);
});

test('when every place is taken the one that never said a thing makes way', async (t) => {
  const one = await listening(t, { limits: { connections: 2 } });
  const talker = await dial(t, one);
  talker.write(MESSAGE);
  await until(() => one.received.length === 1);
  const mute = await dial(t, one);
  await until(() => one.door.connections === 2);
  await dial(t, one, '::1');
  t.true(await closed(mute));
  t.false(talker.destroyed);
  await until(() => one.dropped.length > 0);
  t.deepEqual(one.dropped, ['tcp-crowded-out']);
});

test('a peer that reads nothing is cut off before our memory is full', async (t) => {
  const one = await listening(t, { limits: { backlog: 100_000 } });
  const socket = await dial(t, one);
  socket.pause();
  socket.write(MESSAGE);
  await until(() => one.received.length === 1);
  const flow = one.received[0]?.flow;
  if (!flow) throw new Error('nothing came');
  for (let i = 0; i < 1_000 && one.errors.length === 0; i++) {
    one.door.send(flow, Buffer.alloc(50_000, 'x'), `${i}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.true(one.errors.length > 0);
  await until(() => one.dropped.length > 0);
  t.deepEqual(one.dropped, ['tcp-backlog']);
  await until(() => one.door.connections === 0);
  t.pass();
});

test('an idle connection is closed', async (t) => {
  const one = await listening(t, { limits: { idle: 50, wholeMessage: 10_000 } });
  const socket = await dial(t, one);
  socket.write(MESSAGE);
  t.true(await closed(socket));
  t.deepEqual(one.dropped, []);
});
