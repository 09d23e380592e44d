/**
 * The dialog (RFC 3261 section 12): who the two ends are, in which order requests count, and the way that requests
 * of ours take. From, To and the route set are kept as octet text and go back exactly as they came.
 */
import type { SipMessage } from '../message/message.ts';
import { routedTarget, type Target, type Unroutable } from '../request/target.ts';

/** Header fields that every request inside a dialog carries. */
export interface DialogHead {
  readonly from: string;
  readonly to: string;
  readonly callId: string;
}

export class Dialog implements DialogHead {
  /** From and To of our requests, tags included. */
  readonly from: string;
  readonly to: string;
  readonly callId: string;
  readonly localTag: string;
  /** Empty: the peer speaks RFC 2543 and has none. */
  readonly remoteTag: string;
  /** A 2xx made it more than early. */
  confirmed = false;
  #routes: readonly string[];
  #remoteTarget: string;
  #localSequence: number;
  #remoteSequence: number | undefined;

  private constructor(
    head: DialogHead,
    tags: { local: string; remote: string },
    way: Way,
    sequence: Sequence,
  ) {
    this.from = head.from;
    this.to = head.to;
    this.callId = head.callId;
    this.localTag = tags.local;
    this.remoteTag = tags.remote;
    this.#routes = way.routes;
    this.#remoteTarget = way.target;
    this.#localSequence = sequence.local;
    this.#remoteSequence = sequence.remote;
  }

  /** The callee's end (12.1.1), made by the INVITE that it answers under `localTag`. */
  static ofRequest(request: SipMessage, localTag: string): Dialog {
    return new Dialog(
      {
        from: `${request.first('to') ?? ''};tag=${localTag}`,
        to: request.first('from') ?? '',
        callId: request.callId,
      },
      { local: localTag, remote: request.fromTag ?? '' },
      { routes: request.values('record-route'), target: request.contact?.uri ?? request.from?.uri ?? '' },
      { local: 0, remote: request.cseq?.number },
    );
  }

  /** The caller's end (12.1.2), made by a response to its INVITE: everything of the INVITE stands in it. */
  static ofResponse(response: SipMessage): Dialog {
    return new Dialog(
      { from: response.first('from') ?? '', to: response.first('to') ?? '', callId: response.callId },
      { local: response.fromTag ?? '', remote: response.toTag ?? '' },
      wayOf(response),
      { local: response.cseq?.number ?? 0, remote: undefined },
    );
  }

  /** A 2xx to the INVITE that made the dialog: its route set is the valid one from now on (13.2.2.4). */
  confirm(response: SipMessage): void {
    const way = wayOf(response);
    this.#routes = way.routes;
    this.#remoteTarget = way.target;
    this.confirmed = true;
  }

  /** Whether a request or response belongs here; `tag` is the peer's. */
  matches(callId: string, tag: string | undefined): boolean {
    return callId === this.callId && (tag ?? '') === this.remoteTag;
  }

  /** The number for the next request of ours; an ACK takes that of its INVITE instead. */
  nextSequence(): number {
    this.#localSequence += 1;
    return this.#localSequence;
  }

  /** Notes a request of the peer; false: it is older than one that came before (12.2.2: 500). */
  follows(request: SipMessage): boolean {
    const number = request.cseq?.number ?? 0;
    if (this.#remoteSequence !== undefined && number < this.#remoteSequence) return false;
    this.#remoteSequence = number;
    return true;
  }

  /** Takes the Contact of a target refresh request, or of the 2xx to one of ours (12.2). */
  refreshTarget(message: SipMessage): void {
    const uri = message.contact?.uri;
    if (uri !== undefined) this.#remoteTarget = uri;
  }

  /** Request-URI and Route of an ACK that takes the way of its INVITE, whatever transport they name. */
  get way(): Pick<Target, 'uri' | 'routes'> {
    return { uri: this.#remoteTarget, routes: this.#routes };
  }

  /** Where our next request goes. `family` is the account's restriction, if any. */
  target(family?: 4 | 6): Target | Unroutable {
    return routedTarget(this.#remoteTarget, this.#routes, family);
  }
}

interface Way {
  readonly routes: readonly string[];
  readonly target: string;
}

interface Sequence {
  readonly local: number;
  readonly remote: number | undefined;
}

function wayOf(response: SipMessage): Way {
  const recorded = response.values('record-route');
  return {
    routes: recorded.length > 1 ? recorded.toReversed() : recorded,
    target: response.contact?.uri ?? response.to?.uri ?? '',
  };
}
