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
interface Incomplete {
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
  readonly #incomplete = new Map<string, Incomplete>();
  #octets = 0;

  /** What is held: octets with all that belongs to them. */
  get octets(): number {
    return this.#octets;
  }

  /** Datagrams begun. */
  get size(): number {
    return this.#incomplete.size;
  }

  /** When to call `tick`; Infinity: never. */
  get deadline(): number {
    const [oldest] = this.#incomplete.values();
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
    const begun = this.#incomplete.get(key) ?? this.#begin(key, packet, now);
    if (begun.givenUp) return undefined;
    this.#put(begun, packet, { offset, data }, more);
    return this.#finish(key, begun);
  }

  /** Forgets what has been waiting for too long. */
  tick(now: number): void {
    for (const [key, begun] of this.#incomplete) {
      if (begun.expires > now) return;
      this.#forget(key, begun);
    }
  }

  #begin(key: string, packet: Uint8Array, now: number): Incomplete {
    const source = keyOf(packet, 0, 0);
    const ofSource = [...this.#incomplete].filter(([, begun]) => begun.source === source);
    const [oldestOfSource] = ofSource;
    if (oldestOfSource !== undefined && ofSource.length >= MOST_PER_SOURCE) this.#forget(...oldestOfSource);
    const [oldest] = this.#incomplete;
    if (oldest !== undefined && this.#incomplete.size >= MOST_DATAGRAMS) this.#forget(...oldest);
    const begun: Incomplete = {
      source,
      expires: now + TIMEOUT,
      pieces: [],
      length: 0,
      cost: 0,
      total: undefined,
      header: undefined,
      givenUp: false,
    };
    this.#incomplete.set(key, begun);
    return begun;
  }

  #put(begun: Incomplete, packet: Uint8Array, { offset, data }: Piece, more: boolean): void {
    const end = offset + data.length;
    const overlapping = begun.pieces.find(
      (piece) => piece.offset < end && offset < piece.offset + piece.data.length,
    );
    // RFC 8200 4.5: networks double packets, and an exact double does no harm.
    const total = more ? begun.total : end;
    if (overlapping !== undefined && isDouble(overlapping, offset, data) && total === begun.total) return;
    const contradicts =
      (begun.total !== undefined && end > begun.total) ||
      (!more && begun.pieces.some((piece) => piece.offset + piece.data.length > end));
    if (overlapping !== undefined || contradicts || begun.pieces.length >= MOST_PIECES) {
      this.#giveUp(begun);
      return;
    }
    begun.total = total;
    begun.pieces.push({ offset, data: Uint8Array.from(data) });
    begun.length += data.length;
    if (offset === 0) begun.header = Uint8Array.from(packet.subarray(0, DATA));
    this.#charge(begun, data.length + PIECE_COST);
  }

  #charge(begun: Incomplete, cost: number): void {
    begun.cost += cost;
    this.#octets += cost;
    for (const [key, oldest] of this.#incomplete) {
      if (this.#octets <= MOST_OCTETS) return;
      if (oldest !== begun) this.#forget(key, oldest);
    }
  }

  #finish(key: string, { pieces, total, length, header }: Incomplete): Uint8Array | undefined {
    // Nothing overlaps and nothing lies beyond the end: as many octets as there should be are all of them.
    if (header === undefined || total === undefined || length !== total) return undefined;
    const begun = this.#incomplete.get(key);
    if (begun !== undefined) this.#forget(key, begun);
    return whole(header, header[40], pieces, total);
  }

  /** Stays in the table until its time is over, so that later pieces do not begin it anew. */
  #giveUp(begun: Incomplete): void {
    this.#octets -= begun.cost;
    begun.cost = 0;
    begun.pieces = [];
    begun.header = undefined;
    begun.givenUp = true;
  }

  #forget(key: string, begun: Incomplete): void {
    this.#octets -= begun.cost;
    this.#incomplete.delete(key);
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
