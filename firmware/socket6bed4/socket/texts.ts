/** Addresses in both forms: applications and Node speak text, packets octets. For each packet to read them would be dear. */
import { Buffer } from 'node:buffer';
import { ipv4Text, parseIpv4 } from '../address/ipv4.ts';
import { type Ipv6, ipv6Key, ipv6Text, parseIpv6 } from '../address/ipv6.ts';
import { Memory } from './memory.ts';

const octets = new Memory((text: string) => parseIpv6(text.replace(/%.*/, '')));
const texts = new Memory((key: string) => ipv6Text(Buffer.from(key, 'latin1')));
const ipv4Numbers = new Memory((text: string) => parseIpv4(text) ?? 0);
const ipv4Texts = new Memory(ipv4Text);

/** A zone behind % is left out, for there is one link only. Undefined: it is no IPv6 address. */
export function octetsOf(text: string): Ipv6 | undefined {
  return octets.get(text);
}

export function textOf(address: Ipv6): string {
  return texts.get(ipv6Key(address));
}

/** Where a datagram of IPv4 came from, as Node tells it: a number, 0 if it is none. */
export function ipv4Of(text: string): number {
  return ipv4Numbers.get(text);
}

/** Where one goes, as Node wants it. */
export function ipv4TextOf(ipv4: number): string {
  return ipv4Texts.get(ipv4);
}
