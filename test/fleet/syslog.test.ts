/** The log on its way to real servers over UDP, TCP and TLS on loopback. */
import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import test from 'ava';
import { Syslog } from '#fleet/syslog.ts';
import { scratch } from '../support/phone_process.ts';
import { until } from '../support/process.ts';

const QUICK = [20, 50];

/** The texts of counted lines (RFC 6587 3.4.1). */
function textsOf(received: string): string[] {
  const texts: string[] = [];
  for (let rest = Buffer.from(received); rest.length > 0; ) {
    const space = rest.indexOf(' ');
    const end = space + 1 + Number(rest.toString('latin1', 0, space));
    texts.push(rest.toString('utf8', space + 1, end).split('\uFEFF')[1] ?? '');
    rest = rest.subarray(end);
  }
  return texts;
}

async function listening(server: Server, port = 0, host = '::1'): Promise<number> {
  server.listen(port, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** All that came over connections, and the connections. */
function collect(server: Server, event: 'connection' | 'secureConnection' = 'connection') {
  const got = { text: '', sockets: new Set<Socket>() };
  server.on('connection', (socket) => got.sockets.add(socket));
  server.on(event, (socket: Socket) => {
    socket.setEncoding('utf8').on('data', (text) => {
      got.text += text;
    });
    socket.on('error', () => {});
  });
  return got;
}

test('over UDP each line is a datagram, over IPv6 as over IPv4', async (t) => {
  for (const [type, host] of [
    ['udp6', '::1'],
    ['udp4', '127.0.0.1'],
  ] as const) {
    const server = createSocket(type);
    const lines: string[] = [];
    server.on('message', (octets) => void lines.push(octets.toString()));
    server.bind(0, host);
    await once(server, 'listening');
    const { port } = server.address();
    const syslog = new Syslog({
      server: type === 'udp6' ? `[${host}]:${port}` : `${host}:${port}`,
      transport: 'udp',
      level: 'info',
    });
    syslog.log('debug', 'nobody asked for this');
    syslog.log('info', 'one');
    syslog.log('error', `two ${'long '.repeat(1000)}`);
    await until(
      'two datagrams',
      async () => lines.length === 2 || undefined,
      3000,
      () => lines.join('\n'),
    );
    t.regex(lines[0] ?? '', /^<30>1 .*one$/);
    t.true(Buffer.byteLength(lines[1] ?? '') <= 1232);
    await syslog.close();
    server.close();
  }
});

test('over TCP lines wait for a server that comes later, and none is lost or said twice', async (t) => {
  const finder = createServer();
  const port = await listening(finder);
  finder.close();
  await once(finder, 'close');
  const syslog = new Syslog({ server: `[::1]:${port}`, transport: 'tcp', level: 'debug', backOff: QUICK });
  for (let n = 0; n < 20; n++) syslog.log('info', `line ${n}`);
  await sleep(60);
  const server = createServer();
  const got = collect(server);
  await listening(server, port);
  await until(
    'all lines',
    async () => got.text.includes('line 19') || undefined,
    3000,
    () => got.text,
  );
  t.deepEqual(
    textsOf(got.text),
    Array.from({ length: 20 }, (_, n) => `line ${n}`),
  );
  await syslog.close();
  server.close();
});

test('a server that went away is found again, and the newest lines have waited for it', async (t) => {
  const server = createServer();
  const got = collect(server);
  const port = await listening(server);
  const syslog = new Syslog({ server: `[::1]:${port}`, transport: 'tcp', level: 'info', backOff: QUICK });
  syslog.log('info', 'before');
  await until(
    'a line',
    async () => got.text.includes('before') || undefined,
    3000,
    () => got.text,
  );
  for (const socket of got.sockets) socket.destroy();
  server.close();
  await once(server, 'close');
  await sleep(50);
  for (let n = 0; n < 1100; n++) syslog.log('info', `while away ${n}.`);
  const again = createServer();
  const later = collect(again);
  await listening(again, port);
  await until(
    'the last line',
    async () => later.text.includes('away 1099.') || undefined,
    5000,
    () => later.text,
  );
  t.regex(later.text, /10\d lines of the log were lost/);
  t.false(later.text.includes('away 50.'));
  t.true(syslog.status.lost >= 100 && syslog.status.lost < 110, 'some were on their way');
  await until('nothing waits', () => syslog.status.waiting === 0);
  await syslog.close();
  again.close();
});

test('over TLS only a server with a certificate that is believed gets anything', async (t) => {
  const directory = scratch('syslog');
  const [key, certificate] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
      ...[
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=DNS:localhost',
        '-keyout',
        key,
        '-out',
        certificate,
      ],
    ],
    { stdio: 'ignore' },
  );
  const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(certificate) });
  server.on('tlsClientError', () => {});
  const got = collect(server, 'secureConnection');
  const port = await listening(server, 0, '127.0.0.1');
  const options = { server: `localhost:${port}`, transport: 'tls', level: 'info', backOff: QUICK } as const;
  const stranger = new Syslog(options);
  stranger.log('info', 'for friends only');
  await sleep(200);
  await stranger.close();
  t.is(got.text, '');
  const syslog = new Syslog({ ...options, ca: [readFileSync(certificate, 'utf8')] });
  syslog.log('info', 'hello');
  await until(
    'a line',
    async () => got.text.includes('hello') || undefined,
    3000,
    () => got.text,
  );
  await syslog.close();
  server.close();
});

test('a server that can be none is refused by name', (t) => {
  for (const server of ['', 'a b', '[::1', '192.0.2.1:99999', '[192.0.2.1]:5'])
    t.throws(() => new Syslog({ server, transport: 'udp', level: 'info' }), { instanceOf: RangeError });
});
