/**
 * Messages of DHCPv6: the Information-request that we send, and the Reply (RFC 8415 8).
 *
 *     | msg-type 1 | transaction-id 3 | options: code 2, length 2, value |
 */
import { Buffer } from 'node:buffer';
import { type Options6, readOptions6 } from './dhcp6_options.ts';

const INFORMATION_REQUEST = 11;
const REPLY = 7;
const HEADER = 4;
/** RFC 8415 21: those that the exchange itself needs. */
const OPTION = { clientId: 1, serverId: 2, asked: 6, elapsed: 8, status: 13, refresh: 32, maxRt: 83 };
/** RFC 8415 21.13. */
const SUCCESS = 0;
/** RFC 8415 11.4: type 3, hardware type 1, then the address. */
const DUID_LL = [0, 3, 0, 1];

/** @param mac six octets */
export function duidOf(mac: Uint8Array): Uint8Array {
  return Uint8Array.from([...DUID_LL, ...mac.subarray(0, 6)]);
}

export interface InformationRequest {
  /** Three octets. */
  readonly transaction: number;
  readonly clientId: Uint8Array;
  /** Option codes; those that RFC 8415 18.2.6 demands are added. */
  readonly asked: readonly number[];
  /** ms since the first try. */
  readonly elapsed: number;
}

export function writeInformationRequest(request: InformationRequest): Uint8Array {
  const { transaction, clientId, asked, elapsed } = request;
  const head = Buffer.alloc(HEADER);
  head.writeUInt32BE(transaction & 0xffffff);
  head[0] = INFORMATION_REQUEST;
  const hundredths = Math.min(Math.floor(elapsed / 10), 0xffff);
  return Buffer.concat([
    head,
    option(OPTION.clientId, clientId),
    option(OPTION.elapsed, numbers([hundredths])),
    option(OPTION.asked, numbers([...asked, OPTION.refresh, OPTION.maxRt])),
  ]);
}

function option(code: number, value: Uint8Array): Uint8Array {
  return Buffer.concat([numbers([code, value.length]), value]);
}

/** Of two octets each. */
function numbers(values: readonly number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => [value >> 8, value & 0xff]));
}

export interface Reply6 {
  readonly transaction: number;
  /** The server's DUID, hexadecimal. */
  readonly server: string;
  readonly clientId: Uint8Array | undefined;
  /** s: when to ask again; undefined: not said (RFC 8415 21.23). */
  readonly refresh: number | undefined;
  /** s: the longest pause between tries; undefined: not said (21.25). */
  readonly maxRt: number | undefined;
  readonly options: Options6;
}

/** RFC 8415 16.10. Undefined: no Reply, one without a server's name, or one that tells of a failure. */
export function readReply6(octets: Uint8Array): Reply6 | undefined {
  if (octets.length < HEADER || octets[0] !== REPLY) return undefined;
  const options = readOptions6(octets.subarray(HEADER));
  const server = options?.get(OPTION.serverId)?.[0];
  if (options === undefined || server === undefined || server.length === 0) return undefined;
  if ((numberIn(options.get(OPTION.status)?.[0], 2) ?? SUCCESS) !== SUCCESS) return undefined;
  const transaction = ((octets[1] ?? 0) << 16) | ((octets[2] ?? 0) << 8) | (octets[3] ?? 0);
  return {
    transaction,
    server: Buffer.from(server).toString('hex'),
    clientId: options.get(OPTION.clientId)?.[0],
    refresh: numberIn(options.get(OPTION.refresh)?.[0], 4),
    maxRt: numberIn(options.get(OPTION.maxRt)?.[0], 4),
    options,
  };
}

function numberIn(value: Uint8Array | undefined, size: 2 | 4): number | undefined {
  if (value === undefined || value.length < size) return undefined;
  return Buffer.from(value.subarray(0, size)).readUIntBE(0, size);
}
