/**
 * One file by TFTP (RFC 1350, with blksize of RFC 2348 and tsize of RFC 2349):
 *
 *     asking      the request is out: options, or the first block from a server that has none of them
 *     receiving   each block is acknowledged before the next one comes
 *     lingering   all is here; who has not heard it sends the last block again, and is told again
 *     ended
 *
 * Whatever is not answered is sent again with growing pauses. The port of the first answer is the server's for this
 * transfer; what comes from another one is told so, and changes nothing (RFC 1350 4).
 */
import { type Options, readPacket, type TftpPacket, writePacket } from './tftp_packet.ts';

export type TftpInput =
  | { readonly kind: 'begin' }
  /** From the address that was asked, and this port. */
  | { readonly kind: 'received'; readonly port: number; readonly octets: Uint8Array }
  | { readonly kind: 'tick' };

export type TftpEffect =
  /** Without `port`: to the port at which requests are heard. */
  | { readonly kind: 'send'; readonly octets: Uint8Array; readonly port?: number }
  /** The server has spoken: others need not be asked. Once. */
  | { readonly kind: 'heard' }
  | { readonly kind: 'done'; readonly octets: Uint8Array }
  | { readonly kind: 'failed'; readonly failure: TftpFailure }
  /** Nothing comes after it, and the port may be given back; after `failed` and, later, after `done`. */
  | { readonly kind: 'closed' };

export type TftpFailure =
  | { readonly kind: 'absent' }
  /** It answers no more, or cannot now: later perhaps. */
  | { readonly kind: 'unreachable'; readonly error: string }
  /** It will not be otherwise when it is asked again. */
  | { readonly kind: 'unusable'; readonly error: string };

/** Octets: with the heads of TFTP, UDP and IPv6 what passes every link of IPv6 in one piece. */
const BLOCK = 1_228;
/** RFC 1350, where the server knows no options. */
const PLAIN_BLOCK = 512;
/** RFC 2348. */
const LEAST_BLOCK = 8;
/** ms before something is sent again, then twice as long each time. */
const PAUSE = 1_000;
const MOST_SENDS = 4;
/** ms in which the server may ask for the last acknowledgement again. */
const LINGERING = 3_000;
/** Answers to strangers, in one transfer. */
const MOST_STRANGERS = 8;

/** RFC 1350 5, RFC 2347. */
const ERROR = { other: 0, notFound: 1, forbidden: 2, full: 3, illegal: 4, unknownId: 5, options: 8 } as const;

const ASKED: readonly string[] = ['blksize', 'tsize'];

const UNASKED: TftpFailure = {
  kind: 'unusable',
  error: 'the TFTP server sets options that were not asked for',
};
const LARGER_BLOCKS: TftpFailure = {
  kind: 'unusable',
  error: 'the TFTP server sends larger blocks than it may',
};

type State = 'asking' | 'receiving' | 'lingering' | 'ended';

export class TftpTransfer {
  readonly #file: string;
  readonly #largest: number;
  #state: State = 'asking';
  #withOptions = true;
  /** Of the server, for this transfer. */
  #port: number | undefined;
  #block = PLAIN_BLOCK;
  /** As the server announced it. */
  #size: number | undefined;
  /** The one that comes next, counted on from 1. */
  #next = 1;
  #parts: Uint8Array[] = [];
  #length = 0;
  /** What is sent again. */
  #last: Uint8Array = new Uint8Array(0);
  #sends = 0;
  #strangers = 0;
  #deadline = Number.POSITIVE_INFINITY;
  #effects: TftpEffect[] = [];

  /** `file`: as of fileOf; `largest`: octets that are taken. */
  constructor(file: string, largest: number) {
    this.#file = file;
    this.#largest = largest;
  }

  /** ms on the clock of `now`. */
  get deadline(): number {
    return this.#deadline;
  }

  handle(input: TftpInput, now: number): readonly TftpEffect[] {
    if (input.kind === 'begin') this.#ask(now);
    else if (input.kind === 'tick') this.#tick(now);
    else if (this.#state !== 'ended') this.#received(input.port, readPacket(input.octets), now);
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  #ask(now: number): void {
    const options: Options = new Map(
      this.#withOptions ? Object.entries({ blksize: `${BLOCK}`, tsize: '0' }) : [],
    );
    this.#port = undefined;
    this.#send({ kind: 'read', file: this.#file, options }, now);
  }

  #tick(now: number): void {
    if (now < this.#deadline) return;
    if (this.#state === 'lingering') this.#end();
    else if (this.#sends < MOST_SENDS) this.#repeat(now);
    else this.#end({ kind: 'unreachable', error: 'the TFTP server does not answer' });
  }

  #received(port: number, packet: TftpPacket | undefined, now: number): void {
    if (this.#port !== undefined && port !== this.#port) this.#stranger(port);
    else if (packet?.kind === 'error' || packet?.kind === 'options' || packet?.kind === 'data') {
      if (this.#port === undefined) this.#effects.push({ kind: 'heard' });
      this.#port = port;
      if (packet.kind === 'error') this.#refused(packet, now);
      else if (packet.kind === 'options') this.#answered(packet.options, now);
      else this.#data(packet.block, packet.octets, now);
    }
  }

  #stranger(port: number): void {
    this.#strangers += 1;
    if (this.#strangers > MOST_STRANGERS) return;
    const octets = writePacket({ kind: 'error', code: ERROR.unknownId, text: 'not of this transfer' });
    this.#effects.push({ kind: 'send', octets, port });
  }

  #refused({ code, text }: Extract<TftpPacket, { kind: 'error' }>, now: number): void {
    if (this.#state === 'lingering') return;
    if (code === ERROR.options && this.#state === 'asking' && this.#withOptions) {
      this.#withOptions = false;
      this.#ask(now);
    } else if (code === ERROR.notFound) this.#end({ kind: 'absent' });
    else {
      const kind = code === ERROR.forbidden ? 'unusable' : 'unreachable';
      this.#end({ kind, error: `the TFTP server says: ${text.slice(0, 100)} (${code})` });
    }
  }

  #answered(options: Options, now: number): void {
    if (this.#state === 'asking') this.#negotiated(options, now);
    // Our acknowledgement was lost.
    else if (this.#state === 'receiving' && this.#next === 1) this.#effects.push(this.#again());
  }

  /** RFC 2347: it may leave options out, but says nothing that was not asked for. */
  #negotiated(options: Options, now: number): void {
    const block = numberIn(options.get('blksize')) ?? PLAIN_BLOCK;
    const isUnasked = !this.#withOptions || [...options.keys()].some((name) => !ASKED.includes(name));
    this.#block = block;
    this.#size = numberIn(options.get('tsize'));
    if (isUnasked || block < LEAST_BLOCK || block > BLOCK) this.#fail(UNASKED, ERROR.options);
    else if (this.#size !== undefined && this.#size > this.#largest) this.#tooLarge();
    else {
      this.#state = 'receiving';
      this.#send({ kind: 'acknowledge', block: 0 }, now);
    }
  }

  #data(block: number, octets: Uint8Array, now: number): void {
    // After 65535 comes 0.
    const isNext = block === this.#next % 0x1_0000 && this.#state !== 'lingering';
    const isLast = this.#next > 1 && block === (this.#next - 1) % 0x1_0000;
    if (octets.length > this.#block) this.#fail(LARGER_BLOCKS, ERROR.illegal);
    else if (isNext) this.#take(block, octets, now);
    else if (isLast) this.#effects.push(this.#again());
  }

  #take(block: number, octets: Uint8Array, now: number): void {
    this.#state = 'receiving';
    this.#length += octets.length;
    // The socket may use these octets again.
    this.#parts.push(new Uint8Array(octets));
    this.#next += 1;
    const isEnd = octets.length < this.#block;
    if (this.#length > this.#largest) this.#tooLarge();
    else if (isEnd && this.#length !== (this.#size ?? this.#length)) {
      const error = `it has ${this.#length} octets of the ${this.#size} that were announced`;
      this.#fail({ kind: 'unreachable', error }, ERROR.other);
    } else {
      this.#send({ kind: 'acknowledge', block }, now);
      if (isEnd) this.#complete(now);
    }
  }

  #complete(now: number): void {
    const whole = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    this.#parts = [];
    this.#effects.push({ kind: 'done', octets: whole });
    this.#state = 'lingering';
    this.#deadline = now + LINGERING;
  }

  #tooLarge(): void {
    this.#fail({ kind: 'unusable', error: `it is larger than ${this.#largest} octets` }, ERROR.full);
  }

  /** `code`: what the server is told, if it is there. */
  #fail(failure: TftpFailure, code: number): void {
    if (this.#port !== undefined) {
      const octets = writePacket({ kind: 'error', code, text: 'no, thank you' });
      this.#effects.push({ kind: 'send', octets, port: this.#port });
    }
    this.#end(failure);
  }

  #end(failure?: TftpFailure): void {
    if (failure !== undefined) this.#effects.push({ kind: 'failed', failure });
    this.#state = 'ended';
    this.#parts = [];
    this.#deadline = Number.POSITIVE_INFINITY;
    this.#effects.push({ kind: 'closed' });
  }

  #send(packet: TftpPacket, now: number): void {
    this.#last = writePacket(packet);
    this.#sends = 0;
    this.#repeat(now);
  }

  #repeat(now: number): void {
    this.#effects.push(this.#again());
    this.#deadline = now + PAUSE * 2 ** this.#sends;
    this.#sends += 1;
  }

  #again(): TftpEffect {
    const { kind, octets } = { kind: 'send', octets: this.#last } as const;
    return this.#port === undefined ? { kind, octets } : { kind, octets, port: this.#port };
  }
}

function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}
