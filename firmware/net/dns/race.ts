/** One question to several name servers, each with a head start before the next; the first answer of use wins. */
import type { Endpoint } from '#address/endpoint.ts';
import type { DnsAnswer, DnsFailure, Question } from '#sip/locate/dns.ts';
import { exchange, type Outcome } from './exchange.ts';

/** ms of silence before the next server is asked too; doubled with each round through all of them. */
const HEAD_START = 200;
/** ms for the whole question. */
const LIMIT = 2_000;

/** Told of each server that answered (good), stayed silent while another answered, or cannot be reached. */
export type Judge = (server: Endpoint, good: boolean) => void;

export class Race {
  readonly #servers: readonly Endpoint[];
  readonly #question: Question;
  /** Ends it from outside; and ends the other exchanges when one has won. */
  readonly #stop: AbortController;
  readonly #judge: Judge;
  /** Asked, and beyond their head start. */
  readonly #late = new Set<Endpoint>();
  readonly #useless = new Map<Endpoint, string>();
  #tries = 0;
  #next: NodeJS.Timeout | undefined;
  #limit: NodeJS.Timeout | undefined;
  #resolve: (result: DnsAnswer | DnsFailure) => void = () => {};

  /** @param servers at least one */
  constructor(servers: readonly Endpoint[], question: Question, stop: AbortController, judge: Judge) {
    this.#servers = servers;
    this.#question = question;
    this.#stop = stop;
    this.#judge = judge;
  }

  /** Never rejects. */
  run(): Promise<DnsAnswer | DnsFailure> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#stop.signal.addEventListener('abort', () => this.#fail());
      this.#limit = setTimeout(() => this.#stop.abort(), LIMIT);
      this.#askNext();
    });
  }

  #askNext(): void {
    clearTimeout(this.#next);
    const useful = this.#servers.filter((server) => !this.#useless.has(server));
    const server = useful[this.#tries % useful.length];
    if (server === undefined) {
      this.#fail();
      return;
    }
    const round = Math.floor(this.#tries / useful.length);
    this.#tries++;
    void exchange(server, this.#question, this.#stop.signal).then((outcome) => this.#came(server, outcome));
    this.#next = setTimeout(
      () => {
        this.#late.add(server);
        this.#askNext();
      },
      HEAD_START * 2 ** round,
    );
  }

  #came(server: Endpoint, outcome: Outcome): void {
    if (this.#stop.signal.aborted) return;
    if (outcome.kind === 'answer') {
      this.#judge(server, true);
      this.#late.delete(server);
      for (const silent of this.#late) this.#judge(silent, false);
      this.#end(outcome.answer);
      return;
    }
    if (outcome.dead) this.#judge(server, false);
    const isNews = !this.#useless.has(server);
    this.#useless.set(server, outcome.why);
    // The place in the round of those that are left stays what it was.
    if (isNews) {
      this.#tries = Math.max(0, this.#tries - 1);
      this.#askNext();
    }
  }

  #fail(): void {
    this.#end({ failure: [...this.#useless.values()][0] ?? silence(this.#servers) });
  }

  #end(result: DnsAnswer | DnsFailure): void {
    clearTimeout(this.#limit);
    clearTimeout(this.#next);
    this.#resolve(result);
    if (!this.#stop.signal.aborted) this.#stop.abort();
  }
}

function silence(servers: readonly Endpoint[]): string {
  const names = servers.map(({ address }) => address).join(', ');
  return servers.length === 1 ? `name server ${names} does not answer` : `no name server answers (${names})`;
}
