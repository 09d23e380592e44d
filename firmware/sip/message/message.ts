/**
 * A SIP message as a view on its own octets (RFC 3261 7). The start line is read at once; everything else when it
 * is asked for, and kept. What has to be echoed is taken from the octets as they came, folds and spelling included.
 *
 * The header part is one Latin-1 text, a character an octet, so a value loses nothing; `plainText` of text.ts makes
 * UTF-8 of one for people.
 */
import { Buffer } from 'node:buffer';
import { DIGIT, decimal, isAll, isAt, runEnd, SPACE, TOKEN, trimmed } from './chars.ts';
import { elementsOf } from './elements.ts';
import { indexFields, STRIDE, unfolded } from './field_index.ts';
import { type HeaderId, type HeaderName, headerId, UNKNOWN } from './headers.ts';
import { type NameAddr, parseNameAddr, readNameAddr } from './name_addr.ts';
import { Scanner } from './scanner.ts';
import { readStartLine, type StartLine } from './start_line.ts';
import { bufferOf } from './text.ts';
import { readVia, type Via } from './via.ts';

export interface CSeq {
  readonly number: number;
  readonly method: string;
}

const CR = 0x0d;
const LF = 0x0a;
const COLON = 0x3a;
const HIGHEST_CSEQ = 2 ** 32 - 1;

const VIA = headerId('via');
const FROM = headerId('from');
const TO = headerId('to');
const CONTACT = headerId('contact');
const CALL_ID = headerId('call-id');
const CSEQ = headerId('cseq');
const CONTENT_LENGTH = headerId('content-length');

/** Stands for "not decoded yet" where undefined means "is not there". */
const UNREAD = Symbol('unread');
type Lazy<T> = T | undefined | typeof UNREAD;

export class SipMessage {
  /** Everything from the start line on, octets behind the body too if the datagram had such. */
  readonly octets: Uint8Array;
  readonly kind: 'request' | 'response';
  /** Request-URI as written; empty in a response. */
  readonly uri: string;
  /** 0 in a request. */
  readonly status: number;
  /** Octet text; may be empty. */
  readonly reason: string;
  readonly version: string;

  private readonly startMethod: string;
  /** All the octets as text, the header part up to `headEnd`: one flat string is much quicker than a slice of it. */
  private readonly text: string;
  private readonly headEnd: number;
  private readonly bodyStart: number;
  /** See field_index.ts. */
  private fieldIndex: readonly number[] | undefined = undefined;
  private viaRead: Lazy<Via> = UNREAD;
  private fromRead: Lazy<NameAddr> = UNREAD;
  private toRead: Lazy<NameAddr> = UNREAD;
  private contactRead: Lazy<NameAddr> = UNREAD;
  private cseqRead: Lazy<CSeq> = UNREAD;
  private bodyRead: Uint8Array | undefined = undefined;

  /** For `readMessage` and the writer, who know the parts. */
  constructor(octets: Uint8Array, text: string, headEnd: number, bodyStart: number, start: StartLine) {
    this.octets = octets;
    this.text = text;
    this.headEnd = headEnd;
    this.bodyStart = bodyStart;
    this.kind = start.kind;
    this.uri = start.uri;
    this.status = start.status;
    this.reason = start.reason;
    this.version = start.version;
    this.startMethod = start.method;
  }

  /** Start line and header fields with their CRLFs, without the empty line, a character an octet. */
  get head(): string {
    return this.text.slice(0, this.headEnd);
  }

  /** Method of a request; of the CSeq for a response, empty when that cannot be read. */
  get method(): string {
    return this.kind === 'request' ? this.startMethod : (this.cseq?.method ?? '');
  }

  /** Value of the first field of this name, unfolded and trimmed. */
  first(name: HeaderName): string | undefined {
    const id = headerId(name);
    if (id !== UNKNOWN) return this.firstById(id);
    return this.fields(name)[0];
  }

  /** Value of every field of this name, in order. */
  fields(name: HeaderName): readonly string[] {
    const values: string[] = [];
    for (const at of this.places(name)) values.push(this.valueAt(at));
    return values;
  }

  /** The elements of a list over all its fields; only for header fields whose grammar is a list. */
  values(name: HeaderName): readonly string[] {
    const fields = this.fields(name);
    const [only] = fields;
    return fields.length === 1 && only !== undefined ? elementsOf(only) : fields.flatMap(elementsOf);
  }

  /** Whole header lines of this name as they were received, CRLF and folds included; empty without any. */
  lines(name: HeaderName): string {
    const index = this.index();
    let text = '';
    for (const at of this.places(name)) {
      text += this.text.slice(index[at + 1], (index[at + 3] ?? 0) + 2);
    }
    return text;
  }

  has(name: HeaderName): boolean {
    return this.count(name) > 0;
  }

  /** How often a field of this name stands there. */
  count(name: HeaderName): number {
    const id = headerId(name);
    if (id === UNKNOWN) return this.places(name).length;
    const index = this.index();
    let count = 0;
    for (let at = 0; at < index.length; at += STRIDE) {
      if (index[at] === id) count += 1;
    }
    return count;
  }

  /** Whether the empty line stands behind the header fields. */
  get isTerminated(): boolean {
    return this.bodyStart > this.headEnd;
  }

  /** How many header fields there are in all. */
  get fieldCount(): number {
    return this.index().length / STRIDE;
  }

  /** Whether every header line has a name and a colon. */
  get hasOnlyFields(): boolean {
    const index = this.index();
    for (let at = 0; at < index.length; at += STRIDE) {
      if (index[at + 2] === -1) return false;
    }
    return true;
  }

  /** The topmost Via. */
  get via(): Via | undefined {
    if (this.viaRead === UNREAD) {
      const text = this.firstById(VIA);
      this.viaRead = text === undefined ? undefined : readVia(new Scanner(text));
    }
    return this.viaRead;
  }

  get from(): NameAddr | undefined {
    if (this.fromRead === UNREAD) this.fromRead = nameAddrOf(this.firstById(FROM));
    return this.fromRead;
  }

  get to(): NameAddr | undefined {
    if (this.toRead === UNREAD) this.toRead = nameAddrOf(this.firstById(TO));
    return this.toRead;
  }

  /** The first Contact; undefined for `*`. */
  get contact(): NameAddr | undefined {
    if (this.contactRead === UNREAD) {
      const text = this.firstById(CONTACT);
      this.contactRead = text === undefined ? undefined : readNameAddr(new Scanner(text));
    }
    return this.contactRead;
  }

  /** Empty where there is none. */
  get callId(): string {
    return this.firstById(CALL_ID) ?? '';
  }

  get cseq(): CSeq | undefined {
    if (this.cseqRead === UNREAD) this.cseqRead = cseqOf(this.firstById(CSEQ));
    return this.cseqRead;
  }

  get fromTag(): string | undefined {
    return this.from?.params.text('tag');
  }

  get toTag(): string | undefined {
    return this.to?.params.text('tag');
  }

  /**
   * What Content-Length says; undefined where it is missing or no number. Over datagrams the body then reaches to
   * the end (RFC 3261 18.3).
   */
  get contentLength(): number | undefined {
    const text = this.firstById(CONTENT_LENGTH);
    return text === undefined ? undefined : decimal(text);
  }

  /** How many octets follow the header part. */
  get octetsAfterHead(): number {
    return this.octets.length - this.bodyStart;
  }

  /** Cut at Content-Length; what a longer Content-Length promises is not there. */
  get body(): Uint8Array {
    if (this.bodyRead === undefined) {
      const length = Math.min(this.contentLength ?? Number.POSITIVE_INFINITY, this.octetsAfterHead);
      this.bodyRead = this.octets.subarray(this.bodyStart, this.bodyStart + length);
    }
    return this.bodyRead;
  }

  /** The body as UTF-8. */
  get bodyText(): string {
    return bufferOf(this.body).toString('utf8');
  }

  private firstById(id: HeaderId): string | undefined {
    const index = this.index();
    for (let at = 0; at < index.length; at += STRIDE) {
      if (index[at] === id) return this.valueAt(at);
    }
    return undefined;
  }

  /** Places in the index of every field of this name. */
  private places(name: HeaderName): readonly number[] {
    const index = this.index();
    const id = headerId(name);
    const places: number[] = [];
    for (let at = 0; at < index.length; at += STRIDE) {
      if (index[at] === id && (id !== UNKNOWN || this.isNamed(at, name))) places.push(at);
    }
    return places;
  }

  /** Whether the field, whose name is not in the table, has this lower-case name. */
  private isNamed(at: number, name: string): boolean {
    const index = this.index();
    const start = index[at + 1] ?? 0;
    const end = start + name.length;
    if ((index[at + 2] ?? 0) <= end) return false;
    const next = this.text.charCodeAt(end);
    if (next !== COLON && !isAt(this.text, end, SPACE)) return false;
    return this.text.slice(start, end).toLowerCase() === name;
  }

  private valueAt(at: number): string {
    const index = this.index();
    const start = index[at + 2] ?? 0;
    return start < 0 ? '' : unfolded(trimmed(this.text, start, index[at + 3]));
  }

  private index(): readonly number[] {
    this.fieldIndex ??= indexFields(this.text, this.headEnd);
    return this.fieldIndex;
  }
}

function nameAddrOf(text: string | undefined): NameAddr | undefined {
  return text === undefined ? undefined : parseNameAddr(text);
}

function cseqOf(text: string | undefined): CSeq | undefined {
  if (text === undefined) return undefined;
  const digits = runEnd(text, 0, DIGIT);
  const start = runEnd(text, digits, SPACE);
  const number = decimal(text.slice(0, digits));
  const method = text.slice(start);
  if (number === undefined || number > HIGHEST_CSEQ || start === digits || !isAll(method, TOKEN)) {
    return undefined;
  }
  return { number, method };
}

/**
 * Reads one datagram, or one message that was framed from a stream. CRLFs before the start line are passed over
 * (RFC 3261 7.5). undefined: no SIP, to be dropped. Whatever else is wrong is for `faultOf` to say.
 */
export function readMessage(octets: Uint8Array): SipMessage | undefined {
  let begin = 0;
  while (octets[begin] === CR && octets[begin + 1] === LF) begin += 2;
  const own = begin === 0 ? octets : octets.subarray(begin);
  const text = bufferOf(own).toString('latin1');
  const blank = text.indexOf('\r\n\r\n');
  // Without the empty line the last CRLF ends the head: it can still be told what it did wrong.
  const headEnd = (blank < 0 ? text.lastIndexOf('\r\n') : blank) + 2;
  if (headEnd < 2) return undefined;
  const start = readStartLine(text);
  return start && new SipMessage(own, text, headEnd, blank < 0 ? headEnd : headEnd + 2, start);
}

/** A message of our own: what the writer wrote, seen as what it is. `head` ends with the last field's CRLF. */
export function ownMessage(head: string, body: Uint8Array, start: StartLine): SipMessage {
  const octets = Buffer.allocUnsafe(head.length + 2 + body.length);
  octets.write(head, 0, 'latin1');
  octets[head.length] = CR;
  octets[head.length + 1] = LF;
  octets.set(body, head.length + 2);
  return new SipMessage(octets, head, head.length, head.length + 2, start);
}
