/**
 * A subscription to an event package (RFC 6665), as its subscriber keeps it: made, refreshed before it ends, made anew
 * when the notifier ends or forgets it, and tried again with growing pauses while nobody answers (RFC 6011 2.7).
 *
 *     SUBSCRIBE ->            <- 200      the dialog, or
 *                             <- NOTIFY   the same, where it is quicker
 *     (nine tenths of the time granted) SUBSCRIBE -> inside the dialog
 */
import { Dialog } from './call/dialog.ts';
import type { Core } from './core.ts';
import type { Identity } from './identity.ts';
import { decimal } from './message/chars.ts';
import type { SipMessage } from './message/message.ts';
import { readParams } from './message/params.ts';
import { Scanner } from './message/scanner.ts';
import type { HeaderLine } from './message/write.ts';
import { ClientRequest, type Failure } from './request/request.ts';
import { calledUri, freshTarget } from './request/target.ts';
import { type Incoming, respond } from './response.ts';
import type { Timer } from './timers.ts';

export interface SubscriptionPlan {
  readonly identity: Identity;
  /** Whom to subscribe to: a SIP or SIPS URI, octet text. */
  readonly uri: string;
  readonly event: string;
  readonly accept: string;
}

export interface SubscriptionUser {
  /** `body`: Latin-1, may be empty. */
  notified(body: string): void;
  /** The notifier does not want us; it is asked again in half an hour. */
  rejected(): void;
}

/** Seconds asked for. */
const EXPIRES = 3_600;
/** RFC 6011 2.7: the first pause, by chance; the longest for subscriptions (2.5.1.1). ms */
const FIRST_PAUSE = { least: 2_000, spread: 6_000 };
const LONGEST_PAUSE = 1_800_000;
/** Refreshed when so much of the time granted has gone. */
const REFRESH = 0.9;
/** Statuses that mean: not now, or not here; all others from 400 on are a refusal. */
const PASSING: readonly number[] = [408, 480, 500, 502, 503, 504];
/** RFC 6665 4.1.3: why a notifier ends a subscription, and whether it may be made anew, and when. */
const AGAIN: Readonly<Record<string, 'now' | 'later' | 'never'>> = {
  deactivated: 'now',
  timeout: 'now',
  probation: 'later',
  giveup: 'later',
  rejected: 'never',
  noresource: 'never',
  invariant: 'never',
};

export class Subscription {
  /** Of From, by which notifications find us. */
  localTag: string;
  readonly #core: Core;
  readonly #plan: SubscriptionPlan;
  readonly #user: SubscriptionUser;
  #callId: string;
  #sequence = 0;
  #dialog: Dialog | undefined;
  #request: ClientRequest | undefined;
  #timer: Timer<() => void> | undefined;
  #wanted = EXPIRES;
  #failures = 0;
  #pause = 0;
  #isOn = false;

  constructor(core: Core, plan: SubscriptionPlan, user: SubscriptionUser) {
    this.#core = core;
    this.#plan = plan;
    this.#user = user;
    this.localTag = core.random();
    this.#callId = core.random();
  }

  start(): void {
    this.#isOn = true;
    this.#begin();
  }

  /** The answer to its end is still to come. */
  get leaving(): boolean {
    return !this.#isOn && this.#request?.pending === true;
  }

  /** Our addresses are others: where we were reached is told anew. */
  networkChanged(): void {
    if (!this.#isOn) return;
    this.#failures = 0;
    this.#begin();
  }

  /** Nobody wants to hear any more, and the notifier is told. */
  stop(): void {
    this.#isOn = false;
    this.#core.stop(this.#timer);
    const dialog = this.#dialog;
    this.#dialog = undefined;
    if (dialog === undefined) this.#request?.abandon();
    else this.#send(dialog, 0);
  }

  /** A NOTIFY with our tag. */
  request(incoming: Incoming): void {
    const { message } = incoming;
    const isOurs = message.callId === this.#callId && message.fromTag !== undefined;
    // A fork of the SUBSCRIBE: one notifier is enough (RFC 6665 4.5.1).
    const isOfOther = this.#dialog !== undefined && !this.#dialog.matches(message.callId, message.fromTag);
    if (!isOurs || isOfOther) respond(this.#core, incoming, { status: 481 });
    else if (message.method !== 'NOTIFY')
      respond(this.#core, incoming, { status: 405, headers: [['Allow', 'NOTIFY']] });
    else if (packageOf(message) !== this.#plan.event) respond(this.#core, incoming, { status: 489 });
    else if (this.#dialog?.follows(message) === false) respond(this.#core, incoming, { status: 500 });
    else {
      respond(this.#core, incoming, { status: 200 });
      if (this.#isOn) this.#notified(message);
    }
  }

  /** In a dialog of its own, whatever became of the one before. */
  #begin(): void {
    this.#core.stop(this.#timer);
    this.#request?.abandon();
    this.#dialog = undefined;
    this.localTag = this.#core.random();
    this.#callId = this.#core.random();
    this.#sequence = 0;
    this.#send(undefined, this.#wanted);
  }

  #send(dialog: Dialog | undefined, expires: number): void {
    const { identity, uri, event, accept } = this.#plan;
    const [tag, callId] = [this.localTag, this.#callId];
    const headers: HeaderLine[] = [
      ['Event', event],
      ['Accept', accept],
      ['Expires', String(expires)],
    ];
    const request = new ClientRequest(
      this.#core,
      {
        method: 'SUBSCRIBE',
        identity,
        target: dialog?.target(identity.account?.family) ?? freshTarget(uri, identity.account),
        head: (flow) =>
          dialog ?? { from: `${identity.from(flow)};tag=${tag}`, to: `<${calledUri(uri)}>`, callId },
        sequence: () => dialog?.nextSequence() ?? ++this.#sequence,
        contact: true,
      },
      {
        compose: (_, go) => go({ headers }),
        success: ({ response }) => {
          if (request === this.#request && this.#isOn) this.#accepted(response);
        },
        failure: (failure) => {
          if (request === this.#request && this.#isOn) this.#failed(failure, dialog !== undefined);
        },
      },
    );
    this.#request = request;
    request.start();
  }

  #accepted(response: SipMessage): void {
    if (this.#dialog === undefined) this.#dialog = Dialog.ofResponse(response);
    else this.#dialog.refreshTarget(response);
    this.#failures = 0;
    this.#refreshAfter(Math.min(this.#wanted, decimal(response.first('expires') ?? '') ?? this.#wanted));
  }

  /** `granted`: seconds. */
  #refreshAfter(granted: number): void {
    this.#core.stop(this.#timer);
    this.#timer = this.#core.after(Math.max(1, granted) * 1000 * REFRESH, () => {
      if (this.#dialog === undefined) this.#begin();
      else this.#send(this.#dialog, this.#wanted);
    });
  }

  #failed({ status, exchange }: Failure, inDialog: boolean): void {
    const { response } = exchange ?? {};
    const least = decimal(response?.first('min-expires') ?? '') ?? 0;
    const later = secondsIn(response);
    if (status === 423 && least > this.#wanted && least <= EXPIRES * 24) {
      this.#wanted = least;
      this.#begin();
    }
    // The notifier has forgotten it (RFC 6665 4.1.2.2): what it says to a new one counts.
    else if (inDialog && exchange !== undefined && !PASSING.includes(status)) this.#begin();
    else if (exchange === undefined || PASSING.includes(status) || later > 0) this.#retry(later * 1000);
    else this.#rejected();
  }

  #notified(message: SipMessage): void {
    const state = message.first('subscription-state') ?? 'active';
    const [, name = '', rest = ''] = /^\s*([^\s;]+)\s*(.*)$/s.exec(state) ?? [];
    const params = readParams(new Scanner(rest));
    const seconds = (key: string) => decimal(params?.text(key) ?? '');
    if (name.toLowerCase() === 'terminated') {
      const again = AGAIN[params?.text('reason')?.toLowerCase() ?? ''] ?? 'now';
      this.#dialog = undefined;
      if (again === 'never') this.#rejected();
      // A notifier that ends each one at once is not asked without pause.
      else this.#retry(again === 'later' ? 1000 * (seconds('retry-after') ?? 0) : 0);
    } else {
      const expires = seconds('expires');
      if (expires !== undefined) this.#refreshAfter(Math.min(expires, this.#wanted));
    }
    this.#user.notified(message.bodyText);
  }

  #rejected(): void {
    this.#user.rejected();
    this.#retry(LONGEST_PAUSE);
  }

  /** ms at least. */
  #retry(asked: number): void {
    const { least, spread } = FIRST_PAUSE;
    this.#pause =
      this.#failures === 0
        ? least + spread * this.#core.chance()
        : Math.min(this.#pause + 2 ** this.#failures * 1000, LONGEST_PAUSE);
    this.#failures += 1;
    this.#core.stop(this.#timer);
    const wait = Math.min(Math.max(asked, this.#pause), LONGEST_PAUSE);
    this.#timer = this.#core.after(wait, () => this.#begin());
  }
}

function packageOf(message: SipMessage): string {
  return (message.first('event') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** Retry-After; 0: there is none. */
function secondsIn(response: SipMessage | undefined): number {
  return decimal(/^\d*/.exec(response?.first('retry-after') ?? '')?.[0] ?? '') ?? 0;
}
