/**
 * A dual-stack network in memory, on the jumping clock: one telephone with an address of each family, and servers
 * that are reached by several addresses. Each address has a path of its own, which is quick, slow, lossy or broken in
 * one of the ways that networks are.
 */
import { type Endpoint, textOf } from '#address/endpoint.ts';
import { readMessage, type SipMessage } from '#sip/message/message.ts';
import { type HeaderLine, writeResponse } from '#sip/message/write.ts';
import type { Account, EndCause, Flow, SipEffect, SipEvent, SipInput, Transport } from '#sip/types.ts';
import { UserAgent, type UserAgentOptions } from '#sip/user_agent.ts';
import { Clock } from './clock.ts';
import { seededRandom } from './mutate.ts';
import { tokens } from './pair.ts';

/**
 * `black-hole`: what is sent vanishes. `prohibited`: a router close by says so by ICMP. `refused`: the host is there
 * and nobody listens.
 */
export type Fate = 'alive' | 'black-hole' | 'prohibited' | 'refused';

export interface Path {
  fate: Fate;
  /** ms there and back. */
  rtt: number;
  /** Share of datagrams that vanish, each way. */
  loss: number;
}

/** ms until a router close by has answered by ICMP. */
const ICMP = 2;

export interface Seen {
  readonly at: number;
  readonly server: Server;
  readonly flow: Flow;
  readonly message: SipMessage;
}

/** One machine. It answers everything; what ails it is set by the test. */
export class Server {
  readonly name: string;
  readonly ends: readonly Endpoint[];
  /** Every request but OPTIONS, in order. */
  readonly seen: Seen[] = [];
  probes = 0;
  answersOptions = true;
  /** Of the answer to OPTIONS. */
  optionsStatus = 483;
  /** Of the answer to REGISTER, INVITE, BYE. */
  status = 200;
  headers: readonly HeaderLine[] = [];
  /** ms from request to final response; an INVITE is answered by 100 at once, anything else by nothing. */
  thinks = 0;
  /** ms after which an INVITE is answered by 180. */
  rings: number | undefined;
  says100 = true;
  /** The URI of its Contact. */
  contact = 'sip:bob@server.example';

  constructor(name: string, ends: readonly Endpoint[]) {
    this.name = name;
    this.ends = ends;
  }

  methods(): string[] {
    return this.seen.map(({ message }) => message.method);
  }

  first(method: string): Seen | undefined {
    return this.seen.find(({ message }) => message.method === method);
  }
}

export interface DualStackOptions extends Partial<UserAgentOptions> {
  readonly seed?: number;
}

export const ACCOUNT: Account = {
  id: 'home',
  user: 'alice',
  domain: 'server.example',
  authUser: 'alice',
  password: '',
  expires: 600,
};

export class DualStack {
  readonly clock = new Clock();
  readonly agent: UserAgent;
  readonly four: Endpoint = { family: 4, address: '192.0.2.1', port: 5060 };
  readonly six: Endpoint = { family: 6, address: '2001:db8::1', port: 5060 };
  /** By host: for each server its flows. */
  readonly names = new Map<string, readonly (readonly Flow[])[]>();
  /** Answers `locate` in place of `names`. */
  locating: ((ticket: number) => void) | undefined;
  /** What becomes of connections; absent: what becomes of datagrams to the same end. */
  streams: Fate | undefined;
  /** Ends every description. */
  sdp = '';
  readonly events: SipEvent[] = [];
  /** What the agent sent, in order. */
  readonly sent: { readonly at: number; readonly flow: Flow; readonly message: SipMessage }[] = [];
  /** Responses that reached the agent, in order. */
  readonly heard: { readonly at: number; readonly message: SipMessage }[] = [];
  readonly dropped: string[] = [];
  readonly random: () => number;
  readonly #give: (input: SipInput) => void;
  readonly #paths = new Map<string, Path>();
  readonly #servers = new Map<string, Server>();
  /** Remote ends by the `ref` of `connect`, and those that were sent something over their connection. */
  readonly #claims = new Map<string, string>();
  readonly #used = new Set<string>();
  /** When the connection to a remote end will be there, ms. */
  readonly #handshakes = new Map<string, number>();

  constructor({ seed = 1, ...options }: DualStackOptions = {}) {
    this.random = seededRandom(seed);
    this.agent = new UserAgent({
      accounts: [ACCOUNT],
      contactUser: 'token',
      name: '',
      extension: '200',
      random: tokens(`dual${seed}`),
      userAgent: 'test',
      admission: { acceptFrom: 'anyone', allow: [] },
      keepAlive: Number.POSITIVE_INFINITY,
      ...options,
    });
    this.#give = this.clock.drive<SipInput, SipEffect>(this.agent, (effect) => this.#deliver(effect));
  }

  /** A server with an IPv6 and an IPv4 address that end in `number`. */
  server(number: number): Server {
    const server = new Server(`s${number}`, [
      { family: 6, address: `2001:db8::${number}`, port: 5060 },
      { family: 4, address: `198.51.100.${number}`, port: 5060 },
    ]);
    for (const end of server.ends) {
      this.#paths.set(end.address, { fate: 'alive', rtt: 20, loss: 0 });
      this.#servers.set(end.address, server);
    }
    return server;
  }

  path(server: Server, family: 4 | 6): Path {
    const end = server.ends.find((each) => each.family === family);
    const path = this.#paths.get(end?.address ?? '');
    if (path === undefined) throw new Error(`${server.name} has no IPv${family}`);
    return path;
  }

  /** The flows to a server, IPv6 first, or those of one family. */
  flows(server: Server, transport: Transport = 'udp', families: readonly (4 | 6)[] = [6, 4]): Flow[] {
    return server.ends
      .filter(({ family }) => families.includes(family))
      .map((remote) => ({ transport, local: remote.family === 6 ? this.six : this.four, remote }));
  }

  command(input: SipInput): void {
    this.#give(input);
  }

  register(): void {
    this.command({ kind: 'register', account: 'home' });
  }

  call(to = 'sip:bob@server.example', call = 'call'): void {
    this.command({ kind: 'call', call, to, account: 'home' });
  }

  last<K extends SipEvent['kind']>(kind: K): Extract<SipEvent, { kind: K }> | undefined {
    return this.events.findLast((event): event is Extract<SipEvent, { kind: K }> => event.kind === kind);
  }

  get cause(): EndCause | undefined {
    return this.last('ended')?.cause;
  }

  /** Connections that were asked for and not let go. */
  get claims(): number {
    return this.#claims.size;
  }

  get load(): number {
    return Object.values(this.agent.load).reduce((sum, one) => sum + one, 0);
  }

  #deliver(effect: SipEffect): void {
    switch (effect.kind) {
      case 'send':
        this.#send(effect.flow, effect.octets, effect.ref);
        return;
      case 'connect':
        this.#connect(effect.flow, effect.ref);
        return;
      case 'disconnect':
        this.#disconnect(effect.ref);
        return;
      case 'resync':
      case 'monitored':
      case 'quiet':
        return;
      case 'dropped':
        this.dropped.push(effect.why);
        return;
      case 'locate': {
        if (this.locating !== undefined) {
          this.locating(effect.ticket);
          return;
        }
        const groups =
          this.names.get(effect.hop.host) ?? this.#literal(effect.hop.host, effect.hop.transport);
        const error = groups.length === 0 ? { error: `${effect.hop.host} has no address` } : {};
        this.command({ kind: 'located', ticket: effect.ticket, groups, ...error });
        return;
      }
      default:
        this.events.push(effect);
        if (effect.kind === 'describe')
          this.command({ kind: 'described', call: effect.call, sdp: sdpOf(effect.flow) + this.sdp });
    }
  }

  #literal(host: string, transport: Transport = 'udp'): readonly (readonly Flow[])[] {
    const server = this.#servers.get(host);
    return server === undefined
      ? []
      : [this.flows(server, transport).filter(({ remote }) => remote.address === host)];
  }

  /** Who asked for it goes; a connection that nobody sent over is closed. */
  #disconnect(ref: string): void {
    const end = this.#claims.get(ref) ?? '';
    this.#claims.delete(ref);
    if (!this.#used.has(end) && ![...this.#claims.values()].includes(end)) this.#handshakes.delete(end);
  }

  #connect(flow: Flow, ref: string): void {
    this.#claims.set(ref, textOf(flow.remote));
    this.#handshake(
      flow,
      () => this.command({ kind: 'connected', ref }),
      () => {
        this.#claims.delete(ref);
        this.command({ kind: 'transport-error', ref, error: 'ECONNREFUSED' });
      },
    );
  }

  #handshake({ remote }: Flow, done: () => void, refused: () => void): void {
    const path = this.#paths.get(remote.address);
    const fate = this.streams ?? path?.fate;
    if (path === undefined || fate === 'prohibited') this.clock.after(ICMP, refused);
    else if (fate === 'refused') this.clock.after(path.rtt, refused);
    else {
      const key = textOf(remote);
      const ready = this.#handshakes.get(key) ?? this.clock.now + path.rtt;
      if (fate === 'alive') this.#handshakes.set(key, ready);
      if (this.#handshakes.has(key))
        this.clock.after(Math.max(0, ready - this.clock.now), () => {
          if (this.#handshakes.has(key)) done();
        });
    }
  }

  #send(flow: Flow, octets: Uint8Array, ref: string): void {
    const message = readMessage(octets);
    if (message === undefined) throw new Error('the agent sent what is no SIP');
    this.sent.push({ at: this.clock.now, flow, message });
    const failed = () => this.command({ kind: 'transport-error', ref, error: 'unreachable' });
    if (flow.transport !== 'udp') this.#used.add(textOf(flow.remote));
    if (flow.transport === 'udp') this.#datagram(flow, message, failed);
    else this.#handshake(flow, () => this.#there(flow, message), failed);
  }

  #datagram(flow: Flow, message: SipMessage, failed: () => void): void {
    const path = this.#paths.get(flow.remote.address);
    if (path === undefined || path.fate === 'prohibited') this.clock.after(ICMP, failed);
    else if (path.fate === 'refused') this.clock.after(path.rtt, failed);
    else if (path.fate === 'alive' && this.random() >= path.loss) this.#there(flow, message);
  }

  #there(flow: Flow, message: SipMessage): void {
    const path = this.#paths.get(flow.remote.address);
    const server = this.#servers.get(flow.remote.address);
    if (path?.fate !== 'alive' || server === undefined) return;
    this.clock.after(path.rtt / 2, () => this.#arrived(server, flow, message));
  }

  #arrived(server: Server, flow: Flow, message: SipMessage): void {
    if (message.kind === 'response') return;
    // Whoever answers two INVITEs answers in two dialogs.
    const toTag = message.toTag === undefined ? `${server.name}-${message.via?.branch}` : undefined;
    const tagged = toTag === undefined ? {} : { toTag };
    const reply = (status: number, more: readonly HeaderLine[] = [], body = '') =>
      this.#back(
        flow,
        writeResponse(message, { status, ...(status === 100 ? {} : tagged), headers: more, body }).octets,
      );
    if (message.method === 'OPTIONS') {
      server.probes += 1;
      if (server.answersOptions) reply(server.optionsStatus);
      return;
    }
    server.seen.push({ at: this.clock.now, server, flow, message });
    if (message.method === 'ACK') return;
    const headers: HeaderLine[] = [...server.headers, ['Contact', `<${server.contact}>`]];
    if (message.method === 'REGISTER') headers.push(['Expires', '600']);
    const invite = message.method === 'INVITE';
    if (message.method === 'CANCEL') {
      reply(200);
      this.#cancelled(server, message);
      return;
    }
    if (invite && server.says100) reply(100);
    if (invite && server.rings !== undefined)
      this.clock.after(server.rings, () => reply(180, [['Contact', `<${server.contact}>`]]));
    this.clock.after(server.thinks, () => {
      if (invite && this.#isCancelled(server, message)) return;
      if (invite && server.status === 200)
        reply(200, [...headers, ['Content-Type', 'application/sdp']], 'v=0 answer');
      else reply(server.status, headers);
    });
  }

  #isCancelled(server: Server, invite: SipMessage): boolean {
    return server.seen.some(
      ({ message }) => message.method === 'CANCEL' && message.via?.branch === invite.via?.branch,
    );
  }

  #cancelled(server: Server, cancel: SipMessage): void {
    const invite = server.seen.find(
      ({ message }) => message.method === 'INVITE' && message.via?.branch === cancel.via?.branch,
    );
    if (invite !== undefined)
      this.#back(
        invite.flow,
        writeResponse(invite.message, { status: 487, toTag: `${server.name}-${invite.message.via?.branch}` })
          .octets,
      );
  }

  #back(flow: Flow, octets: Uint8Array): void {
    const path = this.#paths.get(flow.remote.address);
    if (path?.fate !== 'alive' || (flow.transport === 'udp' && this.random() < path.loss)) return;
    this.clock.after(path.rtt / 2, () => {
      const message = readMessage(octets);
      if (message !== undefined) this.heard.push({ at: this.clock.now, message });
      this.command({ kind: 'received', flow, octets });
    });
  }
}

/** As the telephone would: of the family of the flow, and of nothing else. */
function sdpOf({ local }: Flow): string {
  return `v=0\r\no=- 1 1 IN IP${local.family} ${local.address}\r\ns=-\r\nc=IN IP${local.family} ${local.address}\r\n`;
}
