/** Addresses in both forms: applications speak text, packets octets. */
import { Buffer } from 'node:buffer';
import { type Ipv6, ipv6Key, ipv6Text, parseIpv6 } from '../address/ipv6.ts';
import { Memory } from './memory.ts';

const octets = new Memory((text: string) => parseIpv6(text.replace(/%.*/, '')));
const texts = new Memory((key: string) => ipv6Text(Buffer.from(key, 'latin1')));

/** A zone behind % is left out, for there is one link only. Undefined: it is no IPv6 address. */
export function octetsOf(text: string): Ipv6 | undefined {
  return octets.get(text);
}

export function textOf(address: Ipv6): string {
  return texts.get(ipv6Key(address));
}
