/**
 * How many requests outside of dialogs somebody may send who is neither our server nor named by our owner: a telephone
 * on the LAN, whoever learnt our Contact, or with `acceptFrom: anyone` everybody. A person calls twice a minute; what
 * comes faster than any telephone is not answered, so that it costs neither memory for transactions nor our own calls.
 */
import { isLinkLocal, parseIp, unmapped } from '#address/ip.ts';

interface Rate {
  readonly perSecond: number;
  readonly atOnce: number;
}

/** Retransmissions and the probes of a race included. */
export const OF_ONE: Rate = { perSecond: 20, atOnce: 60 };
export const OF_ALL: Rate = { perSecond: 60, atOnce: 200 };
const MOST_SOURCES = 256;

/** A token bucket. */
class Bucket {
  readonly #rate: Rate;
  #left: number;
  #last: number;

  constructor(rate: Rate, now: number) {
    this.#rate = rate;
    this.#left = rate.atOnce;
    this.#last = now;
  }

  take(now: number): boolean {
    const { perSecond, atOnce } = this.#rate;
    this.#left = Math.min(atOnce, this.#left + ((now - this.#last) / 1000) * perSecond);
    this.#last = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}

export class FloodGate {
  readonly #sources = new Map<string, Bucket>();
  #all: Bucket | undefined;

  /** Whether one more is heard. `now`: ms. */
  lets(address: string, now: number): boolean {
    const source = sourceOf(address);
    const bucket = this.#sources.get(source) ?? new Bucket(OF_ONE, now);
    // The newest at the end.
    this.#sources.delete(source);
    this.#sources.set(source, bucket);
    for (const oldest of this.#sources.keys()) {
      if (this.#sources.size <= MOST_SOURCES) break;
      this.#sources.delete(oldest);
    }
    this.#all ??= new Bucket(OF_ALL, now);
    // Who sends too much shall not use up what is left for others.
    return bucket.take(now) && this.#all.take(now);
  }
}

/** An IPv4 address, or a network of IPv6, in which everybody has any number of addresses; on a link each is one. */
function sourceOf(address: string): string {
  const ip = parseIp(address);
  if (ip === undefined) return address;
  const source = unmapped(ip);
  if (source.family === 4 || isLinkLocal(source)) return source.text;
  return `${source.bits >> 64n}::/64`;
}
