/**
 * Packets of TFTP (RFC 1350), with options (RFC 2347):
 *
 *     read          01  file \0 mode \0 { option \0 value \0 }
 *     data          03  block (16)  0 to blksize octets
 *     acknowledge   04  block (16)
 *     error         05  code (16)   text \0
 *     options       06  { option \0 value \0 }
 */
import { Buffer } from 'node:buffer';

export type Options = ReadonlyMap<string, string>;

export type TftpPacket =
  | { readonly kind: 'read'; readonly file: string; readonly options: Options }
  | { readonly kind: 'data'; readonly block: number; readonly octets: Uint8Array }
  | { readonly kind: 'acknowledge'; readonly block: number }
  | { readonly kind: 'error'; readonly code: number; readonly text: string }
  /** By lower-case name: RFC 2347 has no case. */
  | { readonly kind: 'options'; readonly options: Options };

const CODES = { read: 1, data: 3, acknowledge: 4, error: 5, options: 6 } as const;
/** We never ask for text to be changed on the way. */
const MODE = 'octet';
/** RFC 2347: of a request; no other packet has longer texts. Octets. */
const LONGEST_TEXTS = 512;
const MOST_OPTIONS = 16;

/** What is not written cannot be asked for: texts have no zero octet, and a request 512 octets at most. */
export function writePacket(packet: TftpPacket): Buffer {
  const head = (number: number) => Buffer.of(0, CODES[packet.kind], number >> 8, number & 0xff);
  switch (packet.kind) {
    case 'read':
      return Buffer.concat([
        Buffer.of(0, CODES.read),
        texts(packet.file, MODE, ...[...packet.options].flat()),
      ]);
    case 'data':
      return Buffer.concat([head(packet.block), packet.octets]);
    case 'acknowledge':
      return head(packet.block);
    case 'error':
      return Buffer.concat([head(packet.code), texts(packet.text)]);
    case 'options':
      return Buffer.concat([Buffer.of(0, CODES.options), texts(...[...packet.options].flat())]);
  }
}

/** Undefined: it is none. The data of a packet is a piece of `octets`. Never throws. */
export function readPacket(octets: Uint8Array): TftpPacket | undefined {
  const view = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  if (view.length < 2) return undefined;
  const code = view.readUInt16BE(0);
  if (code === CODES.options || code === CODES.read) return withTexts(code, view.subarray(2));
  if (view.length < 4) return undefined;
  const number = view.readUInt16BE(2);
  switch (code) {
    case CODES.data:
      return { kind: 'data', block: number, octets: octets.subarray(4) };
    case CODES.acknowledge:
      return view.length === 4 ? { kind: 'acknowledge', block: number } : undefined;
    case CODES.error:
      // Some forget the zero behind the text.
      return { kind: 'error', code: number, text: untilZero(view.subarray(4)) };
    default:
      return undefined;
  }
}

function withTexts(code: 1 | 6, octets: Buffer): TftpPacket | undefined {
  if (octets.length > LONGEST_TEXTS || (octets.length > 0 && octets.at(-1) !== 0)) return undefined;
  const all = octets.toString('utf8').split('\0').slice(0, -1);
  const [file, mode, ...rest] = code === CODES.read ? all : ['', MODE, ...all];
  if (file === undefined || mode?.toLowerCase() !== MODE || rest.length % 2 !== 0) return undefined;
  if (rest.length > 2 * MOST_OPTIONS) return undefined;
  const options = new Map<string, string>();
  for (let at = 0; at < rest.length; at += 2) {
    const name = rest[at]?.toLowerCase() ?? '';
    // RFC 2347: each at most once.
    if (name === '' || options.has(name)) return undefined;
    options.set(name, rest[at + 1] ?? '');
  }
  return code === CODES.read ? { kind: 'read', file, options } : { kind: 'options', options };
}

function untilZero(octets: Buffer): string {
  const end = octets.indexOf(0);
  return octets.subarray(0, end < 0 ? LONGEST_TEXTS : Math.min(end, LONGEST_TEXTS)).toString('utf8');
}

function texts(...all: readonly string[]): Buffer {
  return Buffer.from(all.map((text) => `${text}\0`).join(''));
}

/** The name of the file that a URL means (RFC 3617); undefined: no request can name it. */
export function fileOf(url: URL): string | undefined {
  let file: string;
  try {
    file = decodeURIComponent(url.pathname.replace(/^\//, '').replace(/;mode=[a-z]+$/i, ''));
  } catch {
    return undefined;
  }
  const isTooLong = Buffer.byteLength(file) > 255;
  return file === '' || file.includes('\0') || isTooLong ? undefined : file;
}
