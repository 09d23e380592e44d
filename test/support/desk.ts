/** A telephone on a desk, alone: its clock jumps, its engine says `opened` at once, SIP is played by the test. */
import type { HalCommand, Key } from '#hal/types.ts';
import { tonesOf } from '#media/tones_by_country.ts';
import type { EngineCommand, Tone } from '#media/types.ts';
import type { PhoneOptions } from '#phone/options.ts';
import { Phone } from '#phone/phone.ts';
import type { PhoneEffect, PhoneInput } from '#phone/types.ts';
import { MediaNegotiation } from '#sdp/offer_answer.ts';
import type { EndCause, Flow, SipCommand, SipEvent } from '#sip/types.ts';
import { Clock } from './clock.ts';

export const ALICE = { id: 'a', aor: 'sip:alice@example.test', label: 'Alice' };
export const TONES = tonesOf('NL');
export const RTP_PORT = 16_384;

export const FLOW: Flow = {
  transport: 'udp',
  local: { family: 4, address: '192.0.2.10', port: 5060 },
  remote: { family: 4, address: '192.0.2.1', port: 5060 },
};
export const FLOW6: Flow = {
  transport: 'tcp',
  local: { family: 6, address: '2001:db8::10', port: 5060 },
  remote: { family: 6, address: '2001:db8::1', port: 5060 },
};

export interface DeskOptions extends Partial<PhoneOptions> {
  /** The test answers `open` itself. */
  readonly slowEngine?: boolean;
  /** Sees every effect. */
  readonly watch?: (effect: PhoneEffect) => void;
  readonly clock?: Clock;
}

export class Desk {
  readonly clock: Clock;
  readonly phone: Phone;
  /** Kinds of what the first input caused. */
  readonly first: readonly string[];
  readonly #give: (input: PhoneInput) => void;
  #effects: PhoneEffect[] = [];
  #tone: Tone | undefined;
  #joined: string | undefined;

  constructor({ slowEngine = false, watch, clock = new Clock(), ...options }: DeskOptions = {}) {
    this.clock = clock;
    this.phone = new Phone({
      accounts: [ALICE],
      extension: '204',
      name: 'Kitchen',
      tones: TONES,
      ring: TONES.ring,
      codecs: ['pcma', 'pcmu'],
      rtpPorts: [RTP_PORT, RTP_PORT + 199],
      audio: { input: 'silence', output: 'null' },
      random: () => 0.25,
      ...options,
    });
    this.#give = this.clock.drive<PhoneInput, PhoneEffect>(this.phone, (effect) => {
      this.#effects.push(effect);
      watch?.(effect);
      if (effect.kind !== 'media') return;
      const { command } = effect;
      if (command.kind === 'tone') this.#tone = command.tone;
      if (command.kind === 'connect') {
        this.#joined = typeof command.to === 'string' ? command.to : command.to.session;
      }
      if (command.kind === 'open' && !slowEngine) this.opened(command.session);
    });
    this.give({ kind: 'addresses', addresses: { ipv4: ['192.0.2.10'], ipv6: ['2001:db8::10'] } });
    this.first = this.#effects.map((effect) => ('command' in effect ? effect.command.kind : effect.kind));
    this.forget();
  }

  give(input: PhoneInput): void {
    this.#give(input);
  }

  /** Forgets the effects seen so far. */
  forget(): void {
    this.#effects = [];
  }

  opened(session: string, port = RTP_PORT): void {
    this.give({ kind: 'media', event: { kind: 'opened', session, port } });
  }

  lift(): void {
    this.give({ kind: 'hal', event: { kind: 'hook', state: 'off' } });
  }

  putDown(): void {
    this.give({ kind: 'hal', event: { kind: 'hook', state: 'on' } });
  }

  flash(): void {
    this.give({ kind: 'hal', event: { kind: 'flash' } });
  }

  /** Presses and releases keys, without a pause. */
  press(keys: string): void {
    for (const key of keys as Iterable<Key>) {
      this.give({ kind: 'hal', event: { kind: 'key', key, down: true } });
      this.give({ kind: 'hal', event: { kind: 'key', key, down: false } });
    }
  }

  sip(event: SipEvent): void {
    this.give({ kind: 'sip', event });
  }

  /** An INVITE arrives. */
  incoming(call = 'in-1', name = 'Bob', flow = FLOW): void {
    const from = { name, uri: 'sip:bob@example.test' };
    this.sip({
      kind: 'incoming',
      call,
      from,
      to: { name: '', uri: ALICE.aor },
      account: 'a',
      flow,
      offer: peerOffer(),
    });
  }

  /** Lifts, dials, and lets the user agent ask for the offer; the id of the call. */
  callOut(number = '123#'): string {
    this.lift();
    this.press(number);
    const call = this.commands('call').at(-1)?.call ?? '';
    this.sip({ kind: 'describe', call, flow: FLOW });
    return call;
  }

  progress(call: string, status: number): void {
    this.sip({ kind: 'progress', call, status, reason: '' });
  }

  /** The peer's answer to our last offer, and for a final one that the call is established. */
  answered(call: string, early = false): void {
    this.sip({ kind: 'answer', call, sdp: this.peerAnswer(), early });
    if (!early) this.sip({ kind: 'established', call, flow: FLOW });
  }

  /** What a plain peer answers to the description that we sent last. */
  peerAnswer(direction: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive' = 'sendrecv'): string {
    const offer = this.commands('described').at(-1)?.sdp ?? '';
    const answer = peer().answer(offer, () => ({ ...PEER_MEDIA, direction }));
    if ('status' in answer) throw new Error(answer.reason);
    return answer.sdp;
  }

  ended(call: string, cause: Partial<EndCause> = {}): void {
    this.sip({ kind: 'ended', call, cause: { by: 'peer', reason: '', ...cause } });
  }

  /** A call that was answered by us. */
  talkIncoming(): string {
    this.incoming();
    this.lift();
    this.sip({ kind: 'describe', call: 'in-1', flow: FLOW, remote: peerOffer() });
    this.sip({ kind: 'established', call: 'in-1', flow: FLOW });
    return 'in-1';
  }

  commands<K extends SipCommand['kind']>(kind: K): Extract<SipCommand, { kind: K }>[] {
    return this.#effects.flatMap((effect) =>
      effect.kind === 'sip' && effect.command.kind === kind
        ? [effect.command as Extract<SipCommand, { kind: K }>]
        : [],
    );
  }

  engine<K extends EngineCommand['kind']>(kind: K): Extract<EngineCommand, { kind: K }>[] {
    return this.#effects.flatMap((effect) =>
      effect.kind === 'media' && effect.command.kind === kind
        ? [effect.command as Extract<EngineCommand, { kind: K }>]
        : [],
    );
  }

  hal<K extends HalCommand['kind']>(kind: K): Extract<HalCommand, { kind: K }>[] {
    return this.#effects.flatMap((effect) =>
      effect.kind === 'hal' && effect.command.kind === kind
        ? [effect.command as Extract<HalCommand, { kind: K }>]
        : [],
    );
  }

  /** Kinds of the SIP commands given, without the registration and the descriptions. */
  get asked(): string[] {
    return this.#effects.flatMap((effect) =>
      effect.kind === 'sip' && !['register', 'described'].includes(effect.command.kind)
        ? [effect.command.kind]
        : [],
    );
  }

  get dialled(): Extract<PhoneEffect, { kind: 'dialled' }>[] {
    return this.#effects.filter((effect) => effect.kind === 'dialled');
  }

  get logged(): string[] {
    return this.#effects.flatMap((effect) => (effect.kind === 'log' ? [effect.text] : []));
  }

  /** What the ear hears besides the call. */
  get tone(): Tone | undefined {
    return this.#tone;
  }

  /** What the handset is joined to. */
  get joined(): string | undefined {
    return this.#joined;
  }

  get lines(): readonly string[] {
    return this.phone.front().lines;
  }
}

const PEER_MEDIA = {
  address: { family: 4, address: '192.0.2.1' },
  port: 40_000,
  codecs: ['pcma'],
  direction: 'sendrecv',
  packetTime: 20,
} as const;

function peer(): MediaNegotiation {
  return new MediaNegotiation({ sessionId: 9 });
}

/** The offer of a plain peer. */
export function peerOffer(direction: 'sendrecv' | 'sendonly' | 'inactive' = 'sendrecv'): string {
  return peer().offer({ ...PEER_MEDIA, direction });
}
