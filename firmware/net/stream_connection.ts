/**
 * One connection, TCP or TLS: framing, clocks against idle and dawdling peers, a bounded backlog, keep-alives, and who
 * waits for what.
 */
import type { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import type { Endpoint } from '#address/endpoint.ts';
import { StreamFramer } from '#sip/message/framing.ts';
import { inWords } from './errors.ts';
import { KeepAlive } from './keep_alive.ts';
import type { StreamLimits } from './stream_limits.ts';

export interface ConnectionEvents {
  message(octets: Uint8Array): void;
  /** The connection that `claim` asked for is there. */
  connected(ref: string): void;
  pong(ref: string): void;
  /** A message that was handed to `send`, a claim or a ping came to nothing. */
  undelivered(ref: string, error: string): void;
  /** `fault`: it broke a rule of ours, a short stable word. */
  closed(fault: Fault | undefined): void;
}

/** A connection that we open. */
export interface Outbound {
  /** The socket's event from which on messages may go. */
  readonly ready: 'connect' | 'proved';
  readonly from: Endpoint;
}

export interface ConnectionOptions {
  readonly id: number;
  readonly remote: Endpoint;
  readonly outbound: Outbound | undefined;
  readonly limits: StreamLimits;
}

/** Why we close a connection that the peer did not mean to close, in words for people. */
const FAULTS = {
  'no-connect': 'no answer to connect',
  'no-handshake': 'the TLS handshake was not finished in time',
  'no-pong': 'no answer to a keep-alive',
  slow: 'no whole message in time',
  backlog: 'the peer does not take what we send',
  framing: 'not readable as SIP messages',
  'crowded-out': 'made way for another connection',
} as const;
export type Fault = keyof typeof FAULTS;

/** Names kept of what was written since the peer last said anything. */
const MOST_UNANSWERED = 64;

export class StreamConnection {
  readonly id: number;
  readonly remote: Endpoint;
  readonly outbound: Outbound | undefined;
  /** When the last whole message came (`performance.now()`), 0 before the first. */
  lastMessage = 0;
  readonly #socket: Socket;
  readonly #limits: StreamLimits;
  readonly #events: ConnectionEvents;
  readonly #framer = new StreamFramer();
  readonly #keepAlive: KeepAlive;
  /** Not handed to the socket before it is ready: until then nobody has proved who they are. */
  readonly #held: [octets: Uint8Array, ref: string][] = [];
  #heldOctets = 0;
  /** Handed over and not yet taken by the kernel. */
  readonly #queued = new Set<string>();
  /** Taken by the kernel; nothing has come back since. */
  readonly #unanswered = new Set<string>();
  /** Who asked for the connection before there is something to send. */
  readonly #claims = new Set<string>();
  #used = false;
  #ready: boolean;
  #ending = false;
  #dawdling: NodeJS.Timeout | undefined;
  #connecting: NodeJS.Timeout | undefined;
  #why = 'closed by the peer';
  #fault: Fault | undefined;
  #failed = false;
  #local: Endpoint | undefined;

  constructor(socket: Socket, options: ConnectionOptions, events: ConnectionEvents) {
    const { id, remote, outbound, limits } = options;
    this.id = id;
    this.remote = remote;
    this.outbound = outbound;
    this.#socket = socket;
    this.#limits = limits;
    this.#events = events;
    this.#ready = outbound === undefined;
    this.#keepAlive = new KeepAlive(limits, {
      write: (octets) => this.#write(octets),
      pong: (ref) => events.pong(ref),
      missing: (ref) => events.undelivered(ref, FAULTS['no-pong']),
      dead: () => this.fail('no-pong'),
    });
    socket.setNoDelay(true);
    socket.setKeepAlive(true, limits.keepAlive);
    socket.on('data', (chunk) => this.#data(chunk));
    socket.on('error', (error) => {
      this.#why = inWords(error);
    });
    socket.on('close', (failed) => this.#closed(failed || this.#failed));
    if (outbound) this.#awaitReady(outbound.ready);
    else this.#accepted();
  }

  get open(): boolean {
    return !this.#socket.destroyed && this.#socket.writable;
  }

  /** Our own end; undefined until it is ready, kept when closed. */
  get local(): Endpoint | undefined {
    return this.#local;
  }

  /** A failure comes back as `undelivered`, never as an exception. */
  send(octets: Uint8Array, ref: string): void {
    this.#used = true;
    this.#queued.add(ref);
    if (this.#socket.writableLength + this.#heldOctets + octets.length > this.#limits.backlog) {
      this.fail('backlog');
    } else if (this.#ready) {
      this.#hand(octets, ref);
    } else {
      this.#held.push([octets, ref]);
      this.#heldOctets += octets.length;
    }
  }

  /** Tells `connected` or `undelivered` of this ref, once and later. */
  claim(ref: string): void {
    this.#claims.add(ref);
    if (this.#ready) queueMicrotask(() => this.#events.connected(ref));
  }

  /** Takes a claim back. Nobody else wants the connection and nothing went over it: it is reset. */
  release(ref: string): void {
    if (!this.#claims.delete(ref)) return;
    if (this.outbound && !this.#used && this.#claims.size === 0) this.reset('given up');
  }

  /** Tells `pong` or `undelivered` of this ref. */
  ping(ref: string): void {
    this.#used = true;
    this.#keepAlive.ping(ref);
  }

  /** Closes at once. */
  close(why: string): void {
    if (this.#socket.destroyed) return;
    this.#why = why;
    this.#socket.destroy();
  }

  /** Closes at once and without farewell; whatever was not answered counts as lost. */
  reset(why: string): void {
    if (this.#socket.destroyed) return;
    this.#why = why;
    this.#failed = true;
    // node:tls cannot reset; its peer sees the connection end in the middle, which says the same.
    if ('encrypted' in this.#socket) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }

  fail(fault: Fault): void {
    this.#fault ??= fault;
    if (fault === 'no-pong') this.reset(FAULTS[fault]);
    else this.close(FAULTS[fault]);
  }

  /** Sends what is still queued, then closes. */
  end(): void {
    this.#why = 'closed by us';
    this.#ending = true;
    if (this.#held.length === 0) this.#socket.end();
  }

  #accepted(): void {
    this.#learnLocal();
    this.#keepAlive.start();
    this.#socket.setTimeout(this.#limits.idle, () => this.close('idle'));
    this.#awaitMessage();
  }

  /** However busily the handshake goes on: what takes longer is as good as dead. */
  #awaitReady(ready: 'connect' | 'proved'): void {
    let fault: Fault = 'no-connect';
    this.#connecting = setTimeout(() => this.fail(fault), this.#limits.connect).unref();
    this.#socket.once('connect', () => {
      fault = 'no-handshake';
    });
    this.#socket.once(ready, () => this.#becomeReady());
  }

  #becomeReady(): void {
    clearTimeout(this.#connecting);
    this.#ready = true;
    this.#learnLocal();
    this.#socket.setTimeout(this.#limits.idleOutbound, () => this.close('idle'));
    this.#keepAlive.start();
    this.#keepAlive.repeat();
    for (const [octets, ref] of this.#held.splice(0)) this.#hand(octets, ref);
    this.#heldOctets = 0;
    if (this.#ending) this.#socket.end();
    for (const ref of this.#claims) this.#events.connected(ref);
  }

  #learnLocal(): void {
    const { localAddress: address, localPort: port } = this.#socket;
    if (address !== undefined && port !== undefined)
      this.#local = { family: this.remote.family, address, port };
  }

  #hand(octets: Uint8Array, ref: string): void {
    this.#socket.write(octets, (error) => {
      // A failed write is reported once, when the connection closes over it.
      if (error) return;
      this.#queued.delete(ref);
      if (this.#unanswered.size < MOST_UNANSWERED) this.#unanswered.add(ref);
    });
  }

  /** Keep-alives: no message waits behind them, and they wait behind none. */
  #write(octets: Uint8Array): void {
    if (this.open && this.#socket.writableLength + octets.length <= this.#limits.backlog)
      this.#socket.write(octets);
  }

  #data(chunk: Buffer): void {
    this.#unanswered.clear();
    this.#keepAlive.heard(chunk);
    const framed = this.#framer.push(chunk);
    if (framed.length > 0) this.#awaitNothing();
    for (const item of framed) {
      if (item === 'ping') this.#keepAlive.answer();
      else this.#message(item);
    }
    if (this.#framer.broken !== undefined) this.#refuseTheRest();
    else if (this.#framer.pending > 0) this.#awaitMessage();
  }

  /** What made the stream unreadable was handed up to be answered: the answer goes out before the close. */
  #refuseTheRest(): void {
    this.#fault = 'framing';
    this.#socket.removeAllListeners('data');
    this.#socket.resume();
    this.#socket.end();
    this.#awaitMessage();
  }

  #message(octets: Uint8Array): void {
    this.#used = true;
    this.lastMessage = performance.now();
    this.#events.message(octets);
  }

  /** From the first octet of a message to its last; trickling more octets does not extend it. */
  #awaitMessage(): void {
    this.#dawdling ??= setTimeout(() => this.fail('slow'), this.#limits.wholeMessage).unref();
  }

  #awaitNothing(): void {
    clearTimeout(this.#dawdling);
    this.#dawdling = undefined;
  }

  #closed(failed: boolean): void {
    this.#awaitNothing();
    clearTimeout(this.#connecting);
    // After a reset, what the kernel took may never have arrived; after an orderly close it has.
    const lost = new Set([...this.#queued, ...(failed ? this.#unanswered : [])]);
    if (!this.#ready) for (const ref of this.#claims) lost.add(ref);
    this.#queued.clear();
    this.#unanswered.clear();
    this.#claims.clear();
    for (const ref of lost) this.#events.undelivered(ref, this.#why);
    this.#keepAlive.stop();
    this.#events.closed(this.#fault);
  }
}
