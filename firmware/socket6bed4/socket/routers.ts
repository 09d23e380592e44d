/** Routers as people write them: `192.0.2.1`, `192.0.2.1:25790`, `router.example`, `router.example:25790`. */
import { lookup } from 'node:dns/promises';
import { endKey, type Ipv4End, parseEnd, parseIpv4 } from '../address/ipv4.ts';
import { ROUTER_PORT } from '../address/sixbed4.ts';
import { errorOf } from './errors.ts';

const ENVIRONMENT = 'SOCKET6BED4_ROUTERS';
/** The peer asks no more at once. */
const MOST_ROUTERS = 8;
const NAMED = /^((?:[\w-]+\.)*[a-z][\w-]*\.?)(?::(\d{1,5}))?$/i;
/** Milliseconds between two lookups of the names, as long as no router answers. */
const AGAIN = 30_000;

export interface Router {
  readonly host: string;
  readonly port: number;
}

/** Throws a TypeError that says which entry is wrong, or what to set when there is none. */
export function readRouters(list: readonly string[]): Router[] {
  if (list.length === 0) {
    throw errorOf(
      'ERR_6BED4_ROUTERS',
      `No 6bed4 router is known. Set the environment variable ${ENVIRONMENT}=192.0.2.1:25790, or give the option routers: ['192.0.2.1:25790'], with the IPv4 address of a router instead of 192.0.2.1.`,
    );
  }
  return list.map((text) => {
    const end = parseEnd(text, ROUTER_PORT);
    if (end !== undefined) return { host: text.replace(/:.*/, ''), port: end.port };
    const [, host, digits = ROUTER_PORT] = NAMED.exec(text) ?? [];
    const port = Number(digits);
    if (host === undefined || port < 1 || port > 65535) {
      throw errorOf(
        'ERR_6BED4_ROUTERS',
        `The 6bed4 router '${text}' is neither IPV4[:PORT] nor NAME[:PORT].`,
      );
    }
    return { host, port };
  });
}

/** The list in the environment, separated by commas or spaces. */
export function routersOfEnvironment(): string[] {
  return (process.env[ENVIRONMENT] ?? '').split(/[\s,]+/).filter((text) => text !== '');
}

/** Asks DNS where routers are, again and again until somebody says that it is enough. */
export class RouterNames {
  readonly #found: (ends: readonly Ipv4End[]) => void;
  #routers: readonly Router[] = [];
  #ends: readonly Ipv4End[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** `found` is told when there are others than before; never none. */
  constructor(found: (ends: readonly Ipv4End[]) => void) {
    this.#found = found;
  }

  /** Who was asked, or, as long as DNS tells no address, who is looked for. */
  get text(): string {
    return this.#routers.map(({ host, port }) => `${host}:${port}`).join(', ');
  }

  set(routers: readonly Router[]): void {
    this.#routers = routers;
    this.#ends = [];
    this.look();
  }

  /** Asks now, and every 30 s until `enough`. */
  look(): void {
    this.enough();
    this.#timer = setTimeout(() => this.look(), AGAIN);
    this.#timer.unref();
    this.#resolve(this.#routers);
  }

  enough(): void {
    clearTimeout(this.#timer);
  }

  async #resolve(routers: readonly Router[]): Promise<void> {
    const ends = (await Promise.all(routers.map(endsOf))).flat();
    const different = [...new Map(ends.map((end) => [endKey(end), end])).values()].slice(0, MOST_ROUTERS);
    const changed = different.map(endKey).join() !== this.#ends.map(endKey).join();
    if (routers !== this.#routers || different.length === 0 || !changed) return;
    this.#ends = different;
    this.#found(different);
  }
}

/** Of an address itself, of a name all that DNS knows; nothing where it knows nothing. */
async function endsOf({ host, port }: Router): Promise<Ipv4End[]> {
  const ipv4 = parseIpv4(host);
  if (ipv4 !== undefined) return [{ ipv4, port }];
  const answers = await lookup(host, { family: 4, all: true }).catch(() => []);
  return answers.map(({ address }) => ({ ipv4: parseIpv4(address) ?? 0, port }));
}
