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
import { putUint16, putUint32, uint8, uint16 } from '../address/octets.ts';
import { HEADER, MOST_PAYLOAD, MTU, NextHeader, nextHeaderOf } from './ipv6.ts';

const FRAGMENT_HEADER = 8;
const DATA = HEADER + FRAGMENT_HEADER;
/** Octets of a piece but the last; they come in eights. */
const MOST_DATA = (MTU - DATA) & ~7;
const MORE = 1;

/** RFC 8200 4.5. */
const TIMEOUT = 60_000;
const MOST_DATAGRAMS = 64;
const MOST_PER_SOURCE = 4;
const MOST_OCTETS = 262_144;
/** A whole datagram is 54 pieces of 1232 octets; nobody honest cuts finer, for every link carries 1280. */
const MOST_PIECES = 128;
/** What a piece costs beside its octets and header, about. */
const PIECE_COST = 80;

/**
 * The packet in pieces of at most 1280 octets; as it is where it fits. It has no extension headers, and
 * `identification` (32 bits) is no other one's between the same two addresses for a minute.
 */
export function fragments(packet: Uint8Array, identification: number): Uint8Array[] {
  if (packet.length <= MTU) return [packet];
  const pieces: Uint8Array[] = [];
  for (let at = HEADER; at < packet.length; at += MOST_DATA) {
    const data = packet.subarray(at, at + MOST_DATA);
    const piece = withHeaderOf(packet, NextHeader.fragment, FRAGMENT_HEADER + data.length);
    putUint16(piece, 40, nextHeaderOf(packet) << 8);
    putUint16(piece, 42, (at - HEADER) | (at + MOST_DATA < packet.length ? MORE : 0));
    putUint32(piece, 44, identification);
    piece.set(data, DATA);
    pieces.push(piece);
  }
  return pieces;
}

interface Piece {
  readonly offset: number;
  /** The last one ends at infinity, for nothing lies behind it. */
  readonly end: number;
  /** The whole fragment. */
  readonly packet: Uint8Array;
}

/** In no order. Undefined: given up; nothing of it is believed, nor what is still to come (RFC 5722 4). */
type Pieces = readonly Piece[] | undefined;

/** A datagram that is not whole yet. */
interface Incomplete {
  readonly expires: number;
  pieces: Pieces;
}

/**
 * Makes whole packets of fragments, at most 64 datagrams and 256 kB at a time, 4 of one source; beyond that the
 * oldest goes. What is not whole after 60 s is forgotten.
 */
export class Reassembly {
  /** By source, destination and identification; oldest first. */
  readonly #incomplete = new Map<string, Incomplete>();

  /** What is held: octets with all that belongs to them. */
  get octets(): number {
    let sum = 0;
    for (const { pieces = [] } of this.#incomplete.values())
      for (const { packet } of pieces) sum += packet.length + PIECE_COST;
    return sum;
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
    const piece = readPiece(packet);
    if (!piece) return undefined;
    // A fragment that is all of it has nothing to do with others of the same identification (RFC 6946 4).
    if (piece.offset === 0 && piece.end === Infinity) return join([piece]);
    const key = Buffer.concat([packet.subarray(8, 40), packet.subarray(44, DATA)]).toString('latin1');
    const begun: Incomplete = this.#incomplete.get(key) ?? { expires: now + TIMEOUT, pieces: [] };
    this.#incomplete.set(key, begun);
    begun.pieces = withPiece(begun.pieces, piece);
    this.#trim(key);
    const whole = join(begun.pieces);
    if (whole) this.#incomplete.delete(key);
    return whole;
  }

  /** Forgets what has been waiting for too long. */
  tick(now: number): void {
    for (const [key, { expires }] of this.#incomplete) if (expires <= now) this.#incomplete.delete(key);
  }

  /** The oldest go until the limits are kept, but not the one that grew. */
  #trim(grown: string): void {
    const others = [...this.#incomplete.keys()].filter((key) => key !== grown);
    const ofSource = others.filter((key) => key.startsWith(grown.slice(0, 16)));
    for (const key of ofSource.slice(0, 1 - MOST_PER_SOURCE)) this.#incomplete.delete(key);
    for (const key of others) {
      if (this.size <= MOST_DATAGRAMS && this.octets <= MOST_OCTETS) return;
      this.#incomplete.delete(key);
    }
  }
}

/**
 * RFC 8200 4.5: pieces but the last are eights of octets, and the whole fits into a packet. Empty pieces and
 * fragments of fragments are nothing that anybody needs.
 */
function readPiece(packet: Uint8Array): Piece | undefined {
  const word = uint16(packet, 42);
  const offset = word & ~7;
  const more = (word & MORE) !== 0;
  const length = packet.length - DATA;
  const isSane = more ? length > 0 && length % 8 === 0 : length > 0 || offset === 0;
  if (length < 0 || !isSane || offset + length > MOST_PAYLOAD) return undefined;
  if (packet[40] === NextHeader.fragment) return undefined;
  return { offset, end: more ? offset + length : Infinity, packet: new Uint8Array(packet) };
}

/** What overlaps gives up the whole; so does what lies behind the last piece, which has no end. */
function withPiece(pieces: Pieces, piece: Piece): Pieces {
  const overlapping = pieces?.find(({ offset, end }) => offset < piece.end && piece.offset < end);
  // RFC 8200 4.5: networks double packets, and an exact double does no harm.
  if (overlapping && Buffer.compare(contentOf(overlapping), contentOf(piece)) === 0) return pieces;
  return pieces && !overlapping && pieces.length < MOST_PIECES ? [...pieces, piece] : undefined;
}

function contentOf({ packet }: Piece): Uint8Array {
  return packet.subarray(HEADER);
}

/** Undefined: something is missing. */
function join(pieces: Pieces = []): Uint8Array | undefined {
  const first = pieces.find(({ offset }) => offset === 0);
  const last = pieces.find(({ end }) => end === Infinity);
  const length = pieces.reduce((sum, { packet }) => sum + packet.length - DATA, 0);
  // Nothing overlaps: as many octets as there should be are all of them.
  if (!first || !last || length !== last.offset + last.packet.length - DATA) return undefined;
  const whole = withHeaderOf(first.packet, uint8(first.packet, HEADER), length);
  for (const { offset, packet } of pieces) whole.set(packet.subarray(DATA), HEADER + offset);
  return whole;
}

/** A packet with the addresses, traffic class, flow label and hop limit of another one, and a payload to be filled. */
function withHeaderOf(packet: Uint8Array, nextHeader: number, payloadLength: number): Uint8Array {
  const made = Buffer.allocUnsafe(HEADER + payloadLength);
  made.set(packet.subarray(0, HEADER));
  putUint16(made, 4, payloadLength);
  made[6] = nextHeader;
  return made;
}
