/** TLS between two of our own transports, and against servers that are not what they should be. */
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, connect as dialTcp, type Server } from 'node:net';
import { createServer as createTlsServer, connect as dialTls, type TlsOptions } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import type { Endpoint } from '#address/endpoint.ts';
import type { Flow } from '#sip/types.ts';
import { Authority, type Certificate, type CertificateWish } from './certificates.ts';
import { closed, type Listening, listening, MESSAGE, until } from './support.ts';

const authority = new Authority();
const strangers = new Authority();
test.after.always(() => {
  authority.remove();
  strangers.remove();
});

const GOOD: CertificateWish = { names: 'URI:sip:pbx.test' };
const LOOPBACK = [
  { family: 4, address: '127.0.0.1' },
  { family: 6, address: '::1' },
] as const;

/** A phone that believes the test's authority. */
const trusting = (t: ExecutionContext, limits = {}): Promise<Listening> =>
  listening(t, { tls: { caFile: authority.file }, limits });

/** A phone that can be called over TLS. */
async function callable(t: ExecutionContext, certificate: Certificate): Promise<[Listening, number]> {
  const phone = await listening(t, { tls: { port: 0, ...certificate } });
  const port = phone.door.tlsPort;
  if (port === undefined) throw new Error(phone.door.problems.join());
  return [phone, port];
}

/** Its port. `server` is anybody's. */
async function served(t: ExecutionContext, server: Server, host = '127.0.0.1'): Promise<number> {
  t.teardown(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return (server.address() as AddressInfo).port;
}

function pem({ certificateFile, keyFile }: Certificate): TlsOptions {
  return { cert: readFileSync(certificateFile), key: readFileSync(keyFile) };
}

/** Sends a message to a TLS server with this certificate; how it ends. */
async function outcome(t: ExecutionContext, phone: Listening, flow: Flow): Promise<string> {
  phone.door.send(flow, Buffer.from(MESSAGE), 'it');
  await until(() => phone.errors.length > 0 || phone.received.length > 0);
  t.is(phone.errors[0]?.[0] ?? 'it', 'it');
  return phone.errors[0]?.[1] ?? 'answered';
}

/** Echoes what it hears. */
function echo(options: TlsOptions): Server {
  return createTlsServer(options, (socket) => socket.on('error', () => {}).pipe(socket));
}

for (const { family, address } of LOOPBACK) {
  test(`a message goes over TLS and IPv${family}, and the answer back over the same connection`, async (t) => {
    const [server, port] = await callable(t, authority.issue(GOOD));
    const phone = await trusting(t);
    const remote: Endpoint = { family, address, port };
    const flow = await phone.door.flowTo('tls', remote, 'pbx.test');
    phone.door.send(flow, Buffer.from(MESSAGE), 'there');
    await until(() => server.received.length === 1);
    const [arrived] = server.received;
    t.is(arrived?.text, MESSAGE);
    t.like(arrived?.flow, { transport: 'tls', local: remote });
    // Who does not listen for TLS is reached over its connection: that is the end that it names.
    t.deepEqual(arrived?.flow.remote, flow.local);
    if (arrived) server.door.send(arrived.flow, Buffer.from(MESSAGE), 'back');
    await until(() => phone.received.length === 1);
    t.like(phone.received[0]?.flow, { transport: 'tls', local: flow.local, remote });
    t.deepEqual([...phone.errors, ...server.errors], []);
  });
}

const JUDGED: readonly (readonly [
  what: string,
  wish: CertificateWish,
  calling: string,
  says: RegExp | 'answered',
])[] = [
  ['a sip: URI names the domain', GOOD, 'PBX.Test', 'answered'],
  ['a DNS name does where there is no sip: URI', { names: 'DNS:pbx.test' }, 'pbx.test', 'answered'],
  [
    'a DNS name does not beside a sip: URI',
    { names: 'URI:sip:other.test,DNS:pbx.test' },
    'pbx.test',
    /is for other\.test, not for pbx\.test/,
  ],
  ['a sips: URI names nobody', { names: 'URI:sips:pbx.test' }, 'pbx.test', /is for nobody/],
  ['a user is no domain', { names: 'URI:sip:alice@pbx.test' }, 'pbx.test', /is for nobody/],
  ['a wildcard matches nothing', { names: 'DNS:*.test' }, 'pbx.test', /is for \*\.test, not for pbx\.test/],
  ['a suffix is no match', { names: 'DNS:test' }, 'pbx.test', /not for pbx\.test/],
  [
    'the common name does where there is nothing else',
    { names: null, commonName: 'pbx.test' },
    'pbx.test',
    'answered',
  ],
  [
    'the common name does not beside another name',
    { names: 'DNS:a.test', commonName: 'pbx.test' },
    'pbx.test',
    /is for a\.test/,
  ],
  ['an address is named as such', { names: 'IP:127.0.0.1' }, '127.0.0.1', 'answered'],
  ['an address is not named by a domain', GOOD, '127.0.0.1', /not for 127\.0\.0\.1/],
  ['what has expired counts no more', { ...GOOD, days: -1 }, 'pbx.test', /has expired/],
  [
    "a client's certificate makes no server",
    { ...GOOD, usage: 'clientAuth' },
    'pbx.test',
    /not meant for servers/,
  ],
];

for (const [what, wish, calling, says] of JUDGED) {
  test(`in a certificate, ${what}`, async (t) => {
    const port = await served(t, echo(pem(authority.issue(wish))));
    const phone = await trusting(t);
    const remote: Endpoint = { family: 4, address: '127.0.0.1', port };
    const end = await outcome(t, phone, await phone.door.flowTo('tls', remote, calling));
    if (says === 'answered') t.is(end, says);
    else t.regex(end, says);
  });
}

test('nothing is said to a server before it proved who it is', async (t) => {
  const heard: Buffer[] = [];
  const server = createTlsServer(pem(authority.issue({ names: 'DNS:thief.test' })), (socket) =>
    socket.on('error', () => {}).on('data', (chunk) => heard.push(chunk)),
  );
  const port = await served(t, server);
  const phone = await trusting(t);
  const flow = await phone.door.flowTo('tls', { family: 4, address: '127.0.0.1', port }, 'pbx.test');
  t.regex(await outcome(t, phone, flow), /thief\.test/);
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.deepEqual(heard, []);
});

test('an authority that nobody knows vouches for nothing, until its file is named', async (t) => {
  const port = await served(t, echo(pem(strangers.issue(GOOD))));
  const phone = await trusting(t);
  const flow = await phone.door.flowTo('tls', { family: 4, address: '127.0.0.1', port }, 'pbx.test');
  t.regex(await outcome(t, phone, flow), /authority that we do not know.*|sends no intermediate/);
});

test('a server that vouches for itself is told apart', async (t) => {
  const own = Authority.selfSigned(authority.directory, 'URI:sip:pbx.test');
  const port = await served(t, echo(pem(own)));
  const phone = await listening(t);
  const flow = await phone.door.flowTo('tls', { family: 4, address: '127.0.0.1', port }, 'pbx.test');
  t.regex(await outcome(t, phone, flow), /net\.tlsCa/);
});

test('old versions of TLS are refused', async (t) => {
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const;
  const port = await served(t, echo({ ...pem(authority.issue(GOOD)), ...old }));
  const phone = await trusting(t);
  const flow = await phone.door.flowTo('tls', { family: 4, address: '127.0.0.1', port }, 'pbx.test');
  t.regex(await outcome(t, phone, flow), /too old|PROTOCOL|no cipher/);
});

test('a server that speaks plain SIP is said to speak no TLS', async (t) => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.write('SIP/2.0 400 Bad Request\r\nContent-Length: 0\r\n\r\n'));
  });
  const port = await served(t, server);
  const phone = await trusting(t);
  const flow = await phone.door.flowTo('tls', { family: 4, address: '127.0.0.1', port }, 'pbx.test');
  t.regex(await outcome(t, phone, flow), /does not speak TLS/);
});

test('our own plain port answers a handshake with its end', async (t) => {
  const other = await listening(t, { limits: { wholeMessage: 100 } });
  const phone = await trusting(t);
  const remote: Endpoint = { family: 4, address: '127.0.0.1', port: other.door.port };
  const end = await outcome(t, phone, await phone.door.flowTo('tls', remote, 'pbx.test'));
  t.regex(end, /TLS|cut|closed/);
});

test('a handshake that is never finished is given up', async (t) => {
  const port = await served(
    t,
    createServer((socket) => socket.on('error', () => {}).resume()),
  );
  const phone = await trusting(t, { connect: 100 });
  const flow = await phone.door.flowTo('tls', { family: 4, address: '127.0.0.1', port }, 'pbx.test');
  t.regex(await outcome(t, phone, flow), /handshake was not finished/);
  t.deepEqual(phone.dropped, ['tls-no-handshake']);
  t.is(phone.door.connections, 0);
});

test('requests to one domain at one place share a connection, those to another domain do not', async (t) => {
  const both = 'URI:sip:pbx.test,URI:sip:other.test';
  const [server, port] = await callable(t, authority.issue({ names: both }));
  const phone = await trusting(t);
  const remote: Endpoint = { family: 6, address: '::1', port };
  for (const domain of ['pbx.test', 'pbx.test', 'other.test']) {
    phone.door.send(await phone.door.flowTo('tls', remote, domain), Buffer.from(MESSAGE), domain);
  }
  await until(() => server.received.length === 3);
  t.is(server.door.connections, 2);
  // A Record-Route names the proxy by its address: its connection is there already.
  phone.door.send(await phone.door.flowTo('tls', remote), Buffer.from(MESSAGE), 'address');
  await until(() => server.received.length === 4);
  t.is(server.door.connections, 2);
});

test('flows to one place name the same end of ours before and after they are connected', async (t) => {
  const [, port] = await callable(t, authority.issue(GOOD));
  const phone = await trusting(t);
  const remote: Endpoint = { family: 4, address: '127.0.0.1', port };
  const flows = await Promise.all([1, 2].map(() => phone.door.flowTo('tls', remote, 'pbx.test')));
  t.deepEqual(flows[0], flows[1]);
  if (flows[0]) phone.door.connect(flows[0], 'open');
  await until(() => phone.connected.length === 1);
  t.deepEqual(await phone.door.flowTo('tls', remote, 'pbx.test'), flows[0]);
});

test('a caller who opened a TLS connection proved nothing: requests to there need another', async (t) => {
  const [server, port] = await callable(t, authority.issue(GOOD));
  const socket = dialTls({ host: '127.0.0.1', port, rejectUnauthorized: false });
  t.teardown(() => socket.destroy());
  socket.on('error', () => {}).write(MESSAGE);
  await until(() => server.received.length === 1);
  const remote = server.received[0]?.flow.remote;
  if (!remote) throw new Error('nothing came');
  server.door.send(await server.door.flowTo('tls', remote), Buffer.from(MESSAGE), 'new');
  await until(() => server.errors.length === 1);
  t.regex(server.errors[0]?.[1] ?? '', /ECONNREFUSED/);
});

test('callers over TLS who do not shake hands are let go, and close waits for none of them', async (t) => {
  const certificate = authority.issue(GOOD);
  const impatient = await listening(t, { tls: { port: 0, handshake: 100, ...certificate } });
  const port = impatient.door.tlsPort ?? 0;
  const [mute, plain] = ['', MESSAGE].map((text) => {
    const socket = dialTcp({ host: '127.0.0.1', port }, () => socket.write(text));
    t.teardown(() => socket.destroy());
    return socket.on('error', () => {});
  });
  t.true(plain && (await closed(plain)));
  t.true(mute && (await closed(mute)));
  t.deepEqual(impatient.received, []);

  const [patient, other] = await callable(t, certificate);
  const half = dialTcp({ host: '127.0.0.1', port: other });
  t.teardown(() => half.destroy());
  await new Promise((resolve) => half.on('error', () => {}).once('connect', resolve));
  const start = performance.now();
  await patient.door.close(50);
  t.true(performance.now() - start < 1_000);
});

test('files that cannot be used are a problem that is told, and no more', async (t) => {
  const missing = await listening(t, { tls: { caFile: '/nowhere/ca.pem' } });
  t.regex(missing.door.problems.join(), /net\.tlsCa: \/nowhere\/ca\.pem cannot be read \(ENOENT\)/);
  const flow = await missing.door.flowTo('tls', { family: 4, address: '127.0.0.1', port: 9 }, 'pbx.test');
  t.regex(await outcome(t, missing, flow), /nowhere/);
  const { certificateFile } = authority.issue(GOOD);
  const keyless = await listening(t, { tls: { port: 0, certificateFile } });
  t.regex(keyless.door.problems.join(), /net\.tlsKey is missing/);
  t.is(keyless.door.tlsPort, undefined);
  const nonsense = await listening(t, { tls: { port: 0, certificateFile, keyFile: certificateFile } });
  t.regex(nonsense.door.problems.join(), /not a usable PEM file/);
});
