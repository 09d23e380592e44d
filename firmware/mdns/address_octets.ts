/** IP addresses as the octets of A and AAAA records. */
import { parseIp } from '#address/ip.ts';

/** 4 or 16 octets; none for a text that is no address. The zone is left out: it means something to nobody else. */
export function addressOctets(text: string): Buffer {
  const ip = parseIp(text);
  if (ip === undefined) return Buffer.alloc(0);
  return Buffer.from(ip.bits.toString(16).padStart(ip.family === 4 ? 8 : 32, '0'), 'hex');
}

/** Canonical text; undefined: these are neither 4 nor 16 octets. */
export function addressText(octets: Buffer): string | undefined {
  if (octets.length === 4) return octets.join('.');
  if (octets.length !== 16) return undefined;
  return parseIp(octets.toString('hex').match(/.{4}/g)?.join(':') ?? '')?.text;
}
