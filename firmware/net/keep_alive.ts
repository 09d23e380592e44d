/**
 * Keep-alives of a stream (RFC 5626 3.5.1 and 4.4.1): CRLF CRLF is the ping, CRLF the pong. Whatever else comes from
 * the peer shows as well that it lives. A peer that never answered a ping may be one that does not know them (RFC 3261
 * 7.5 lets it ignore them): its silence is told, and the connection stays. One that did once is held to it.
 */
import { Buffer } from 'node:buffer';

const PING = Buffer.from('\r\n\r\n');
const PONG = Buffer.from('\r\n');

export interface KeepAliveTimes {
  /** Milliseconds between two pings. */
  readonly keepAlive: number;
  /** Milliseconds to wait for the pong. */
  readonly pong: number;
}

export interface KeepAliveEvents {
  write(octets: Uint8Array): void;
  pong(ref: string): void;
  missing(ref: string): void;
  /** Nothing came from a peer that used to answer. */
  dead(): void;
}

export class KeepAlive {
  readonly #times: KeepAliveTimes;
  readonly #events: KeepAliveEvents;
  readonly #asking = new Set<string>();
  #started = false;
  #answers = false;
  #due: NodeJS.Timeout | undefined;
  #period: NodeJS.Timeout | undefined;

  constructor(times: KeepAliveTimes, events: KeepAliveEvents) {
    this.#times = times;
    this.#events = events;
  }

  /** The connection is there: what was asked goes out now. */
  start(): void {
    this.#started = true;
    if (this.#asking.size > 0) this.#ping();
  }

  /** From now on a ping each period. */
  repeat(): void {
    this.#period ??= setInterval(() => this.#ping(), this.#times.keepAlive).unref();
  }

  ping(ref: string): void {
    this.#asking.add(ref);
    if (this.#started) this.#ping();
  }

  /** Octets came. */
  heard(chunk: Uint8Array): void {
    if (this.#due === undefined) return;
    clearTimeout(this.#due);
    this.#due = undefined;
    this.#answers ||= PONG.equals(chunk);
    for (const ref of this.#take()) this.#events.pong(ref);
  }

  /** The peer's ping. */
  answer(): void {
    this.#events.write(PONG);
  }

  stop(): void {
    clearInterval(this.#period);
    clearTimeout(this.#due);
    for (const ref of this.#take()) this.#events.missing(ref);
  }

  #ping(): void {
    this.#events.write(PING);
    this.#due ??= setTimeout(() => this.#missed(), this.#times.pong).unref();
  }

  #missed(): void {
    this.#due = undefined;
    for (const ref of this.#take()) this.#events.missing(ref);
    if (this.#answers) this.#events.dead();
  }

  #take(): readonly string[] {
    const refs = [...this.#asking];
    this.#asking.clear();
    return refs;
  }
}
