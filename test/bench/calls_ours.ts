/**
 * Dualtone: whole calls between two of its user agents, dialogs and all, each run as the agent runs it: every
 * datagram is an input, every effect is drained, one timer waits for the nearest deadline. After each batch the clock
 * jumps 40 s, and the finished transactions go: an agent refuses to hold more than so many of them. (The other
 * contender's wait for real time, and their end is not counted.)
 */
import { randomToken } from '../../firmware/agent/random.ts';
import type { Flow, SipEffect, SipInput } from '../../firmware/sip/types.ts';
import { UserAgent } from '../../firmware/sip/user_agent.ts';
import { DESCRIPTION } from './messages.ts';
import { AT_ONCE, CALLED, CALLER, type Datagram, Wire } from './wire.ts';

type Place = typeof CALLED;
type Event = Exclude<SipEffect, { kind: 'send' | 'locate' }>;

const wire = new Wire();
/** ms by which the clock is ahead. */
let jumped = 0;
const clock = () => performance.now() + jumped;

class End {
  readonly #machine: UserAgent;
  readonly #flow: Flow;
  readonly #heard: (event: Event) => void;
  #timer: NodeJS.Timeout | undefined;
  #armedFor = Number.POSITIVE_INFINITY;

  constructor(name: string, own: Place, peer: Place, heard: (event: Event) => void) {
    this.#machine = new UserAgent({
      random: randomToken,
      userAgent: 'Dualtone',
      accounts: [],
      contactUser: 'c7f1b3e9',
      name: '',
      extension: name,
      admission: { acceptFrom: 'anyone', allow: [] },
    });
    this.#flow = { transport: 'udp', local: { family: 4, ...own }, remote: { family: 4, ...peer } };
    this.#heard = heard;
    wire.attach(own.port, (datagram) => this.#received(datagram));
  }

  #received({ octets }: Datagram): void {
    this.give({ kind: 'received', flow: this.#flow, octets });
  }

  give(input: SipInput): void {
    for (const effect of this.#machine.handle(input, clock())) this.#perform(effect);
    this.#arm();
  }

  #perform(effect: SipEffect): void {
    if (effect.kind === 'send') {
      const { local, remote } = effect.flow;
      wire.send({ octets: effect.octets, from: local.port, to: remote.port });
    } else if (effect.kind === 'locate') {
      this.give({ kind: 'located', ticket: effect.ticket, groups: [[this.#flow]] });
    } else {
      this.#heard(effect);
    }
  }

  #arm(): void {
    const { deadline } = this.#machine;
    if (deadline === this.#armedFor) return;
    clearTimeout(this.#timer);
    this.#armedFor = deadline;
    if (deadline === Number.POSITIVE_INFINITY) return;
    // Never due before the batch is over.
    this.#timer = setTimeout(() => {}, deadline - clock());
  }

  /** Lets every timer of a finished call fire. */
  settle(): void {
    this.give({ kind: 'tick' });
    if (this.#machine.load.transactions > 0) throw new Error('a transaction does not end');
  }
}

let serial = 0;
/** Calls of this batch that both ends have told the end of; a call is complete when the peer heard our BYE. */
let completed = 0;

const called: End = new End('bob', CALLED, CALLER, (event) => {
  if (event.kind === 'describe') called.give({ kind: 'described', call: event.call, sdp: DESCRIPTION });
  if (event.kind === 'incoming') {
    called.give({ kind: 'ring', call: event.call });
    called.give({ kind: 'accept', call: event.call });
  }
  if (event.kind === 'ended' && event.cause.by === 'peer') completed += 1;
});

const caller: End = new End('alice', CALLER, CALLED, (event) => {
  if (event.kind === 'describe') caller.give({ kind: 'described', call: event.call, sdp: DESCRIPTION });
  if (event.kind === 'established') caller.give({ kind: 'hang-up', call: event.call });
});

/** A hundred calls at once; resolves to how many were completed when nothing is on the wire any more. */
export async function batch(): Promise<number> {
  completed = 0;
  for (let i = 0; i < AT_ONCE; i += 1) {
    serial += 1;
    caller.give({ kind: 'call', call: `call-${serial}`, to: `sip:bob@${CALLED.address}:${CALLED.port}` });
  }
  await wire.quiet();
  jumped += 40_000;
  caller.settle();
  called.settle();
  return completed;
}
