/**
 * Sends the log to a syslog server: over UDP (RFC 5426), TCP (RFC 6587) or TLS (RFC 5425). While there is no way to
 * it lines wait, the newest of them; how many were lost is said when it is there again. Never throws, never waits.
 */
import { createSocket, type Socket as Datagrams } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { connect, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { connect as connectTls } from 'node:tls';
import { type ServerName, serverName } from './server_name.ts';
import { counted, SYSLOG_LEVELS, type SyslogEntry, type SyslogLevel, syslogLine } from './syslog_line.ts';

export type SyslogTransport = 'udp' | 'tcp' | 'tls';

export interface SyslogOptions {
  /** `HOST[:PORT]`; the port: 514, over TLS 6514. */
  readonly server: string;
  readonly transport: SyslogTransport;
  readonly level: SyslogLevel;
  /** PEM of authorities believed besides those of the system. */
  readonly ca?: readonly string[];
  /** ms since the epoch; absent: the system's clock. */
  readonly time?: () => number;
  /** Until a way is tried again, ms; the last stays. */
  readonly backOff?: readonly number[];
}

const PORTS: Readonly<Record<SyslogTransport, number>> = { udp: 514, tcp: 514, tls: 6514 };
/** Fits an IPv6 packet of 1280 octets, which every way carries whole (RFC 5426 3.2). */
const LONGEST_DATAGRAM = 1232;
/** RFC 5424 6.1: every receiver should take so many octets. */
const LONGEST = 2048;
const MOST_WAITING = 1000;
const BACK_OFF: readonly number[] = [1000, 2000, 5000, 15_000, 60_000];
const CONNECT_MS = 10_000;

/** A way to the server, while it is open. */
interface Way {
  /** Whether the line is on its way; false: later. */
  send(line: Buffer): Promise<void>;
  close(): void;
}

export class Syslog {
  readonly #options: SyslogOptions;
  readonly #server: ServerName;
  readonly #time: () => number;
  readonly #origin = { host: hostname(), process: process.pid };
  #waiting: SyslogEntry[] = [];
  /** Since this was said last. */
  #lost = 0;
  #lostInAll = 0;
  #tries = 0;
  #way: Way | undefined;
  #busy = false;
  #again: NodeJS.Timeout | undefined;
  #closed = false;

  /** @throws RangeError where `server` is no name of one */
  constructor(options: SyslogOptions) {
    this.#options = options;
    this.#time = options.time ?? Date.now;
    const server = serverName(options.server, PORTS[options.transport]);
    if (server === undefined) throw new RangeError(`${options.server} is no HOST[:PORT]`);
    this.#server = server;
  }

  log(level: SyslogLevel, text: string): void {
    if (this.#closed || SYSLOG_LEVELS.indexOf(level) < SYSLOG_LEVELS.indexOf(this.#options.level)) return;
    if (this.#waiting.length >= MOST_WAITING) {
      this.#waiting.shift();
      this.#lost += 1;
      this.#lostInAll += 1;
    }
    this.#waiting.push({ level, text, time: this.#time() });
    if (this.#again === undefined) void this.#drain();
  }

  /** Lines that the server never got, and those that it may still get. */
  get status(): { readonly lost: number; readonly waiting: number } {
    return { lost: this.#lostInAll, waiting: this.#waiting.length };
  }

  /** What waits is tried once more, for a second at most. */
  async close(): Promise<void> {
    clearTimeout(this.#again);
    this.#again = undefined;
    const late = new Promise<void>((resolve) => setTimeout(resolve, 1000).unref());
    await Promise.race([this.#drain(), late]);
    this.#closed = true;
    clearTimeout(this.#again);
    this.#way?.close();
  }

  async #drain(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      while (!this.#closed && this.#waiting.length > 0) await this.#sendFirst();
    } catch {
      this.#retry();
    } finally {
      this.#busy = false;
    }
  }

  async #sendFirst(): Promise<void> {
    this.#way ??= await this.#open();
    if (this.#lost > 0) {
      const text = `${this.#lost} lines of the log were lost while the syslog server could not be reached`;
      await this.#way.send(this.#line({ level: 'warn', text, time: this.#time() }));
      this.#lost = 0;
    }
    const [first] = this.#waiting;
    if (first === undefined) return;
    await this.#way.send(this.#line(first));
    if (this.#waiting[0] === first) this.#waiting.shift();
    this.#tries = 0;
  }

  #line(entry: SyslogEntry): Buffer {
    if (this.#options.transport === 'udp') return syslogLine(entry, this.#origin, LONGEST_DATAGRAM);
    return counted(syslogLine(entry, this.#origin, LONGEST));
  }

  #retry(): void {
    this.#way?.close();
    this.#way = undefined;
    if (this.#closed) return;
    const backOff = this.#options.backOff ?? BACK_OFF;
    const ms = backOff[Math.min(this.#tries, backOff.length - 1)] ?? 60_000;
    this.#tries += 1;
    this.#again = setTimeout(() => {
      this.#again = undefined;
      void this.#drain();
    }, ms).unref();
  }

  #open(): Promise<Way> {
    const lost = (): void => {
      this.#way = undefined;
    };
    return this.#options.transport === 'udp'
      ? openDatagrams(this.#server)
      : openStream(this.#server, this.#options, lost);
  }
}

async function openDatagrams({ host, port }: ServerName): Promise<Way> {
  const { address, family } = await lookup(host);
  const socket: Datagrams = createSocket(family === 6 ? 'udp6' : 'udp4').unref();
  // An ICMP error of a line before; the line after it says the same.
  socket.on('error', () => {});
  return {
    send: (line) =>
      new Promise((resolve, reject) =>
        socket.send(line, port, address, (error) => (error ? reject(error) : resolve())),
      ),
    close: () => socket.close(),
  };
}

/** `lost`: the connection has ended. */
function openStream({ host, port }: ServerName, options: SyslogOptions, lost: () => void): Promise<Way> {
  return new Promise((resolve, reject) => {
    const isTls = options.transport === 'tls';
    const socket: Socket = isTls
      ? connectTls({ host, port, ...(options.ca && { ca: [...options.ca] }) })
      : connect({ host, port });
    socket.unref();
    const tooLate = setTimeout(() => socket.destroy(new Error('no connection in time')), CONNECT_MS).unref();
    socket.once('error', reject);
    socket.once('close', () => {
      clearTimeout(tooLate);
      lost();
      reject(new Error('closed'));
    });
    // A server that says something, or is done, is not waited for.
    socket.resume();
    socket.once('end', () => socket.destroy());
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      clearTimeout(tooLate);
      resolve({
        send: (line) =>
          new Promise((sent, failed) => socket.write(line, (error) => (error ? failed(error) : sent()))),
        close: () => socket.end(),
      });
    });
  });
}
