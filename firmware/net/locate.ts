/**
 * Locating servers, the part with a clock and sockets: drives the machine of `sip/locator.ts`, asks DNS what it wants
 * to know, and turns what it finds into flows.
 */
import type { Endpoint } from '#address/endpoint.ts';
import type { DnsAnswer, DnsFailure, Question } from '#sip/locate/dns.ts';
import type { RefusedAddress } from '#sip/locate/locate.ts';
import { type Located, Locator, type LocatorEffect, type LocatorInput } from '#sip/locate/locator.ts';
import type { Flow, Hop, Transport } from '#sip/types.ts';
import type { SystemDns } from './dns/system.ts';

export interface ServerLocatorOptions {
  /** Transports that can be used, the most liked first. */
  readonly transports: readonly Transport[];
  /** Opens DNS when the first name is looked up. */
  readonly dns: () => Promise<SystemDns>;
  /** The order of the addresses of one server. */
  readonly inAddressOrder: (addresses: readonly Endpoint[], hop: Hop) => readonly Endpoint[];
  /**
   * One flow, or several where only use can tell which one works. Rejects where there is no route. `domain`: the one
   * that was looked for, whatever names led to `remote`.
   */
  readonly flowTo: (
    transport: Transport,
    remote: Endpoint,
    domain: string,
  ) => Promise<Flow | readonly Flow[]>;
  /** An address that is never used was met, in DNS or as a target (Teredo and others). */
  readonly refused?: (address: RefusedAddress) => void;
}

/** DNS of this system; `servers` of the configuration go before its own. */
export async function openSystemDns(servers: readonly string[]): Promise<SystemDns> {
  // dns-packet is CommonJS: imported by one of our modules it keeps its names in the bundle.
  const { systemDns } = await import('./dns/system.ts');
  return systemDns(servers);
}

/** The way to a server; without any flow `error` says why, for people. */
export interface Way {
  /** The flows to each server in the order to try them, the best server first. */
  readonly groups: readonly (readonly Flow[])[];
  readonly error?: string;
  /** False: told early; all will be told once more. */
  readonly final: boolean;
}

/** Flows handed on; who has that many dead servers has other worries. */
const MOST_FLOWS = 8;

export class ServerLocator {
  readonly #options: ServerLocatorOptions;
  readonly #machine: Locator;
  /** Who waits for each ticket. */
  readonly #waiting = new Map<number, (located: Located) => void>();
  #lastTicket = 0;
  #timer: NodeJS.Timeout | undefined;
  #dns: Promise<SystemDns> | undefined;
  #opened: SystemDns | undefined;
  #servers: SystemDns['servers'] | undefined;
  #closed = false;

  constructor(options: ServerLocatorOptions) {
    this.#options = options;
    const { transports, inAddressOrder } = options;
    this.#machine = new Locator({ transports, inAddressOrder, random: Math.random });
  }

  /** Tells the flows to try: once, or the first ones early and then all. */
  locate(hop: Hop, tell: (way: Way) => void): void {
    let told = Promise.resolve();
    this.search(hop, (located) => {
      const way = this.#wayOf(hop, located);
      told = told.then(async () => tell(await way));
    });
  }

  /** Tells the servers of a hop: once, or early and then once more (`final`). */
  search(hop: Hop, tell: (located: Located) => void): void {
    if (this.#closed) return;
    this.#heedServers();
    const ticket = ++this.#lastTicket;
    this.#waiting.set(ticket, tell);
    this.#give({ kind: 'locate', ticket, hop });
  }

  /** Asks DNS something else than where a server is; nothing is kept. Never rejects. */
  ask(question: Question): Promise<DnsAnswer | DnsFailure> {
    return this.#ask(question);
  }

  /** Domains in which this host looks for what has no domain; empty as long as none are known. */
  async searchDomains(): Promise<readonly string[]> {
    this.#dns ??= this.#options.dns();
    const dns = await this.#dns.catch(() => undefined);
    return dns?.searchDomains ?? [];
  }

  /** The network changed: what was known is void. */
  forget(): void {
    this.#give({ kind: 'forget' });
  }

  /** Nothing is told any more. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#waiting.clear();
    this.#opened?.close();
  }

  #give(input: LocatorInput): void {
    if (this.#closed) return;
    for (const effect of this.#machine.handle(input, performance.now())) this.#perform(effect);
    this.#arm();
  }

  #perform(effect: LocatorEffect): void {
    if (effect.kind === 'query') {
      const { id, name, type } = effect;
      void this.#ask({ name, type }).then((answer) => this.#give({ kind: 'answer', id, answer }));
      return;
    }
    const tell = this.#waiting.get(effect.ticket);
    if (effect.final) {
      this.#waiting.delete(effect.ticket);
      for (const address of effect.refused) this.#options.refused?.(address);
    }
    tell?.(effect);
  }

  async #ask(question: Question): Promise<DnsAnswer | DnsFailure> {
    try {
      this.#dns ??= this.#options.dns();
      const dns = await this.#dns;
      this.#opened = dns;
      this.#servers ??= dns.servers;
      return this.#closed ? { failure: 'the phone is switched off' } : await dns.ask(question);
    } catch (error) {
      return { failure: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Other name servers mean another network, where names may have other addresses. */
  #heedServers(): void {
    const servers = this.#opened?.servers;
    if (servers === this.#servers || servers === undefined) return;
    this.#servers = servers;
    this.forget();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const { deadline } = this.#machine;
    if (this.#closed || deadline === Number.POSITIVE_INFINITY) return;
    const wait = Math.max(0, Math.ceil(deadline - performance.now()));
    this.#timer = setTimeout(() => this.#give({ kind: 'tick' }), wait);
  }

  /** Never rejects. */
  async #wayOf(hop: Hop, { candidates, error, final }: Located): Promise<Way> {
    if (error !== undefined) return { groups: [], error, final };
    let left = MOST_FLOWS;
    const tried = await Promise.all(
      candidates.map(({ transport, addresses }) => {
        const remotes = addresses.slice(0, left);
        left -= remotes.length;
        return Promise.allSettled(remotes.map((remote) => this.#options.flowTo(transport, remote, hop.host)));
      }),
    );
    const groups = tried.map((flows) =>
      flows.flatMap((each) => (each.status === 'fulfilled' ? each.value : [])),
    );
    if (groups.flat().length > 0) return { groups: groups.filter(({ length }) => length > 0), final };
    const [reason] = tried.flat().flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    return {
      groups: [],
      error: reason instanceof Error ? reason.message : `no route to ${hop.host}`,
      final,
    };
  }
}
