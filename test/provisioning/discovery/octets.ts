/** Writes what DHCP servers and routers write, for tests of their readers. */
import { Buffer } from 'node:buffer';

/** `78 12 00`, with or without blanks. */
export const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex');
export const text = (words: string): Uint8Array => Buffer.from(words, 'latin1');
export const join = (...parts: readonly Uint8Array[]): Buffer => Buffer.concat(parts);

/** Names as RFC 1035 3.1 writes them. */
export function names(...domains: readonly string[]): Uint8Array {
  const labels = domains.flatMap((domain) => [...domain.split('.'), '']);
  return join(...labels.flatMap((label) => [Uint8Array.of(label.length), text(label)]));
}

/** Code and length of one octet each. */
export const option4 = (code: number, value: Uint8Array): Buffer =>
  join(Uint8Array.of(code, value.length), value);

/** Code and length of two octets each. */
export const option6 = (code: number, value: Uint8Array): Buffer =>
  join(Uint8Array.of(code >> 8, code & 0xff, value.length >> 8, value.length & 0xff), value);

const REPLY_HEADER = 236;

/** An ACK of a DHCPv4 server, for the request whose octets these are; `options` after type and server. */
export function ack(request: Uint8Array, options: Uint8Array, server = '0a090001'): Uint8Array {
  const header = Buffer.alloc(REPLY_HEADER);
  header.set([2, 1, 6, 0]);
  header.set(request.subarray(4, 8), 4);
  header.set(request.subarray(12, 16), 12);
  header.set(request.subarray(28, 34), 28);
  return join(header, hex('63825363 350105 3604'), hex(server), options, Uint8Array.of(255));
}

/** A Reply of a DHCPv6 server to an Information-request. */
export function reply(
  request: Uint8Array,
  options: Uint8Array,
  server = '0003000100112233445566',
): Uint8Array {
  const clientId = request.subarray(4, 4 + 4 + ((request[6] ?? 0) << 8) + (request[7] ?? 0));
  return join(Uint8Array.of(7), request.subarray(1, 4), clientId, option6(2, hex(server)), options);
}
