/** Questions to DNS: the system's resolver, or the name servers of the configuration. */
import { lookup, Resolver } from 'node:dns/promises';

/** The parts of DNS that are asked here; tests bring their own. */
export interface Names {
  srv(name: string): Promise<readonly Service[]>;
  addresses(host: string): Promise<readonly { readonly address: string; readonly family: number }[]>;
  /** Gives up what is under way: its askers get an error. */
  cancel(): void;
}

export interface Service {
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

/** Milliseconds and tries: an answer later than this is of no use to a person who waits for a dial tone. */
const TIMEOUT = 1_500;
const TRIES = 2;

/** The system's names, or those of `servers` where the configuration names some. */
export function systemNames(servers: readonly string[]): Names {
  // Made when first asked: a phone that registers at an address needs none.
  let made: Resolver | undefined;
  const resolver = () => {
    if (made === undefined) {
      made = new Resolver({ timeout: TIMEOUT, tries: TRIES });
      if (servers.length > 0) made.setServers([...servers]);
    }
    return made;
  };
  const bySystem = (host: string) => lookup(host, { all: true, order: 'verbatim' });
  const byServers = async (host: string) => {
    const [six, four] = await Promise.allSettled([resolver().resolve6(host), resolver().resolve4(host)]);
    return [...found(six, 6), ...found(four, 4)];
  };
  return {
    srv: (name) => resolver().resolveSrv(name),
    // RFC 6761 6.3: no server is asked about localhost.
    addresses:
      servers.length === 0 ? bySystem : (host) => (isLocalhost(host) ? bySystem(host) : byServers(host)),
    cancel: () => made?.cancel(),
  };
}

function found(answer: PromiseSettledResult<string[]>, family: number) {
  return answer.status === 'fulfilled' ? answer.value.map((address) => ({ address, family })) : [];
}

export function isLocalhost(host: string): boolean {
  return /(?:^|\.)localhost\.?$/i.test(host);
}
