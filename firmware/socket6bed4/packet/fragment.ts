/**
 * Fragments of IPv6, RFC 8200 4.5:
 *
 *     0                   1                   2                   3
 *    +---------------+---------------+-------------------------+---+-+
 *    |  Next header  |       0       |  Offset in 8 octets     | 0 |M|
 *    +---------------+---------------+-------------------------+---+-+
 *    |                        Identification                         |
 *    +---------------------------------------------------------------+
 */
import { Buffer } from 'node:buffer';
import { putUint16, putUint32, uint16 } from '../address/octets.ts';
import { HEADER, MOST_PAYLOAD, MTU, NextHeader, newPacket, nextHeaderOf } from './ipv6.ts';

const FRAGMENT_HEADER = 8;
const DATA = HEADER + FRAGMENT_HEADER;
const MORE = 1;

/** RFC 8200 4.5. */
const TIMEOUT = 60_000;
const MOST_DATAGRAMS = 64;
const MOST_PER_SOURCE = 4;
const MOST_OCTETS = 262_144;
/** A whole datagram is 54 pieces of 1232 octets; nobody honest cuts finer, for every link carries 1280. */
const MOST_PIECES = 128;
/** What a piece costs beside its octets, about. */
const PIECE_COST = 128;

/**
 * The packet in pieces of at most `mtu` octets; as it is where it fits. It has no extension headers, and
 * `identification` (32 bits) is no other one's between the same two addresses for a minute.
 */
export function fragments(packet: Uint8Array, identification: number, mtu = MTU): Uint8Array[] {
  if (packet.length <= mtu) return [packet];
  const most = (mtu - DATA) & ~7;
  if (most < 8) throw new RangeError(`a fragment does not fit into ${mtu} octets`);
  const pieces: Uint8Array[] = [];
  for (let at = HEADER; at < packet.length; at += most) {
    const data = packet.subarray(at, at + most);
    const piece = newPacket(
      packet.subarray(8, 24),
      packet.subarray(24, 40),
      NextHeader.fragment,
      packet[7] ?? 0,
      FRAGMENT_HEADER + data.length,
    );
    // Traffic class and flow label are those of the whole.
    piece.set(packet.subarray(0, 4));
    piece[40] = nextHeaderOf(packet);
    putUint16(piece, 42, (at - HEADER) | (at + most < packet.length ? MORE : 0));
    putUint32(piece, 44, identification);
    piece.set(data, DATA);
    pieces.push(piece);
  }
  return pieces;
}

interface Piece {
  readonly offset: number;
  readonly data: Uint8Array;
}

/** A datagram that is not whole yet. */
interface Partial {
  readonly source: string;
  readonly expires: number;
  /** In no order; none once the datagram is given up. */
  pieces: Piece[];
  /** Octets so far. */
  length: number;
  /** What `pieces` cost. */
  cost: number;
  /** Octets of the whole, known from the last piece. */
  total: number | undefined;
  /** Of the first piece, which tells the next header too. */
  header: Uint8Array | undefined;
  /** Pieces overlapped: nothing of it is believed any more, nor what is still to come (RFC 5722 4). */
  givenUp: boolean;
}

/**
 * Makes whole packets of fragments, at most 64 datagrams and 256 kB at a time, 4 of one source; beyond that the
 * oldest goes. What is not whole after 60 s is forgotten.
 */
export class Reassembly {
  /** By source, destination and identification; oldest first. */
  readonly #partials = new Map<string, Partial>();
  #octets = 0;

  /** What is held: octets with all that belongs to them. */
  get octets(): number {
    return this.#octets;
  }

  /** Datagrams begun. */
  get size(): number {
    return this.#partials.size;
  }

  /** When to call `tick`; Infinity: never. */
  get deadline(): number {
    const [oldest] = this.#partials.values();
    return oldest?.expires ?? Infinity;
  }

  /**
   * The packet itself if it is no fragment, the whole one if this was the piece that it lacked, otherwise undefined.
   * `packet` is well-formed and is not kept. `now`: milliseconds of a steady clock.
   */
  add(packet: Uint8Array, now: number): Uint8Array | undefined {
    if (nextHeaderOf(packet) !== NextHeader.fragment) return packet;
    this.tick(now);
    const word = uint16(packet, 42);
    const offset = word & ~7;
    const more = (word & MORE) !== 0;
    const data = packet.subarray(DATA);
    if (!isSane(packet, offset, more, data.length)) return undefined;
    // A fragment that is all of it has nothing to do with others of the same identification (RFC 6946 4).
    if (offset === 0 && !more) return whole(packet, packet[40], [{ offset: 0, data }], data.length);
    const key = keyOf(packet, 44, 4);
    const partial = this.#partials.get(key) ?? this.#begin(key, packet, now);
    if (partial.givenUp) return undefined;
    this.#put(partial, packet, { offset, data }, more);
    return this.#finish(key, partial);
  }

  /** Forgets what has been waiting for too long. */
  tick(now: number): void {
    for (const [key, partial] of this.#partials) {
      if (partial.expires > now) return;
      this.#forget(key, partial);
    }
  }

  #begin(key: string, packet: Uint8Array, now: number): Partial {
    const source = keyOf(packet, 0, 0);
    const ofSource = [...this.#partials].filter(([, partial]) => partial.source === source);
    const [oldestOfSource] = ofSource;
    if (oldestOfSource !== undefined && ofSource.length >= MOST_PER_SOURCE) this.#forget(...oldestOfSource);
    const [oldest] = this.#partials;
    if (oldest !== undefined && this.#partials.size >= MOST_DATAGRAMS) this.#forget(...oldest);
    const partial: Partial = {
      source,
      expires: now + TIMEOUT,
      pieces: [],
      length: 0,
      cost: 0,
      total: undefined,
      header: undefined,
      givenUp: false,
    };
    this.#partials.set(key, partial);
    return partial;
  }

  #put(partial: Partial, packet: Uint8Array, { offset, data }: Piece, more: boolean): void {
    const end = offset + data.length;
    const overlapping = partial.pieces.find(
      (piece) => piece.offset < end && offset < piece.offset + piece.data.length,
    );
    // RFC 8200 4.5: networks double packets, and an exact double does no harm.
    const total = more ? partial.total : end;
    if (overlapping !== undefined && isDouble(overlapping, offset, data) && total === partial.total) return;
    const contradicts =
      (partial.total !== undefined && end > partial.total) ||
      (!more && partial.pieces.some((piece) => piece.offset + piece.data.length > end));
    if (overlapping !== undefined || contradicts || partial.pieces.length >= MOST_PIECES) {
      this.#giveUp(partial);
      return;
    }
    partial.total = total;
    partial.pieces.push({ offset, data: Uint8Array.from(data) });
    partial.length += data.length;
    if (offset === 0) partial.header = Uint8Array.from(packet.subarray(0, DATA));
    this.#charge(partial, data.length + PIECE_COST);
  }

  #charge(partial: Partial, cost: number): void {
    partial.cost += cost;
    this.#octets += cost;
    for (const [key, oldest] of this.#partials) {
      if (this.#octets <= MOST_OCTETS) return;
      if (oldest !== partial) this.#forget(key, oldest);
    }
  }

  #finish(key: string, { pieces, total, length, header }: Partial): Uint8Array | undefined {
    // Nothing overlaps and nothing lies beyond the end: as many octets as there should be are all of them.
    if (header === undefined || total === undefined || length !== total) return undefined;
    const partial = this.#partials.get(key);
    if (partial !== undefined) this.#forget(key, partial);
    return whole(header, header[40], pieces, total);
  }

  /** Stays in the table until its time is over, so that later pieces do not begin it anew. */
  #giveUp(partial: Partial): void {
    this.#octets -= partial.cost;
    partial.cost = 0;
    partial.pieces = [];
    partial.header = undefined;
    partial.givenUp = true;
  }

  #forget(key: string, partial: Partial): void {
    this.#octets -= partial.cost;
    this.#partials.delete(key);
  }
}

/**
 * RFC 8200 4.5: pieces but the last are eights of octets, and the whole fits into a packet. Empty pieces and
 * fragments of fragments are nothing that anybody needs.
 */
function isSane(packet: Uint8Array, offset: number, more: boolean, length: number): boolean {
  if (packet.length < DATA || offset + length > MOST_PAYLOAD) return false;
  if (packet[40] === NextHeader.fragment) return false;
  return more ? length > 0 && length % 8 === 0 : length > 0 || offset === 0;
}

function isDouble(piece: Piece, offset: number, data: Uint8Array): boolean {
  return piece.offset === offset && Buffer.compare(piece.data, data) === 0;
}

/** Both addresses, or the source alone, and `length` octets at `at`, as a string of one character for each. */
function keyOf(packet: Uint8Array, at: number, length: number): string {
  const octets = Buffer.from(packet.buffer, packet.byteOffset, packet.length);
  return length === 0
    ? octets.toString('latin1', 8, 24)
    : octets.toString('latin1', 8, 40) + octets.toString('latin1', at, at + length);
}

function whole(
  header: Uint8Array,
  nextHeader: number | undefined,
  pieces: readonly Piece[],
  length: number,
): Uint8Array {
  const packet = newPacket(
    header.subarray(8, 24),
    header.subarray(24, 40),
    nextHeader ?? NextHeader.none,
    header[7] ?? 0,
    length,
  );
  packet.set(header.subarray(0, 4));
  for (const { offset, data } of pieces) packet.set(data, HEADER + offset);
  return packet;
}
