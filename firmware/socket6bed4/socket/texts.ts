/** Addresses in both forms: applications and Node speak text, packets octets. For each packet to read them would be dear. */
import { Buffer } from 'node:buffer';
import { ipv4Text, parseIpv4 } from '../address/ipv4.ts';
import { type Ipv6, ipv6Key, ipv6Text, parseIpv6 } from '../address/ipv6.ts';
import { remembering } from './memory.ts';

/** A zone behind % is left out, for there is one link only. Undefined: it is no IPv6 address. */
export const octetsOf = remembering((text: string) => parseIpv6(text.replace(/%.*/, '')));

const textOfKey = remembering((key: string) => ipv6Text(Buffer.from(key, 'latin1')));

export function textOf(address: Ipv6): string {
  return textOfKey(ipv6Key(address));
}

/** Where a datagram of IPv4 came from, as Node tells it: a number, 0 if it is none. */
export const ipv4Of = remembering((text: string) => parseIpv4(text) ?? 0);

/** Where one goes, as Node wants it. */
export const ipv4TextOf = remembering(ipv4Text);
