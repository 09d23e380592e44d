/** One TCP connection: framing, clocks against idle and dawdling peers, a bounded backlog, and who waits for what. */
import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import type { Endpoint } from '#address/endpoint.ts';
import { StreamFramer } from '#sip/framing.ts';
import { inWords } from './errors.ts';
import type { TcpLimits } from './tcp_limits.ts';

export interface ConnectionEvents {
  message(octets: Uint8Array): void;
  /** A message that was handed to `send` did not get through. */
  undelivered(ref: string, error: string): void;
  /** `fault`: it broke a rule of ours, a short stable word. */
  closed(fault: Fault | undefined): void;
}

/** Why we close a connection that the peer did not mean to close, in words for people. */
const FAULTS = {
  'tcp-no-connect': 'no answer to connect',
  'tcp-slow': 'no whole message in time',
  'tcp-backlog': 'the peer does not take what we send',
  'tcp-framing': 'not readable as SIP messages',
  'tcp-crowded-out': 'made way for another connection',
} as const;
export type Fault = keyof typeof FAULTS;

/** RFC 5626 3.5.1. */
const PING = Buffer.from('\r\n\r\n');
const PONG = Buffer.from('\r\n');

/** Names kept of what was written since the peer last said anything. */
const MOST_UNANSWERED = 64;

export class TcpConnection {
  readonly id: number;
  readonly remote: Endpoint;
  /** We opened it. */
  readonly outbound: boolean;
  /** When the last whole message came (`performance.now()`), 0 before the first. */
  lastMessage = 0;
  readonly #socket: Socket;
  readonly #limits: TcpLimits;
  readonly #events: ConnectionEvents;
  readonly #framer = new StreamFramer();
  /** Handed to the socket and not yet taken by the kernel. */
  readonly #queued = new Set<string>();
  /** Taken by the kernel; nothing has come back since. */
  readonly #unanswered = new Set<string>();
  #dawdling: NodeJS.Timeout | undefined;
  #keepAlive: NodeJS.Timeout | undefined;
  #why = 'closed by the peer';
  #fault: Fault | undefined;

  constructor(
    id: number,
    socket: Socket,
    remote: Endpoint,
    outbound: boolean,
    limits: TcpLimits,
    events: ConnectionEvents,
  ) {
    this.id = id;
    this.remote = remote;
    this.outbound = outbound;
    this.#socket = socket;
    this.#limits = limits;
    this.#events = events;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, limits.keepAlive);
    socket.setTimeout(outbound ? limits.connect : limits.idle, () => this.#timeout());
    socket.on('connect', () => this.#connected());
    socket.on('data', (chunk) => this.#data(chunk));
    socket.on('error', (error) => {
      this.#why = inWords(error);
    });
    socket.on('close', (failed) => this.#closed(failed));
    if (!outbound) this.#awaitMessage();
  }

  get open(): boolean {
    return !this.#socket.destroyed && this.#socket.writable;
  }

  /** Our own end's address; undefined until connected. */
  get localAddress(): string | undefined {
    return this.#socket.localAddress;
  }

  /** A failure comes back as `undelivered`, never as an exception. */
  send(octets: Uint8Array, ref: string): void {
    this.#queued.add(ref);
    if (this.#socket.writableLength + octets.length > this.#limits.backlog) {
      this.fail('tcp-backlog');
      return;
    }
    this.#socket.write(octets, (error) => {
      // A failed write is reported once, when the connection closes over it.
      if (error) return;
      this.#queued.delete(ref);
      if (this.#unanswered.size < MOST_UNANSWERED) this.#unanswered.add(ref);
    });
  }

  /** Closes at once. */
  close(why: string): void {
    if (this.#socket.destroyed) return;
    this.#why = why;
    this.#socket.destroy();
  }

  fail(fault: Fault): void {
    this.#fault ??= fault;
    this.close(FAULTS[fault]);
  }

  /** Sends what is still queued, then closes. */
  end(): void {
    this.#why = 'closed by us';
    this.#socket.end();
  }

  #timeout(): void {
    if (this.#socket.connecting) this.fail('tcp-no-connect');
    else this.close('idle');
  }

  #connected(): void {
    this.#socket.setTimeout(this.#limits.idleOutbound);
    this.#keepAlive = setInterval(() => this.#ping(), this.#limits.keepAlive);
    this.#keepAlive.unref();
  }

  #ping(): void {
    if (this.#socket.writableLength === 0) this.#socket.write(PING);
  }

  #data(chunk: Buffer): void {
    this.#unanswered.clear();
    const framed = this.#framer.push(chunk);
    if (framed.length > 0) this.#awaitNothing();
    for (const item of framed) {
      if (item === 'ping') this.#pong();
      else this.#message(item);
    }
    if (this.#framer.broken !== undefined) this.#refuseTheRest();
    else if (this.#framer.pending > 0) this.#awaitMessage();
  }

  /** What made the stream unreadable was handed up to be answered: the answer goes out before the close. */
  #refuseTheRest(): void {
    this.#fault = 'tcp-framing';
    this.#socket.removeAllListeners('data');
    this.#socket.resume();
    this.#socket.end();
    this.#awaitMessage();
  }

  #message(octets: Uint8Array): void {
    this.lastMessage = performance.now();
    this.#events.message(octets);
  }

  #pong(): void {
    if (this.open && this.#socket.writableLength + PONG.length <= this.#limits.backlog)
      this.#socket.write(PONG);
  }

  /** From the first octet of a message to its last; trickling more octets does not extend it. */
  #awaitMessage(): void {
    this.#dawdling ??= setTimeout(() => this.fail('tcp-slow'), this.#limits.wholeMessage).unref();
  }

  #awaitNothing(): void {
    clearTimeout(this.#dawdling);
    this.#dawdling = undefined;
  }

  #closed(failed: boolean): void {
    this.#awaitNothing();
    clearInterval(this.#keepAlive);
    // After a reset, what the kernel took may never have arrived; after an orderly close it has.
    const lost = failed ? [...this.#queued, ...this.#unanswered] : [...this.#queued];
    this.#queued.clear();
    this.#unanswered.clear();
    for (const ref of lost) this.#events.undelivered(ref, this.#why);
    this.#events.closed(this.#fault);
  }
}
