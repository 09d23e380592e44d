/** What every call has, whichever side began it: its name, its one open question for a description, its end. */
import type { Core } from '../core.ts';
import type { Identity } from '../identity.ts';
import type { SipMessage } from '../message/message.ts';
import { Registry } from '../registry.ts';
import type { Incoming } from '../response.ts';
import type { CallId, EndCause, Flow, SipEvent } from '../types.ts';

/** A call as the telephone's commands meet it. What makes no sense in its state is ignored. */
export interface Call {
  readonly state: CallState;
  ring(): void;
  accept(): void;
  reject(status: number): void;
  /** `leaving`: the whole telephone goes, nobody declined. */
  hangUp(leaving: boolean): void;
  /** `anew`: by a way that is looked for from the beginning. */
  reinvite(anew: boolean): void;
}

/** Who gets the requests that carry our tag in To. */
export interface DialogUser {
  request(incoming: Incoming): void;
  /** The ACK for a 2xx. */
  acknowledge(message: SipMessage): void;
  /** An answer to our BYE or CANCEL is still to come. */
  readonly waiting: boolean;
  /** A 2xx that no transaction of ours waits for any more. */
  lateSuccess(message: SipMessage, flow: Flow): void;
}

/** Every call, and every dialog or half of one that still has to be heard. */
export class CallBook {
  /** By the telephone's name for the call. */
  readonly calls = new Registry<CallId, Call>();
  /** By our tag; an entry may outlive its call until BYE or CANCEL are answered. */
  readonly dialogs = new Registry<string, DialogUser>();
}

/** A description of ours, or the status that stands for none. */
export type Described = { readonly sdp: string } | { readonly status: number };

export class CallState {
  readonly id: CallId;
  readonly core: Core;
  readonly identity: Identity;
  readonly book: CallBook;
  #ended = false;
  #waiting: ((described: Described) => void) | undefined;

  constructor(id: CallId, core: Core, identity: Identity, book: CallBook) {
    this.id = id;
    this.core = core;
    this.identity = identity;
    this.book = book;
  }

  /** The same call as a fork sees it that nobody talks to: it says nothing to the telephone. */
  silent(): CallState {
    const fork = new CallState(this.id, this.core, this.identity, new CallBook());
    fork.#ended = true;
    return fork;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Tells the telephone; silent once the call has ended for it. */
  emit(event: SipEvent): void {
    if (!this.#ended) this.core.emit(event);
  }

  /** Asks for an offer, or for the answer to `remote`. One question at a time: a newer one replaces the older. */
  describe(flow: Flow, remote: string | undefined, done: (described: Described) => void): void {
    this.#waiting = done;
    this.emit({ kind: 'describe', call: this.id, flow, ...(remote === undefined ? {} : { remote }) });
  }

  described(described: Described): void {
    const done = this.#waiting;
    this.#waiting = undefined;
    done?.(described);
  }

  /** The call is over for the telephone; what remains to be done on the wire goes on. Only the first cause counts. */
  end(cause: EndCause): void {
    if (this.#ended) return;
    this.core.emit({ kind: 'ended', call: this.id, cause });
    this.#ended = true;
    this.#waiting = undefined;
    this.book.calls.delete(this.id);
  }
}
