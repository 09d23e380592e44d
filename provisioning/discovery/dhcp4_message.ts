/**
 * Messages of DHCPv4: the INFORM that we send, the ACK that answers it, and the packets that clients keep as leases.
 *
 *      0                   1                   2                   3
 *     |     op (1)    |   htype (1)   |   hlen (1)    |   hops (1)    |
 *     |                            xid (4)                            |
 *     |           secs (2)            |           flags (2)           |
 *     |  ciaddr (4) | yiaddr (4) | siaddr (4) | giaddr (4)            |
 *     |  chaddr (16)                                                  |
 *     |  sname (64)                                                   |
 *     |  file (128)                                                   |
 *     |  magic cookie (4), options                                    |   RFC 2131 2, RFC 2132 2
 */
import { Buffer } from 'node:buffer';
import { parseIp } from '#address/ip.ts';
import { addOption4, OPTION4, type Options4, readOptions4 } from './dhcp4_options.ts';

const BOOTREQUEST = 1;
const BOOTREPLY = 2;
const ETHERNET = 1;
const MAC_LENGTH = 6;
const AT = {
  xid: 4,
  secs: 8,
  ciaddr: 12,
  yiaddr: 16,
  chaddr: 28,
  sname: 44,
  file: 108,
  cookie: 236,
  options: 240,
};
const COOKIE = 0x63825363;
/** RFC 1542 2.1: some relays drop what is shorter. */
const SHORTEST = 300;
/** RFC 2132 9.6. */
export const INFORM = 8;
export const ACK = 5;

/** Options that make a message one (RFC 2132 9). */
const OPTION = { overload: 52, messageType: 53, serverId: 54, asked: 55, maximum: 57, vendorClass: 60 };
const END = 255;
/** Octets that an answer may have: what fits a link of IPv6, and so every one that we meet (RFC 2132 9.10). */
const MOST_OCTETS = 1280;

export interface Inform {
  readonly xid: number;
  /** Seconds since the first try. */
  readonly secs: number;
  /** Of the interface. */
  readonly address: string;
  /** Six octets. */
  readonly mac: Uint8Array;
  /** Option codes. */
  readonly asked: readonly number[];
  /** By which servers know what kind of device asks (RFC 2132 9.13). */
  readonly vendorClass: string;
}

/** RFC 2131 4.4.1, table 5. No client identifier: the lease is that of another client, whose identifier we do not know. */
export function writeInform({ xid, secs, address, mac, asked, vendorClass }: Inform): Uint8Array {
  const header = Buffer.alloc(AT.options);
  header.set([BOOTREQUEST, ETHERNET, MAC_LENGTH, 0]);
  header.writeUInt32BE(xid, AT.xid);
  header.writeUInt16BE(Math.min(secs, 0xffff), AT.secs);
  header.set(address.split('.').map(Number), AT.ciaddr);
  header.set(mac.subarray(0, MAC_LENGTH), AT.chaddr);
  header.writeUInt32BE(COOKIE, AT.cookie);
  const options = Buffer.concat([
    option(OPTION.messageType, [INFORM]),
    option(OPTION.maximum, [MOST_OCTETS >> 8, MOST_OCTETS & 0xff]),
    option(OPTION.vendorClass, Buffer.from(vendorClass, 'latin1')),
    option(OPTION.asked, asked),
    Uint8Array.of(END),
  ]);
  const padding = Math.max(0, SHORTEST - header.length - options.length);
  return Buffer.concat([header, options, Buffer.alloc(padding)]);
}

function option(code: number, value: ArrayLike<number>): Uint8Array {
  return Uint8Array.from([code, value.length, ...Array.from(value)]);
}

export interface Message4 {
  readonly type: number;
  readonly xid: number;
  /** What the client said that it has, and what the server gives it; `0.0.0.0`: nothing. */
  readonly ciaddr: string;
  readonly yiaddr: string;
  /** Six octets. */
  readonly chaddr: Uint8Array;
  /** Address of the server. */
  readonly server?: string;
  readonly options: Options4;
}

/** An answer of a server. Undefined: it is none. */
export function readReply4(octets: Uint8Array): Message4 | undefined {
  const message = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  if (message.length < AT.options || message[0] !== BOOTREPLY) return undefined;
  if (message.readUInt32BE(AT.cookie) !== COOKIE) return undefined;
  const options = allOptions(message);
  const type = options.get(OPTION.messageType);
  if (type?.length !== 1) return undefined;
  const server = addressIn(options.get(OPTION.serverId));
  return {
    type: type[0] ?? 0,
    xid: message.readUInt32BE(AT.xid),
    ciaddr: addressAt(message, AT.ciaddr),
    yiaddr: addressAt(message, AT.yiaddr),
    chaddr: message.subarray(AT.chaddr, AT.chaddr + MAC_LENGTH),
    ...(server === undefined ? {} : { server }),
    options,
  };
}

/** RFC 2132 9.3: the fields of file and server may hold options instead, or what options 67 and 66 would say. */
function allOptions(message: Buffer): Options4 {
  const sname = message.subarray(AT.sname, AT.file);
  const file = message.subarray(AT.file, AT.cookie);
  const options = new Map(readOptions4(message.subarray(AT.options)));
  const overload = options.get(OPTION.overload)?.[0] ?? 0;
  const into = (holdsOptions: boolean, field: Uint8Array, code: number) => {
    if (holdsOptions) for (const [other, value] of readOptions4(field)) addOption4(options, other, value);
    else if (field[0] !== 0 && !options.has(code)) options.set(code, untilNul(field));
  };
  into((overload & 1) !== 0, file, OPTION4.bootFile);
  into((overload & 2) !== 0, sname, OPTION4.tftpServer);
  return options;
}

function untilNul(field: Uint8Array): Uint8Array {
  const end = field.indexOf(0);
  return end < 0 ? field : field.subarray(0, end);
}

function addressAt(message: Buffer, at: number): string {
  return message.subarray(at, at + 4).join('.');
}

function addressIn(octets: Uint8Array | undefined): string | undefined {
  return octets?.length === 4 ? parseIp(octets.join('.'))?.text : undefined;
}
