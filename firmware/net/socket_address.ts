/** Addresses as the kernel takes them: `struct sockaddr_in` and `sockaddr_in6` of Linux on little-endian machines. */
import { Buffer } from 'node:buffer';
import { networkInterfaces } from 'node:os';
import type { Endpoint } from '#address/endpoint.ts';
import { parseIp } from '#address/ip.ts';

export const AF_INET = 2;
export const AF_INET6 = 10;

/**
 *     0        2        4            8                          24         28
 *     | family | port   | address    |                             IPv4: 16 octets, the rest zero
 *     | family | port   | flow info  | address                  | scope |  IPv6
 *
 * Family and scope in the machine's order, the others in that of the network. Undefined: `end` is no IP address.
 */
export function socketAddress(end: Endpoint): Uint8Array | undefined {
  const ip = parseIp(end.address);
  if (ip === undefined) return undefined;
  const octets = Buffer.alloc(ip.family === 4 ? 16 : 28);
  octets.writeUInt16LE(ip.family === 4 ? AF_INET : AF_INET6, 0);
  octets.writeUInt16BE(end.port, 2);
  if (ip.family === 4) {
    octets.writeUInt32BE(Number(ip.bits), 4);
  } else {
    octets.writeBigUInt64BE(ip.bits >> 64n, 8);
    octets.writeBigUInt64BE(ip.bits & 0xffffffffffffffffn, 16);
    octets.writeUInt32LE(scopeOf(ip.zone), 24);
  }
  return octets;
}

/** The index of an interface: RFC 4007 zones are its name, or the number itself. */
function scopeOf(zone: string | undefined): number {
  if (zone === undefined) return 0;
  if (/^\d+$/.test(zone)) return Number(zone);
  const scopes = networkInterfaces()[zone]?.flatMap((entry) =>
    entry.family === 'IPv6' ? [entry.scopeid] : [],
  );
  return scopes?.find((scope) => scope > 0) ?? 0;
}
