/** A locator on a jumping clock, with a DNS out of a table: zones, delays, lies. */
import { type Endpoint, textOf } from '#address/endpoint.ts';
import type { DnsAnswer, DnsFailure, DnsRecord, Question, QuestionType } from '#sip/locate/dns.ts';
import { type Located, Locator, type LocatorEffect, type LocatorInput } from '#sip/locate/locator.ts';
import type { Hop, Transport } from '#sip/types.ts';
import { Clock } from '../support/clock.ts';

/** What stands under `SRV _sip._udp.example.com`: records in short form, or an answer as it is. */
export type Zone = Readonly<Record<string, readonly Short[] | DnsAnswer | DnsFailure | 'silence'>>;

/** `192.0.2.1` for addresses; `10 1 5060 host` for SRV; `50 50 s SIP+D2T _sip._tcp.x` for NAPTR; `-> x` for CNAME. */
export type Short = string;

export interface WorldOptions {
  readonly zone: Zone;
  readonly transports?: readonly Transport[];
  readonly random?: () => number;
  /** ms until an answer comes; by question text, else `delay`. */
  readonly delays?: Readonly<Record<string, number>>;
  readonly delay?: number;
  readonly inAddressOrder?: (addresses: readonly Endpoint[]) => readonly Endpoint[];
}

export class World {
  readonly clock = new Clock();
  readonly asked: string[] = [];
  readonly located: (Located & { readonly at: number })[] = [];
  zone: Zone;
  readonly #options: WorldOptions;
  readonly #give: (input: LocatorInput) => void;
  readonly #machine: Locator;
  #lastTicket = 0;

  constructor(options: WorldOptions) {
    this.zone = options.zone;
    this.#options = options;
    this.#machine = new Locator({
      transports: options.transports ?? ['udp', 'tcp', 'tls'],
      random: options.random ?? (() => 0.5),
      inAddressOrder: options.inAddressOrder ?? ((addresses) => addresses),
    });
    this.#give = this.clock.drive(this.#machine, (effect) => this.#deliver(effect));
  }

  get deadline(): number {
    return this.#machine.deadline;
  }

  give(input: LocatorInput): void {
    this.#give(input);
  }

  start(hop: Partial<Hop> = {}): number {
    const ticket = ++this.#lastTicket;
    this.#give({ kind: 'locate', ticket, hop: { host: 'example.com', secure: false, ...hop } });
    return ticket;
  }

  /** Locates, to the end; what was told last. */
  locate(hop: Partial<Hop> = {}): Located {
    const ticket = this.start(hop);
    this.clock.run(5_000);
    const [final, ...more] = this.located.filter((each) => each.ticket === ticket && each.final);
    if (final === undefined || more.length > 0) throw new Error('a search ends once');
    return final;
  }

  #deliver(effect: LocatorEffect): void {
    if (effect.kind === 'located') {
      this.located.push({ ...effect, at: this.clock.now });
      return;
    }
    const question = `${effect.type} ${effect.name}`;
    this.asked.push(question);
    const answer = answerOf(effect, this.zone[question]);
    if (answer === 'silence') return;
    const { delays = {}, delay = 0 } = this.#options;
    this.clock.after(delays[question] ?? delay, () => this.#give({ kind: 'answer', id: effect.id, answer }));
  }
}

/** `udp server1.example.com 192.0.2.1:5060` for each address in order; the error where there is none. */
export function told({ candidates, error }: Located): readonly string[] | string {
  if (error !== undefined) return error;
  return candidates.flatMap(({ transport, target, addresses }) =>
    addresses.map((end) => `${transport} ${target} ${textOf(end)}`),
  );
}

/** `transport target` of each candidate. */
export function targets({ candidates }: Located): readonly string[] {
  return candidates.map(({ transport, target }) => `${transport} ${target}`);
}

const SOA: DnsRecord = { type: 'SOA', name: '', ttl: 60, minimum: 60 };
/** Names of a zone get an SOA of their own root, so that negative answers are kept a minute. */
export function denied(rcode: 'NOERROR' | 'NXDOMAIN' = 'NXDOMAIN', soa: DnsRecord = SOA): DnsAnswer {
  return { rcode, answers: [], authorities: [soa], additionals: [] };
}

export function answered(answers: readonly DnsRecord[], additionals: readonly DnsRecord[] = []): DnsAnswer {
  return { rcode: 'NOERROR', answers, authorities: [], additionals };
}

function answerOf(
  { name, type }: Question,
  known: Zone[string] | undefined,
): DnsAnswer | DnsFailure | 'silence' {
  if (known === undefined) return denied();
  if (known === 'silence' || 'rcode' in known || 'failure' in known) return known;
  return answered(known.map((short) => record(name, type, short)));
}

/** A record in short form. */
export function record(name: string, type: QuestionType, short: Short, ttl = 300): DnsRecord {
  const [a = '', b = '', c = '', d = '', e = ''] = short.split(' ');
  if (a === '->') return { type: 'CNAME', name, ttl, target: b };
  switch (type) {
    case 'A':
    case 'AAAA':
      return { type, name, ttl, address: a };
    case 'SRV':
      return {
        type,
        name,
        ttl,
        priority: Number(a),
        weight: Number(b),
        port: Number(c),
        target: d === '.' ? '' : d,
      };
    case 'NAPTR':
      return {
        type,
        name,
        ttl,
        order: Number(a),
        preference: Number(b),
        flags: c,
        services: d,
        regexp: '',
        replacement: e,
      };
  }
}
