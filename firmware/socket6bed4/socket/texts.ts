/** Addresses in both forms, remembered: applications speak text, packets octets. */
import { type Ipv6, ipv6Text, parseIpv6, sameIpv6 } from '../address/ipv6.ts';

const MOST = 1024;
/** A power of two. */
const SLOTS = 256;

export class Texts {
  readonly #octets = new Map<string, Ipv6>();
  /** By a hash of the octets; whoever comes later takes the slot. */
  readonly #texts: ({ readonly address: Ipv6; readonly text: string } | undefined)[] = new Array(SLOTS);

  /** A zone behind % is left out, for there is one link only. Undefined: it is no IPv6 address. */
  octetsOf(text: string): Ipv6 | undefined {
    const known = this.#octets.get(text);
    if (known !== undefined) return known;
    const octets = parseIpv6(text.replace(/%.*/, ''));
    if (octets === undefined) return undefined;
    if (this.#octets.size >= MOST) this.#octets.clear();
    this.#octets.set(text, octets);
    return octets;
  }

  textOf(address: Ipv6): string {
    let hash = 0;
    for (let i = 8; i < 16; i += 1) hash = (hash * 31 + (address[i] ?? 0)) | 0;
    const slot = hash & (SLOTS - 1);
    const known = this.#texts[slot];
    if (known !== undefined && sameIpv6(known.address, address)) return known.text;
    const text = ipv6Text(address);
    this.#texts[slot] = { address: Uint8Array.from(address), text };
    return text;
  }
}
