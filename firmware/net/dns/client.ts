/**
 * The DNS client: /etc/hosts, then name servers in a race. Each has a head start of 200 ms before the next one is
 * asked too, over whatever family; the first answer of use counts. One that stayed silent while another answered, or
 * that cannot be reached, stands last for a while: a dead one costs its 200 ms once, not with each question.
 */
import { setMaxListeners } from 'node:events';
import { type Endpoint, textOf } from '#address/endpoint.ts';
import type { DnsAnswer, DnsFailure, Question } from '#sip/locate/dns.ts';
import { isWithin } from '#sip/locate/name.ts';
import { Race } from './race.ts';

/** Of one question's end: its race and each of its exchanges. */
const MOST_LISTENERS = 64;
/** ms that a silent server stands behind the others. */
const DISTRUST = 30_000;
/** Each holds a socket for each server asked. */
const MOST_QUESTIONS = 64;

export interface DnsClientOptions {
  /** Asked anew for each question: servers come and go. */
  readonly servers: () => readonly Endpoint[];
  /** What is known without asking (/etc/hosts). */
  readonly hosts?: (question: Question) => DnsAnswer | undefined;
}

export class DnsClient {
  readonly #options: DnsClientOptions;
  /** Servers that stay behind, until when (ms). */
  readonly #distrusted = new Map<string, number>();
  readonly #running = new Set<AbortController>();

  constructor(options: DnsClientOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  async ask(question: Question): Promise<DnsAnswer | DnsFailure> {
    const known = this.#options.hosts?.(question);
    if (known !== undefined) return known;
    if (isWithin(question.name, 'local')) {
      // RFC 6762 3: these names belong to the link, not to name servers.
      return { failure: `${question.name} is a name of multicast DNS, which is not asked` };
    }
    if (this.#running.size >= MOST_QUESTIONS) return { failure: 'too many questions at once' };
    const servers = this.#inOrder(this.#options.servers());
    if (servers.length === 0) return { failure: 'no name server is known' };
    const stop = new AbortController();
    setMaxListeners(MOST_LISTENERS, stop.signal);
    this.#running.add(stop);
    try {
      return await new Race(servers, question, stop, (server, good) => this.#judge(server, good)).run();
    } finally {
      this.#running.delete(stop);
    }
  }

  /** Gives up what is under way: its askers get a failure. */
  close(): void {
    for (const stop of this.#running) stop.abort();
  }

  #inOrder(servers: readonly Endpoint[]): readonly Endpoint[] {
    const now = performance.now();
    const isBehind = (server: Endpoint) => (this.#distrusted.get(textOf(server)) ?? 0) > now;
    return [...servers.filter((each) => !isBehind(each)), ...servers.filter(isBehind)];
  }

  #judge(server: Endpoint, good: boolean): void {
    if (good) this.#distrusted.delete(textOf(server));
    else this.#distrusted.set(textOf(server), performance.now() + DISTRUST);
  }
}
