/** Which name servers are asked: those of the configuration, else those of the system as they are now. */
import type { Endpoint } from '#address/endpoint.ts';
import { isTeredo, parseIp } from '#address/ip.ts';
import { SystemFile } from './file.ts';

const DNS_PORT = 53;
/** The C library takes three. */
const MOST_SERVERS = 8;
/** resolv.conf(5): where the file names none, this host is asked. */
const THIS_HOST = ['127.0.0.1', '::1'];

/** resolv.conf(5): the `nameserver` lines. */
export function parseResolvConf(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1] ?? []);
}

/**
 * resolv.conf(5): the last `search` or `domain` line counts. They are for names typed by people, not for domains of
 * URIs; here they tell of the network that we are in.
 */
export function parseSearchDomains(text: string): readonly string[] {
  const lines = text.split('\n').flatMap((line) => /^\s*(?:search|domain)\s+(.*)/.exec(line)?.[1] ?? []);
  return lines.at(-1)?.trim().split(/\s+/) ?? [];
}

function serversOf(addresses: readonly string[]): readonly Endpoint[] {
  const ends = addresses.flatMap((text): readonly Endpoint[] => {
    const ip = parseIp(text);
    return ip === undefined || isTeredo(ip) ? [] : [{ family: ip.family, address: ip.text, port: DNS_PORT }];
  });
  return ends.slice(0, MOST_SERVERS);
}

export class Resolvers {
  readonly #configured: readonly Endpoint[];
  readonly #system: SystemFile<readonly Endpoint[]>;
  readonly #search: SystemFile<readonly string[]>;

  /** @param configured addresses; empty: the system's */
  constructor(configured: readonly string[] = [], path = '/etc/resolv.conf') {
    this.#configured = serversOf(configured);
    this.#system = new SystemFile(path, (text) => {
      const named = serversOf(parseResolvConf(text));
      return named.length > 0 ? named : serversOf(THIS_HOST);
    });
    this.#search = new SystemFile(path, parseSearchDomains);
  }

  get searchDomains(): readonly string[] {
    return this.#search.value();
  }

  /** The same list as long as nothing has changed; a change is seen within a second. */
  get current(): readonly Endpoint[] {
    return this.#configured.length > 0 ? this.#configured : this.#system.value();
  }
}
