/**
 * One call: what SIP says of it, what its offers and answers agree on (RFC 3264), and the engine's session that
 * carries the sound, joined. A description is written only when the engine has opened its ports, so `describe`
 * may have to wait.
 */
import type { Family } from '#address/endpoint.ts';
import { isLoopback } from '#address/ip.ts';
import type { DtmfKey, EngineEvent, SessionStatistics } from '#media/types.ts';
import { type LocalMedia, MediaNegotiation, type Negotiated } from '#sdp/offer_answer.ts';
import type { DescribeRequest, EndCause, Flow, SipCommand } from '#sip/types.ts';
import { causeText } from './cause_text.ts';
import { isOurs, isOutdated, mediaAddress } from './local_media.ts';
import { Rescue } from './rescue.ts';
import {
  type CallState,
  type CallStatus,
  familyName,
  type LocalAddresses,
  type PhoneEffect,
} from './types.ts';

/** What a description of ours says. */
interface Told {
  readonly held: boolean;
  readonly address?: string;
}
const NOTHING: Told = { held: false };

/** Milliseconds of sound in one packet. */
const PACKET_TIME = 20;

export interface CallOptions {
  readonly id: string;
  readonly direction: 'in' | 'out';
  /** URI of the peer, or the title of a built-in number. */
  readonly peer: string;
  /** Its display name; may be empty. */
  readonly name: string;
  readonly codecs: readonly string[];
  readonly emergency?: boolean;
  /** In [0, 1). */
  readonly random: () => number;
  readonly rtpPorts: readonly [first: number, last: number];
  readonly addresses: () => LocalAddresses;
}

export class PhoneCall {
  readonly id: string;
  readonly direction: 'in' | 'out';
  readonly peer: string;
  readonly name: string;
  readonly emergency: boolean;
  /** ms on the clock of `now`; set when somebody answers. */
  answeredAt: number | undefined;
  /** Keys sent in this call. */
  keys = '';
  /** We have put the peer on hold, or are asking for it. */
  holding = false;

  readonly #options: CallOptions;
  readonly #negotiation: MediaNegotiation;
  #state: CallState;
  #cause: string | undefined;
  #flow: Flow | undefined;
  #port: number | undefined;
  #session: Negotiated | undefined;
  #statistics: SessionStatistics | undefined;
  /** The last provisional status. */
  #progress = 0;
  /** Waits for the engine's port. */
  #waiting: DescribeRequest | undefined;
  /** What the last agreed description says of our hold and address, and what the offer under way says. */
  #told: { readonly agreed: Told; readonly offered: Told } = { agreed: NOTHING, offered: NOTHING };
  readonly #rescue = new Rescue();
  /** The outdated address for which a better one was sought. */
  #left: string | undefined;

  constructor(options: CallOptions) {
    this.id = options.id;
    this.direction = options.direction;
    this.peer = options.peer;
    this.name = options.name;
    this.emergency = options.emergency ?? false;
    this.#options = options;
    this.#state = options.direction === 'in' ? 'ringing' : 'calling';
    this.#negotiation = new MediaNegotiation({ sessionId: Math.floor(options.random() * 2 ** 31) + 1 });
  }

  get state(): CallState {
    if (this.#state !== 'talking') return this.#state;
    return this.holding || this.heldByPeer || this.trouble !== undefined ? 'held' : 'talking';
  }

  /** Moves on; a call that has ended stays so. */
  set state(state: 'ringing' | 'early' | 'talking') {
    if (this.#state !== 'ended') this.#state = state;
  }

  get ended(): boolean {
    return this.#state === 'ended';
  }

  get heldByPeer(): boolean {
    return this.#negotiation.heldByPeer;
  }

  /** Why nothing can be heard at present, for people; undefined: all is well. */
  get trouble(): string | undefined {
    return this.ended ? undefined : this.#rescue.reason;
  }

  get deadline(): number {
    return this.#rescue.deadline;
  }

  /** Sound can flow: offer and answer have agreed. */
  get agreed(): boolean {
    return this.#session !== undefined;
  }

  /** Asks for RTP ports. */
  open(): PhoneEffect[] {
    return [media({ kind: 'open', session: this.id, rtpPorts: this.#options.rtpPorts })];
  }

  /**
   * Ringback or the peer's own sound? Its sound, once packets came or the response was none of ringing (183);
   * 180 with a description often brings silence, so then ringback goes on until packets come (RFC 3960 3.2).
   */
  progress(status = this.#progress): 'early-media' | 'alerting' | undefined {
    this.#progress = status;
    if (this.ended || this.direction === 'in' || this.answeredAt !== undefined) return undefined;
    const heard = (this.#statistics?.received ?? 0) > 0;
    if (this.agreed && (heard || status !== 180)) {
      this.state = 'early';
      return 'early-media';
    }
    if (status !== 180) return undefined;
    this.state = 'ringing';
    return 'alerting';
  }

  /** We answer. */
  pickUp(now: number): PhoneEffect[] {
    this.answeredAt = now;
    this.state = 'talking';
    return [this.#sip({ kind: 'accept', call: this.id })];
  }

  /** The peer knows that it stands. */
  established(flow: Flow, now: number): PhoneEffect[] {
    this.follow(flow);
    if (this.ended) return [];
    this.answeredAt ??= now;
    this.state = 'talking';
    return this.networkChanged(now);
  }

  /** The flow that the signalling takes, as far as it is known. */
  follow(flow: Flow): void {
    this.#flow = flow;
  }

  /** The status that refuses an offer before anything rings, or undefined if it can be answered. */
  refusal(offer: string, flow: Flow): number | undefined {
    const trial = new MediaNegotiation({ sessionId: 1 });
    const result = trial.answer(offer, (family, peer) => this.#local(family, flow, 9, peer));
    return 'status' in result ? result.status : undefined;
  }

  describe(request: DescribeRequest): PhoneEffect[] {
    this.follow(request.flow);
    if (this.ended) return [this.#notDescribed(487)];
    if (this.#port === undefined) {
      this.#waiting = request;
      return [];
    }
    return request.remote === undefined
      ? this.#offer(request.flow, this.#port)
      : this.#answer(request.remote, request.flow, this.#port);
  }

  /** The peer's answer to our offer. Without a session to come of it the call ends. */
  accept(sdp: string): PhoneEffect[] {
    const result = this.#negotiation.accept(sdp);
    if ('status' in result)
      return [log('warn', `call ${this.id}: ${result.reason}`), ...this.hangUp(result.reason)];
    this.#told = { ...this.#told, agreed: this.#told.offered };
    this.#rescue.over();
    return this.#configured(result);
  }

  /** Our re-INVITE was refused, or reached nobody. True: hold or resume did not come about. */
  withdraw(unreached: boolean, now: number): boolean {
    this.#negotiation.withdraw();
    if (unreached) this.#rescue.unreached(now);
    else this.#rescue.over();
    const { held } = this.#told.agreed;
    const changed = this.holding !== held;
    this.holding = held;
    return changed;
  }

  /** Our addresses or routes have changed, or may have since we looked last. */
  networkChanged(now: number): PhoneEffect[] {
    if (this.answeredAt === undefined || this.ended) return [];
    const lost = this.#lostAddress();
    const asks = lost === undefined ? this.#rescue.mended() : this.#rescue.gone(lost, now);
    return asks || this.#leaves() ? [this.#lookAnew()] : [];
  }

  /** An address that few use may be gone: of this call, perhaps. */
  addressGone(now: number): PhoneEffect[] {
    if (this.answeredAt === undefined || this.ended || this.trouble !== undefined) return [];
    const lost = this.#lostAddress();
    return lost !== undefined && this.#rescue.gone(lost, now) ? [this.#lookAnew()] : [];
  }

  /** Whether this call goes on from one of these addresses of ours. */
  uses(addresses: readonly string[]): boolean {
    return !this.ended && this.#used.some((address) => addresses.includes(address));
  }

  /** Once for each address that is for nothing new: where the peer cannot do without it, the call stays. */
  #leaves(): boolean {
    const addresses = this.#options.addresses();
    const outdated = this.#used.find((address) => isOutdated(address, addresses));
    if (outdated === undefined || outdated === this.#left) return false;
    this.#left = outdated;
    return true;
  }

  /** Our addresses that this call goes on from: of its sound and of its signalling. */
  get #used(): readonly string[] {
    return [this.#told.agreed.address, this.#flow?.local.address].flatMap((address) => address ?? []);
  }

  tick(now: number): PhoneEffect[] {
    const due = this.#rescue.due(now);
    if (due === 'ask') return [this.#lookAnew()];
    return due === 'give-up' ? this.hangUp(this.trouble ?? '') : [];
  }

  /** The family in which an address that this call uses is gone. */
  #lostAddress(): Family | undefined {
    const addresses = this.#options.addresses();
    const lost = this.#used.find((address) => !isOurs(address, addresses));
    return lost === undefined ? undefined : lost.includes(':') ? 6 : 4;
  }

  #lookAnew(): PhoneEffect {
    return this.#sip({ kind: 'reinvite', call: this.id, anew: true });
  }

  /** Nothing is heard although we listen: is it the network, and would another family do better? */
  #fellSilent(now: number): PhoneEffect[] {
    const { ipv4, ipv6 } = this.#options.addresses();
    const has6 = ipv6.length > 0 || this.#used.some((address) => address.includes(':'));
    const another = ipv4.length > 0 && has6 && !isLoopback(this.#flow?.local.address ?? '');
    if (!another || this.state !== 'talking' || this.#session === undefined) return [];
    return this.#rescue.silent(this.#session.remote.family, now) ? [this.#lookAnew()] : [];
  }

  hold(on: boolean): PhoneEffect[] {
    this.holding = on;
    return [this.#sip({ kind: 'reinvite', call: this.id })];
  }

  /** News of the engine's session. */
  media(event: EngineEvent, now: number): PhoneEffect[] {
    if (event.kind === 'statistics') {
      if (event.statistics.received > (this.#statistics?.received ?? 0)) this.#rescue.heard();
      this.#statistics = event.statistics;
    }
    if (event.kind === 'media-silent') return this.#fellSilent(now);
    if (event.kind === 'failed' && !this.ended) {
      const why = `no sound: ${event.error}`;
      return [log('warn', `call ${this.id}: ${why}`), ...this.hangUp(why)];
    }
    if (event.kind !== 'opened' || this.ended) return [];
    this.#port = event.port;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting ? this.describe(waiting) : [];
  }

  dtmf(key: DtmfKey, ms: number): PhoneEffect[] {
    this.keys += key;
    return [media({ kind: 'dtmf', session: this.id, key, ms })];
  }

  /** Ends the call from our side; `cause` is for people. */
  hangUp(cause: string): PhoneEffect[] {
    return this.ended ? [] : [this.#sip({ kind: 'hang-up', call: this.id }), ...this.end(cause)];
  }

  reject(status: number, cause: string): PhoneEffect[] {
    return this.ended ? [] : [this.#sip({ kind: 'reject', call: this.id, status }), ...this.end(cause)];
  }

  /** The call is over; its sound stops. */
  end(cause: EndCause | string): PhoneEffect[] {
    if (this.ended) return [];
    // In trouble, what the network says at last is but its consequence.
    const trouble = typeof cause !== 'string' && cause.by !== 'peer' ? this.trouble : undefined;
    this.#state = 'ended';
    this.#cause = trouble ?? (typeof cause === 'string' ? cause : causeText(cause));
    this.#waiting = undefined;
    return [media({ kind: 'close', session: this.id }), log('info', `call ${this.id} ended: ${this.#cause}`)];
  }

  status(): CallStatus {
    const cause = this.#cause ?? this.trouble;
    return {
      id: this.id,
      state: this.state,
      direction: this.direction,
      peer: this.peer,
      ...(this.name !== '' && { name: this.name }),
      ...(cause !== undefined && { cause }),
      signalling: this.#flow
        ? { family: familyName(this.#flow.remote.family), transport: this.#flow.transport }
        : null,
      media: this.#session ? this.#mediaStatus(this.#session) : null,
    };
  }

  #mediaStatus(session: Negotiated): NonNullable<CallStatus['media']> {
    const { sent = 0, received = 0, lost = 0, jitterMs = 0 } = this.#statistics ?? {};
    return {
      family: familyName(session.remote.family),
      codec: session.codec.name,
      sent,
      received,
      lost,
      jitterMs,
    };
  }

  #offer(flow: Flow, port: number): PhoneEffect[] {
    const local = this.#local(flow.local.family, flow, port);
    if (!local) return [this.#notDescribed(488)];
    this.#told = { ...this.#told, offered: this.#tell(local) };
    return [this.#sip({ kind: 'described', call: this.id, sdp: this.#negotiation.offer(local) })];
  }

  #answer(remote: string, flow: Flow, port: number): PhoneEffect[] {
    let told = NOTHING;
    const result = this.#negotiation.answer(remote, (family, peer) => {
      const local = this.#local(family, flow, port, peer);
      if (local !== undefined) told = this.#tell(local);
      return local;
    });
    if ('status' in result) {
      return [log('warn', `call ${this.id}: ${result.reason}`), this.#notDescribed(result.status)];
    }
    this.#told = { ...this.#told, agreed: told };
    this.#rescue.over();
    return [
      this.#sip({ kind: 'described', call: this.id, sdp: result.sdp }),
      ...this.#configured(result.session),
    ];
  }

  #configured(parameters: Negotiated): PhoneEffect[] {
    // The same answer comes in 183 and again in 200: nothing is disturbed then.
    const same = JSON.stringify(parameters) === JSON.stringify(this.#session);
    this.#session = parameters;
    return same || this.ended ? [] : [media({ kind: 'configure', session: this.id, parameters })];
  }

  #tell({ address }: LocalMedia): Told {
    return { held: this.holding, address: address.address };
  }

  #local(family: Family, flow: Flow, port: number, peer?: string) {
    const address = mediaAddress(family, flow, this.#options.addresses(), peer);
    if (address === undefined) return undefined;
    // RFC 3264 8.4: hold is sendonly, and inactive where the peer holds us as well.
    const direction = !this.holding ? 'sendrecv' : this.heldByPeer ? 'inactive' : 'sendonly';
    const { codecs } = this.#options;
    return { address: { family, address }, port, codecs, direction, packetTime: PACKET_TIME } as const;
  }

  #notDescribed(status: number): PhoneEffect {
    return this.#sip({ kind: 'not-described', call: this.id, status });
  }

  #sip(command: SipCommand): PhoneEffect {
    return { kind: 'sip', command };
  }
}

function media(command: Extract<PhoneEffect, { kind: 'media' }>['command']): PhoneEffect {
  return { kind: 'media', command };
}

function log(level: 'info' | 'warn', text: string): PhoneEffect {
  return { kind: 'log', level, text };
}
