/** Our addresses inside the tunnel, and which others are reached by it rather than by the kernel. */
import { type IpAddress, parseIp } from '#address/ip.ts';

/** Former addresses that are still known as ours: a session keeps its own until it is negotiated anew. */
export const MOST_KNOWN = 16;
/** fc64::/16, where every 6bed4 router has a prefix without asking for one. */
const ROUTER_PREFIX = 0xfc64n;

export class InnerAddresses {
  /** Canonical text, the one by our own router first. */
  current: readonly string[] = [];
  #known: readonly string[] = [];
  #networks: ReadonlySet<bigint> = new Set();

  /** False: they are what they were. */
  update(addresses: readonly string[]): boolean {
    const { current } = this;
    if (addresses.length === current.length && addresses.every((text, i) => text === current[i]))
      return false;
    this.current = [...addresses];
    this.#known = [...new Set([...addresses, ...this.#known])].slice(0, MOST_KNOWN);
    this.#networks = new Set(this.current.map((text) => networkOf(parseIp(text))));
    return true;
  }

  /** Whether this is, or lately was, an address of ours inside. */
  owns(text: string): boolean {
    return this.#known.includes(text);
  }

  /** Whether the tunnel is the way to this address, wherever it is sent from. */
  reaches(text: string): boolean {
    const ip = parseIp(text);
    if (ip?.family !== 6) return false;
    return ip.bits >> 112n === ROUTER_PREFIX || this.#networks.has(networkOf(ip));
  }
}

/** The first 64 bits; -1 for what is no IPv6 address. */
function networkOf(ip: IpAddress | undefined): bigint {
  return ip?.family === 6 ? ip.bits >> 64n : -1n;
}
