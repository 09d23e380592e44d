/** The web page's server: its files over HTTP, its conversation over one WebSocket at /ws. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Control } from '#phone/types.ts';
import { Access, newToken, split, type Verdict } from './access.ts';
import type { AdminSite } from './admin/site.ts';
import { Connection } from './connection.ts';
import { WebError } from './errors.ts';
import { type PageFile, readPage } from './files.ts';
import { SECURITY_HEADERS } from './headers.ts';
import { isLoopback, urlHost } from './host.ts';
import { MESSAGE_OCTETS, PAGES } from './limits.ts';
import { SoundDesk } from './sound_desk.ts';

const SOCKET_PATH = '/ws';
/** RFC 6455 7.4.1 */
const GOING_AWAY = 1001;
const TRY_AGAIN_LATER = 1013;
const CLOSE_WITHIN_MS = 500;

export interface WebOptions {
  readonly control: Control;
  /** Port 0 takes a free one. */
  readonly http: { readonly host: string; readonly port: number };
  /** The page as Vite built it. */
  readonly pageDir: string;
  /** Default: 192 random bits. */
  readonly token?: string;
  /** Answers what lies below /admin/, on this machine alone; looked at for each request. Absent: there is nothing. */
  readonly admin?: Pick<AdminSite, 'handle'> | undefined;
}

export interface Web {
  /** With the token: for the person who started the phone, and nobody else. */
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the page. Throws WebError when the page is not built or the address cannot be had. */
export async function startWeb(options: WebOptions): Promise<Web> {
  const files = readPage(options.pageDir);
  const server = createServer({ maxHeaderSize: 8192, headersTimeout: 10_000, requestTimeout: 10_000 });
  server.maxConnections = 64;
  const port = await listen(server, options.http.host, options.http.port);
  const token = options.token ?? newToken();
  const access = new Access(token, options.http.host, port);
  server.on('request', (request, response) => {
    const verdict = access.judge(request);
    if (verdict.kind === 'allow' && options.admin && isForAdmin(request)) {
      void options.admin.handle(request, response, { secure: false, port, handset: '/' });
      return;
    }
    const { status, headers, body } = answer(verdict, request, files);
    const length = String(Buffer.byteLength(body));
    response.writeHead(status, { ...SECURITY_HEADERS, ...headers, 'Content-Length': length }).end(body);
  });
  const sockets = acceptPages(server, access, options.control);
  const host = /^(0\.0\.0\.0|\[?::\]?)?$/.test(options.http.host) ? 'localhost' : options.http.host;
  return {
    url: `http://${urlHost(host)}:${port}/?token=${encodeURIComponent(token)}`,
    close: () => close(server, sockets),
  };
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(whyNot(error, host, port)));
    server.listen(port, host.replace(/^\[(.*)\]$/, '$1'), () => {
      server.removeAllListeners('error');
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function whyNot(error: NodeJS.ErrnoException, host: string, port: number): WebError {
  const at = `${urlHost(host)}:${port}`;
  if (error.code === 'EADDRINUSE') {
    const text = `${at} is in use, by another phone perhaps; choose another with --http HOST:PORT, or --http off.`;
    return new WebError('address-in-use', text, error);
  }
  return new WebError(
    'cannot-listen',
    `The web page cannot listen on ${at} (${error.message}); choose another address with --http HOST:PORT, or --http off.`,
    error,
  );
}

/** Without TLS the owner's password goes no further than this machine. */
function isForAdmin({ url = '', socket }: IncomingMessage): boolean {
  return url.startsWith('/admin/') && isLoopback(socket.remoteAddress);
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

function answer(verdict: Verdict, request: IncomingMessage, files: ReadonlyMap<string, PageFile>): Answer {
  if (verdict.kind === 'refuse') return inWords(403, verdict.why);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return inWords(405, 'Only GET and HEAD.', { Allow: 'GET, HEAD' });
  }
  if (verdict.kind === 'enter') {
    return inWords(303, 'Welcome.', { 'Set-Cookie': verdict.cookie, Location: verdict.location });
  }
  const [path] = split(request.url ?? '');
  if (path.startsWith('/admin/')) return inWords(404, NO_ADMIN);
  const file = files.get(path);
  if (file === undefined) return inWords(404, 'Not found.');
  return {
    status: 200,
    headers: { 'Content-Type': file.type, 'Cache-Control': file.cache },
    body: file.body,
  };
}

const NO_ADMIN =
  'The settings are not here: they are switched off (admin.listen), or this is not the machine of the phone; from another one they are at https://…:8443/ (admin.port).';

function inWords(status: number, text: string, headers: Record<string, string> = {}): Answer {
  const plain = { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' };
  return { status, headers: { ...plain, ...headers }, body: `${text}\n` };
}

function acceptPages(server: Server, access: Access, control: Control): WebSocketServer {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_OCTETS,
    perMessageDeflate: false,
  });
  const desk = new SoundDesk();
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => stream.destroy());
    if (access.judge(request).kind !== 'allow') return turnAway(stream, '403 Forbidden');
    if (split(request.url ?? '')[0] !== SOCKET_PATH) return turnAway(stream, '404 Not Found');
    sockets.handleUpgrade(request, stream, head, (socket) => {
      // Accepted and closed with a code: a page cannot see the status of a refused upgrade.
      if (sockets.clients.size > PAGES) socket.close(TRY_AGAIN_LATER, `${PAGES} pages are open already`);
      else new Connection(socket, control, desk);
    });
  });
  return sockets;
}

function turnAway(stream: Duplex, status: string): void {
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** Says goodbye to every page; who does not answer in time is cut off. */
async function close(server: Server, sockets: WebSocketServer): Promise<void> {
  for (const socket of sockets.clients) socket.close(GOING_AWAY, 'the phone was switched off');
  const cutOff = setTimeout(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
  }, CLOSE_WITHIN_MS);
  const ended = (thing: Server | WebSocketServer) =>
    new Promise<void>((resolve) => {
      thing.close(() => resolve());
    });
  const both = Promise.all([ended(sockets), ended(server)]);
  server.closeIdleConnections();
  await both;
  clearTimeout(cutOff);
}
