/**
 * Which of our addresses a packet to `remote` leaves from. A wildcard UDP socket does not tell; the kernel's
 * routing does, when a throw-away socket is connected there: nothing goes on the wire.
 */
import { createSocket } from 'node:dgram';
import type { Endpoint, Family } from '#address/endpoint.ts';
import { NetError } from './errors.ts';

/** Milliseconds an answer is trusted: addresses and routes change. */
const TRUSTED = 5_000;
const MOST_REMEMBERED = 512;
/** Lookups under way at once; a flood from forged sources must not eat the file descriptors. */
const MOST_PENDING = 64;

interface Known {
  readonly until: number;
  readonly address: string;
}

export class SourceAddresses {
  readonly #known = new Map<string, Known>();
  readonly #pending = new Map<string, Promise<string>>();

  /** The answer if it is fresh; never waits. */
  cached(remote: Pick<Endpoint, 'address'>): string | undefined {
    const known = this.#known.get(remote.address);
    return known !== undefined && known.until > performance.now() ? known.address : undefined;
  }

  /** Rejects with NetError NO_ROUTE (the kernel knows no way there) or TOO_MANY. */
  find(remote: Pick<Endpoint, 'family' | 'address'>): Promise<string> {
    const cached = this.cached(remote);
    if (cached !== undefined) return Promise.resolve(cached);
    const under = this.#pending.get(remote.address);
    if (under !== undefined) return under;
    if (this.#pending.size >= MOST_PENDING) {
      return Promise.reject(new NetError('TOO_MANY', 'too many source address lookups at once'));
    }
    const asked = probe(remote.family, remote.address)
      .then((address) => this.#remember(remote.address, address))
      .finally(() => this.#pending.delete(remote.address));
    this.#pending.set(remote.address, asked);
    return asked;
  }

  /** Our addresses have changed: ask anew. */
  forget(): void {
    this.#known.clear();
  }

  #remember(remote: string, address: string): string {
    const oldest = this.#known.keys().next();
    if (this.#known.size >= MOST_REMEMBERED && !oldest.done) this.#known.delete(oldest.value);
    this.#known.delete(remote);
    this.#known.set(remote, { until: performance.now() + TRUSTED, address });
    return address;
  }
}

/** Any port but 0 serves: only the address takes part in the choice of a route. */
const DISCARD_PORT = 9;

function probe(family: Family, address: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    const fail = (error: Error) => {
      socket.close();
      reject(new NetError('NO_ROUTE', `no route to ${address} (${error.message})`));
    };
    socket.once('error', fail);
    socket.connect(DISCARD_PORT, address, (error?: Error) => {
      if (error) return fail(error);
      const local = socket.address().address;
      socket.close();
      resolve(local);
    });
  });
}
