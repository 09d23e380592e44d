/**
 * A request of ours from the wish to the final response: next hop, flows (RFC 3263), the message built anew for each
 * flow, its transaction, the next flow when one is dead (RFC 3263 4.3), challenges (RFC 3261 22), and CANCEL (9.1).
 *
 * What depends on the flow (Via, Contact, a session description of its family) is made in one place, `#build`; so a
 * race between flows needs no other.
 */
import { textOf } from '#address/endpoint.ts';
import type { ClientUser, Core } from './core.ts';
import { type Identity, sentBy } from './identity.ts';
import type { SipMessage } from './message.ts';
import { reasonPhrase } from './status.ts';
import type { Target, Unroutable } from './target.ts';
import { plainText } from './text.ts';
import type { TransactionKey } from './transactions.ts';
import type { Flow } from './types.ts';
import { type HeaderLine, writeRequest } from './write.ts';

/** What one method adds to the header fields that every request has. */
export interface Part {
  readonly headers?: readonly HeaderLine[];
  /** UTF-8. */
  readonly body?: string;
  readonly contentType?: string;
}

/** One request with one of its responses. `flow` is the one that the request took. */
export interface Exchange {
  readonly request: SipMessage;
  readonly response: SipMessage;
  readonly flow: Flow;
}

/** There will be no success. A status without response is our own: 408 timeout, 503 transport (8.1.3.1). */
export interface Failure {
  readonly status: number;
  readonly reason: string;
  readonly exchange?: Exchange;
}

export interface RequestUser {
  /** Makes the part for this flow and hands it to `go`, now or later. Absent: an empty part. */
  compose?(flow: Flow, go: (part: Part) => void): void;
  /** A provisional response above 100. */
  provisional?(exchange: Exchange): void;
  /** A 2xx; for INVITE each one that comes, those of forks and those sent again included. */
  success(exchange: Exchange): void;
  failure(failure: Failure): void;
  /** Nothing more can come of a transaction that had a final response. */
  gone?(): void;
}

export interface RequestPlan {
  readonly method: string;
  readonly identity: Identity;
  readonly target: Target | Unroutable;
  /** From with tag, To, Call-ID: octet text. */
  readonly head: (flow: Flow) => { readonly from: string; readonly to: string; readonly callId: string };
  /** The next CSeq number; asked once, and once more for each answered challenge. */
  readonly sequence: () => number;
  /** A flow known to lead to the target's hop: RFC 3263 is not asked. */
  readonly flow?: Flow | undefined;
  /** The dialog-forming and refreshing ones name where we are reached. */
  readonly contact?: boolean;
}

/** RFC 3261 18.1.1: a larger request must not go over UDP when the path's MTU is unknown. */
const SAFE_OCTETS = 1300;
/** A proxy's and a server's, each once more when its nonce is stale. */
const MOST_CHALLENGES = 4;
const MAX_FORWARDS: HeaderLine = ['Max-Forwards', '70'];

type State = 'new' | 'locating' | 'composing' | 'calling' | 'proceeding' | 'accepted' | 'over';

export class ClientRequest {
  readonly #core: Core;
  readonly #plan: RequestPlan;
  readonly #user: RequestUser;
  #state: State = 'new';
  #cancelled = false;
  #ticket: number | undefined;
  #sequence = 0;
  #flows: readonly Flow[] = [];
  /** Over TCP only for its size; the same flow over UDP follows when TCP is refused. */
  #oversized: Flow | undefined;
  #part: Part = {};
  /** The last attempt. */
  #request: SipMessage | undefined;
  #flow: Flow | undefined;
  /** Challenges that were answered. */
  #answered: Set<string> | undefined;
  #challenges = 0;
  #key: TransactionKey = '';
  #failure: Failure = { status: 503, reason: 'no address to send to' };

  constructor(core: Core, plan: RequestPlan, user: RequestUser) {
    this.#core = core;
    this.#plan = plan;
    this.#user = user;
  }

  /** Whether a final response is still to come. */
  get pending(): boolean {
    return this.#state !== 'accepted' && this.#state !== 'over';
  }

  start(): void {
    const { target, flow, identity } = this.#plan;
    if ('unroutable' in target) {
      this.#fail({ status: 503, reason: target.unroutable });
      return;
    }
    this.#sequence = this.#plan.sequence();
    if (flow !== undefined) {
      this.#flows = [flow];
      this.#tryNext();
      return;
    }
    this.#state = 'locating';
    this.#ticket = this.#core.locate(target.hop, (flows, error) => {
      if (target.home) identity.learn(flows);
      this.#flows = flows;
      if (error !== undefined) this.#failure = { status: 503, reason: error };
      this.#tryNext();
    });
  }

  /** Gives the request up: CANCEL once the peer is known to have it. False: nothing was sent, nothing will come. */
  cancel(): boolean {
    if (!this.pending) return false;
    this.#cancelled = true;
    if (this.#state === 'proceeding') this.#sendCancel();
    if (this.#state === 'calling' || this.#state === 'proceeding') return true;
    this.abandon();
    return false;
  }

  /** Nobody wants to hear of it any more. */
  abandon(): void {
    this.#core.forget(this.#ticket);
    if (this.#state === 'calling' || this.#state === 'proceeding') this.#core.abandon(this.#key);
    this.#state = 'over';
  }

  #tryNext(): void {
    const [flow, ...others] = this.#flows;
    if (flow === undefined || this.#cancelled) {
      this.#fail(this.#failure);
      return;
    }
    this.#flows = others;
    this.#state = 'composing';
    if (this.#user.compose === undefined) this.#send(flow);
    else this.#user.compose(flow, (part) => this.#composed(flow, part));
  }

  #composed(flow: Flow, part: Part): void {
    if (this.#state !== 'composing') return;
    this.#part = part;
    this.#send(flow);
  }

  #send(flow: Flow): void {
    const request = this.#build(flow);
    if (flow.transport !== 'udp' || request.octets.length <= SAFE_OCTETS || this.#oversized === flow) {
      this.#transact(request, flow);
      return;
    }
    this.#oversized = flow;
    const { local, remote } = flow;
    const stream: Flow = { transport: 'tcp', local, remote };
    this.#flows = [flow, ...this.#flows];
    this.#transact(this.#build(stream), stream);
  }

  #build(flow: Flow): SipMessage {
    const { method, identity, target, contact } = this.#plan;
    if ('unroutable' in target) throw new Error('a request without a target is never built');
    const { from, to, callId } = this.#plan.head(flow);
    const headers: HeaderLine[] = [
      ['Via', `SIP/2.0/${flow.transport.toUpperCase()} ${sentBy(flow.local)};branch=${this.#branch()};rport`],
      MAX_FORWARDS,
    ];
    for (const route of target.routes) headers.push(['Route', route]);
    headers.push(['From', from], ['To', to], ['Call-ID', callId], ['CSeq', `${this.#sequence} ${method}`]);
    if (contact === true) headers.push(['Contact', identity.contact(flow)]);
    const { headers: more = [], ...content } = this.#part;
    headers.push(...more);
    if (identity.credentials !== undefined && identity.trusts(flow))
      headers.push(...identity.credentials.authorize(method, target.uri, content.body));
    headers.push(this.#core.userAgent);
    return writeRequest({ method, uri: target.uri, headers, ...content });
  }

  #branch(): string {
    return `z9hG4bK${this.#core.random()}`;
  }

  #transact(request: SipMessage, flow: Flow): void {
    this.#state = 'calling';
    this.#request = request;
    this.#flow = flow;
    this.#key = this.#core.request(request, flow, new Attempt(this, request, flow));
  }

  /** For `Attempt`: a response. */
  hear(exchange: Exchange): void {
    const { status } = exchange.response;
    if (status >= 200 && status < 300) {
      this.#state = 'accepted';
      this.#user.success(exchange);
    } else if (!this.pending || exchange.request !== this.#request) {
      // Of an attempt that was given up.
    } else if (status < 200) this.#proceed(exchange);
    else this.#refused(exchange);
  }

  #proceed(exchange: Exchange): void {
    const first = this.#state === 'calling';
    this.#state = 'proceeding';
    if (first && this.#cancelled) this.#sendCancel();
    if (exchange.response.status > 100) this.#user.provisional?.(exchange);
  }

  #refused(exchange: Exchange): void {
    const { status, reason } = exchange.response;
    const failure = { status, reason: reason === '' ? reasonPhrase(status) : plainText(reason), exchange };
    if (this.#cancelled) this.#fail(failure);
    else if ((status === 401 || status === 407) && this.#answersChallenge(exchange)) {
      this.#sequence = this.#plan.sequence();
      this.#send(exchange.flow);
    } else if (status === 503) {
      this.#flows = this.#flows.filter((flow) => flow !== this.#oversized);
      this.#lost(failure);
    } else this.#fail(failure);
  }

  #answersChallenge({ response, flow }: Exchange): boolean {
    const { credentials } = this.#plan.identity;
    if (credentials === undefined || !this.#plan.identity.trusts(flow)) return false;
    this.#challenges += 1;
    this.#answered ??= new Set();
    return this.#challenges <= MOST_CHALLENGES && credentials.take(response, this.#answered);
  }

  /** For `Attempt`: no answer, or no way. */
  lost(request: SipMessage, failure: Failure): void {
    if (this.pending && request === this.#request) this.#lost(failure);
  }

  /** For `Attempt`: its transaction is over. */
  gone(): void {
    this.#user.gone?.();
  }

  /** This flow leads nowhere. */
  #lost(failure: Failure): void {
    this.#failure = failure;
    this.#tryNext();
  }

  #fail(failure: Failure): void {
    this.#state = 'over';
    this.#user.failure(failure);
  }

  /** 9.1: everything but the method and what belongs to the body is the request's own. */
  #sendCancel(): void {
    const request = this.#request;
    if (request === undefined || this.#flow === undefined) return;
    const copied = ['via', 'max-forwards', 'route', 'from', 'to', 'call-id'];
    const headers = copied.flatMap((name) => request.fields(name).map((value): HeaderLine => [name, value]));
    headers.push(['CSeq', `${this.#sequence} CANCEL`], this.#core.userAgent);
    const cancel = writeRequest({ method: 'CANCEL', uri: request.uri, headers });
    this.#core.request(cancel, this.#flow, NOBODY);
  }
}

/** One transaction of a request. */
class Attempt implements ClientUser {
  readonly #whole: ClientRequest;
  readonly #request: SipMessage;
  readonly #flow: Flow;

  constructor(whole: ClientRequest, request: SipMessage, flow: Flow) {
    this.#whole = whole;
    this.#request = request;
    this.#flow = flow;
  }

  response(response: SipMessage): void {
    this.#whole.hear({ request: this.#request, response, flow: this.#flow });
  }

  timeout(): void {
    this.#whole.lost(this.#request, { status: 408, reason: `no answer from ${where(this.#flow)}` });
  }

  failed(error: string): void {
    this.#whole.lost(this.#request, { status: 503, reason: `${where(this.#flow)}: ${error}` });
  }

  terminated(): void {
    this.#whole.gone();
  }
}

/** What becomes of a CANCEL shows in its INVITE. */
const NOBODY: ClientUser = { response() {}, timeout() {}, failed() {}, terminated() {} };

function where({ remote, transport }: Flow): string {
  return `${textOf(remote)} (${transport})`;
}
