/**
 * Two user agents on one wire and one clock. They describe sessions by a dummy text as soon as they are asked; all
 * else is up to the test, by commands and by `on`.
 */
import type { Endpoint } from '#address/endpoint.ts';
import { readMessage, type SipMessage } from '#sip/message/message.ts';
import type { EndCause, Flow, Hop, SipEffect, SipEvent, SipInput, Transport } from '#sip/types.ts';
import { UserAgent, type UserAgentOptions } from '#sip/user_agent.ts';
import { Clock } from './clock.ts';
import { seededRandom } from './mutate.ts';
import { Wire, type WireOptions } from './wire.ts';

type Kind = SipEvent['kind'];
type EventOf<K extends Kind> = Extract<SipEvent, { kind: K }>;

/** One user agent with its ears and eyes. */
export class Side {
  readonly name: string;
  readonly local: Endpoint;
  readonly agent: UserAgent;
  readonly events: (SipEvent | Extract<SipEffect, { kind: 'dropped' | 'resync' | 'monitored' | 'quiet' }>)[] =
    [];
  /** Messages sent, in order. */
  readonly sent: SipMessage[] = [];
  /** Hosts by name, for `locate`, each one server; an address needs no entry. */
  readonly names = new Map<string, readonly Flow[]>();
  /** How often it looked for a host. */
  lookedUp = 0;
  /** Text for the next description; undefined: refuse with 488. */
  sdp: ((remote: string | undefined) => string | undefined) | undefined;
  /** Called for each event, after it was noted. */
  on: (event: SipEvent) => void = () => {};
  /** Whether every message sent is kept. */
  keeps = true;
  readonly #give: (input: SipInput) => void;
  #descriptions = 0;

  constructor(name: string, address: string, clock: Clock, wire: Wire, options: Partial<UserAgentOptions>) {
    this.name = name;
    this.local = { family: address.includes(':') ? 6 : 4, address, port: 5060 };
    this.agent = new UserAgent({
      accounts: [],
      contactUser: `${name}-token`,
      name: '',
      extension: name,
      random: tokens(name),
      userAgent: 'test',
      admission: { acceptFrom: 'anyone', allow: [] },
      keepAlive: Number.POSITIVE_INFINITY,
      ...options,
    });
    this.#give = clock.drive<SipInput, SipEffect>(this.agent, (effect) => this.#deliver(effect, wire));
    wire.attach(this.local, (octets, flow) => this.command({ kind: 'received', octets, flow }));
  }

  command(input: SipInput): void {
    this.#give(input);
  }

  call(to: string, call = 'call', account?: string): void {
    this.command({ kind: 'call', call, to, ...(account === undefined ? {} : { account }) });
  }

  all<K extends Kind>(kind: K): EventOf<K>[] {
    return this.events.filter((event): event is EventOf<K> => event.kind === kind);
  }

  last<K extends Kind>(kind: K): EventOf<K> | undefined {
    return this.all(kind).at(-1);
  }

  /** Kinds of all events in order, `describe` left out. */
  get story(): string[] {
    return this.events.map(({ kind }) => kind).filter((kind) => kind !== 'describe');
  }

  get cause(): EndCause | undefined {
    return this.last('ended')?.cause;
  }

  /** The call that came in last. */
  get incoming(): string {
    return this.last('incoming')?.call ?? 'none';
  }

  /** Start lines of what was sent, shortened: `INVITE`, `200`. */
  get lines(): string[] {
    return this.sent.map(({ kind, method, status }) => (kind === 'request' ? method : `${status} ${method}`));
  }

  flowTo(remote: Endpoint, transport: Transport = 'udp'): Flow {
    return { transport, local: this.local, remote };
  }

  #deliver(effect: SipEffect, wire: Wire): void {
    switch (effect.kind) {
      case 'send': {
        const message = this.keeps ? readMessage(effect.octets) : undefined;
        if (message !== undefined) this.sent.push(message);
        wire.send(effect.flow, effect.octets, () =>
          this.command({ kind: 'transport-error', ref: effect.ref, error: 'connection refused' }),
        );
        return;
      }
      case 'connect': {
        const { ref, flow } = effect;
        wire.connect(flow, (error) =>
          this.command(
            error === undefined ? { kind: 'connected', ref } : { kind: 'transport-error', ref, error },
          ),
        );
        return;
      }
      case 'disconnect':
        return;
      case 'locate':
        this.#locate(effect.ticket, effect.hop);
        return;
      case 'dropped':
      case 'resync':
      case 'monitored':
      case 'quiet':
        this.events.push(effect);
        return;
      default:
        this.events.push(effect);
        if (effect.kind === 'describe') this.#describe(effect);
        this.on(effect);
    }
  }

  #locate(ticket: number, { host, port = 5060, transport = 'udp' }: Hop): void {
    this.lookedUp += 1;
    const isAddress = /^[\d.]+$|:/.test(host);
    const remote: Endpoint = { family: host.includes(':') ? 6 : 4, address: host, port };
    const flows = this.names.get(host) ?? (isAddress ? [this.flowTo(remote, transport)] : []);
    const error = flows.length === 0 ? { error: `${host} has no address` } : {};
    this.command({ kind: 'located', ticket, groups: [flows], ...error });
  }

  #describe({ call, remote }: EventOf<'describe'>): void {
    this.#descriptions += 1;
    const made = this.sdp === undefined ? `v=0 ${this.name} ${this.#descriptions}` : this.sdp(remote);
    if (made === undefined) this.command({ kind: 'not-described', call, status: 488 });
    else this.command({ kind: 'described', call, sdp: made });
  }
}

export interface PairOptions extends WireOptions {
  readonly alice?: Partial<UserAgentOptions>;
  readonly bob?: Partial<UserAgentOptions>;
}

export class Pair {
  readonly clock = new Clock();
  readonly wire: Wire;
  readonly alice: Side;
  readonly bob: Side;

  constructor({ alice = {}, bob = {}, ...wire }: PairOptions = {}) {
    this.wire = new Wire(this.clock, wire);
    this.alice = new Side('alice', '192.0.2.1', this.clock, this.wire, alice);
    this.bob = new Side('bob', '192.0.2.2', this.clock, this.wire, bob);
  }

  /** The URI by which alice calls bob. */
  get bobUri(): string {
    return `sip:bob@${this.bob.local.address}`;
  }

  /** A call that is answered after a second, and stands. */
  establish(): { readonly a: string; readonly b: string } {
    this.alice.call(this.bobUri);
    this.clock.run(1000);
    const b = this.bob.incoming;
    this.bob.command({ kind: 'ring', call: b });
    this.clock.run(1000);
    this.bob.command({ kind: 'accept', call: b });
    this.clock.run(1000);
    return { a: 'call', b };
  }

  /** What is still alive on both sides, all kinds added up. */
  get load(): number {
    const loads = [this.alice, this.bob].map(({ agent }) => Object.values(agent.load));
    return loads.flat().reduce((sum, one) => sum + one, 0);
  }
}

/** Tokens as `UserAgentOptions.random` wants them, the same in each run. */
export function tokens(name: string): () => string {
  const roll = seededRandom([...name].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7));
  const word = () =>
    Math.floor(roll() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0');
  return () => word() + word();
}
