/**
 * Cuts a stream into messages by Content-Length (RFC 3261 18.3), whatever the pieces in which it arrives. Between
 * messages CRLF CRLF is a keep-alive to be answered, a lone CRLF is the answer to ours (RFC 5626 3.5.1).
 */
import { Buffer } from 'node:buffer';
import { decimal, trimmed } from './chars.ts';
import { headerId, headerIdAt } from './headers.ts';
import { MAX_BODY, MAX_HEAD } from './limits.ts';
import { readStartLine } from './start_line.ts';
import { bufferOf } from './text.ts';

const CR = 0x0d;
const LF = 0x0a;
const HEAD_END = '\r\n\r\n';
const CONTENT_LENGTH = headerId('content-length');
const FIRST_ROOM = 2048;
const NOTHING = Buffer.alloc(0);

/** One message, start line to end of body, in octets of its own; or a keep-alive to be answered with CRLF. */
export type Framed = Uint8Array | 'ping';

export class StreamFramer {
  /** Octets not yet given out stand in `room` between `start` and `end`. */
  private room: Buffer = NOTHING;
  private start = 0;
  private end = 0;
  /** No end of the header part begins before this place. */
  private searched = 0;
  /** Length of the message whose header part is complete, 0 before. */
  private expected = 0;
  private afterCrlf = false;
  private why: string | undefined = undefined;

  /** Octets of a message that is not complete. */
  get pending(): number {
    return this.end - this.start;
  }

  /** Why the stream cannot be read on; it is to be closed. undefined: all is well. */
  get broken(): string | undefined {
    return this.why;
  }

  /**
   * What the octets complete, in order. A header part that makes the framing impossible, or is none of SIP, is given
   * out alone, so that it can be answered or counted, and the stream is broken then. A broken one gives nothing more.
   */
  push(chunk: Uint8Array): readonly Framed[] {
    if (this.why !== undefined || chunk.length === 0) return [];
    this.append(chunk);
    const framed: Framed[] = [];
    for (let next = this.next(); next !== undefined; next = this.next()) framed.push(next);
    if (this.start === this.end || this.why !== undefined) this.forget();
    return framed;
  }

  private next(): Framed | undefined {
    if (this.why !== undefined) return undefined;
    if (this.expected === 0) {
      if (this.skipLineEnds()) return 'ping';
      const head = this.readHead();
      if (head !== undefined) return head;
    }
    return this.expected > 0 && this.pending >= this.expected ? this.take(this.expected) : undefined;
  }

  /** Passes over CRLFs before a start line; true at the second one in a row. */
  private skipLineEnds(): boolean {
    while (this.pending >= 2 && this.room[this.start] === CR && this.room[this.start + 1] === LF) {
      this.start += 2;
      this.afterCrlf = !this.afterCrlf;
      if (!this.afterCrlf) return true;
    }
    this.searched = Math.max(this.searched, this.start);
    return false;
  }

  /** Looks for the end of the header part and learns the message's length from it. */
  private readHead(): Uint8Array | undefined {
    const found = this.room.subarray(0, this.end).indexOf(HEAD_END, this.searched, 'latin1');
    const length = (found < 0 ? this.end : found + HEAD_END.length) - this.start;
    if (length > MAX_HEAD) {
      this.why = 'header part too large';
      return undefined;
    }
    if (found < 0) {
      this.searched = Math.max(this.start, this.end - HEAD_END.length + 1);
      return undefined;
    }
    const head = this.room.toString('latin1', this.start, this.start + length);
    const body = readStartLine(head) === undefined ? 'no SIP' : contentLength(head);
    if (typeof body === 'string') {
      this.why = body;
      return this.take(length);
    }
    this.expected = length + body;
    return undefined;
  }

  private take(length: number): Uint8Array {
    const message = new Uint8Array(this.room.subarray(this.start, this.start + length));
    this.start += length;
    this.searched = this.start;
    this.expected = 0;
    this.afterCrlf = false;
    return message;
  }

  /** Room grows by doubling, and what was given out is closed up only then: linear in all that comes. */
  private append(chunk: Uint8Array): void {
    if (this.end + chunk.length > this.room.length) {
      const size = Math.max(FIRST_ROOM, 2 * (this.pending + chunk.length));
      const room = Buffer.allocUnsafeSlow(size);
      this.room.copy(room, 0, this.start, this.end);
      this.searched = Math.max(0, this.searched - this.start);
      this.end -= this.start;
      this.start = 0;
      this.room = room;
    }
    bufferOf(chunk).copy(this.room, this.end);
    this.end += chunk.length;
  }

  /** Idle connections hold no memory. */
  private forget(): void {
    this.room = NOTHING;
    this.start = 0;
    this.end = 0;
    this.searched = 0;
  }
}

/** What the header part says; 0 where it says nothing, a reason where it cannot be trusted. */
function contentLength(head: string): number | string {
  let length: number | undefined;
  let start = head.indexOf('\r\n') + 2;
  while (start < head.length - 2) {
    let end = head.indexOf('\r\n', start);
    while (head.charCodeAt(end + 2) === 0x20 || head.charCodeAt(end + 2) === 0x09) {
      end = head.indexOf('\r\n', end + 2);
    }
    const value = lengthIn(head, start, end);
    if (value !== undefined) {
      if (Number.isNaN(value)) return 'malformed Content-Length';
      if (length !== undefined && length !== value) return 'two Content-Length fields';
      if (value > MAX_BODY) return 'body too large';
      length = value;
    }
    start = end + 2;
  }
  return length ?? 0;
}

const LONGEST_NAME = 'Content-Length'.length;

/** The number in this header field; undefined when it is another field, NaN when it is no number. */
function lengthIn(head: string, start: number, end: number): number | undefined {
  const first = head.charCodeAt(start) | 0x20;
  if (first !== 0x63 && first !== 0x6c) return undefined;
  const name = trimmed(head.slice(start, Math.min(end, start + 256)).split(':', 1)[0] ?? '');
  if (name.length > LONGEST_NAME || headerIdAt(name, 0, name.length) !== CONTENT_LENGTH) return undefined;
  return decimal(trimmed(head, head.indexOf(':', start) + 1, end)) ?? Number.NaN;
}
