/**
 * Two whole telephones on one clock: each a `Phone` and a `UserAgent`, joined by a wire of one millisecond. Their
 * engines only say `opened`; what they are told is kept.
 */
import type { Endpoint, Family } from '#address/endpoint.ts';
import type { Key } from '#hal/types.ts';
import { tonesOf } from '#media/tones_by_country.ts';
import type { EngineCommand, SessionParameters, Tone } from '#media/types.ts';
import { Phone } from '#phone/phone.ts';
import type { CallStatus, PhoneEffect, PhoneInput } from '#phone/types.ts';
import type { Flow, Hop, SipEffect, SipInput, Transport } from '#sip/types.ts';
import { UserAgent } from '#sip/user_agent.ts';
import { Clock } from './clock.ts';

export const TONES = tonesOf('GB');

/** Milliseconds that a message travels. */
const TRAVEL = 1;

const SIP_EVENTS: ReadonlySet<string> = new Set([
  'describe',
  'incoming',
  'progress',
  'answer',
  'established',
  'reinvite-refused',
  'ended',
  'registration',
]);

interface Wire {
  carry(flow: Flow, octets: Uint8Array): void;
  find(hop: Hop, from: WholePhone): readonly Flow[];
}

export class WholePhone {
  readonly phone: Phone;
  readonly agent: UserAgent;
  /** First lines of what was sent. */
  readonly sent: string[] = [];
  readonly addresses: { readonly 4: string; readonly 6: string };
  readonly #toPhone: (input: PhoneInput) => void;
  readonly #toSip: (input: SipInput) => void;
  readonly #sessions = new Map<string, SessionParameters>();
  #tone: Tone | undefined;
  #joined = 'nothing';

  constructor(name: string, number: number, clock: Clock, wire: Wire) {
    this.addresses = { 4: `192.0.2.${number}`, 6: `2001:db8::${number}` };
    let tokens = 0;
    const random = () => `${name}${(++tokens).toString(16).padStart(16, '0')}`.toLowerCase();
    this.phone = new Phone({
      accounts: [],
      extension: String(200 + number),
      name,
      tones: TONES,
      ring: TONES.ring,
      codecs: ['pcma', 'pcmu'],
      rtpPorts: [16_384, 16_583],
      audio: { input: 'silence', output: 'null' },
      random: () => number / 10,
    });
    this.agent = new UserAgent({
      random,
      userAgent: 'test',
      accounts: [],
      contactUser: `${name.toLowerCase()}-token`,
      name,
      extension: String(200 + number),
      admission: { acceptFrom: 'anyone', allow: [] },
    });
    this.#toSip = clock.drive<SipInput, SipEffect>(this.agent, (effect) => {
      if (effect.kind === 'send') {
        this.sent.push(Buffer.from(effect.octets).toString('latin1').split('\r\n', 1)[0] ?? '');
        wire.carry(effect.flow, effect.octets);
      } else if (effect.kind === 'locate') {
        this.#toSip({ kind: 'located', ticket: effect.ticket, groups: [wire.find(effect.hop, this)] });
      } else if (SIP_EVENTS.has(effect.kind)) {
        this.#toPhone({ kind: 'sip', event: effect as Extract<PhoneInput, { kind: 'sip' }>['event'] });
      }
    });
    this.#toPhone = clock.drive<PhoneInput, PhoneEffect>(this.phone, (effect) => {
      if (effect.kind === 'sip') this.#toSip(effect.command);
      if (effect.kind === 'media') this.#engine(effect.command);
    });
    this.give({ kind: 'addresses', addresses: { ipv4: [this.addresses[4]], ipv6: [this.addresses[6]] } });
  }

  give(input: PhoneInput): void {
    this.#toPhone(input);
  }

  receive(flow: Flow, octets: Uint8Array): void {
    this.#toSip({ kind: 'received', flow, octets });
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

  press(keys: string): void {
    for (const key of keys as Iterable<Key>) {
      this.give({ kind: 'hal', event: { kind: 'key', key, down: true } });
    }
  }

  /** The newest call. */
  get call(): CallStatus | undefined {
    return this.phone.calls().at(-1);
  }

  /** What the engine was told last of the session that the handset is joined to. */
  get media(): SessionParameters | undefined {
    return this.#sessions.get(this.#joined);
  }

  get tone(): Tone | undefined {
    return this.#tone;
  }

  get rings(): boolean {
    return this.phone.front().bell !== null;
  }

  endpoint(family: Family): Endpoint {
    return { family, address: this.addresses[family], port: 5060 };
  }

  #engine(command: EngineCommand): void {
    if (command.kind === 'open') {
      this.give({ kind: 'media', event: { kind: 'opened', session: command.session, port: 16_384 } });
    } else if (command.kind === 'configure') {
      this.#sessions.set(command.session, command.parameters);
    } else if (command.kind === 'connect') {
      this.#joined = typeof command.to === 'string' ? command.to : command.to.session;
    } else if (command.kind === 'tone') {
      this.#tone = command.tone;
    }
  }
}

export interface PairOptions {
  readonly transport?: Transport;
  /** Which messages get lost, by their order on the wire. */
  readonly lose?: (count: number) => boolean;
}

/** `alice` has 192.0.2.1 and 2001:db8::1, `bob` 192.0.2.2 and 2001:db8::2. */
export class TwoPhones {
  readonly clock = new Clock();
  readonly alice: WholePhone;
  readonly bob: WholePhone;
  readonly #options: PairOptions;
  #count = 0;

  constructor(options: PairOptions = {}) {
    this.#options = options;
    const wire: Wire = {
      carry: (flow, octets) => this.#carry(flow, octets),
      find: (hop, from) => this.#find(hop, from),
    };
    this.alice = new WholePhone('Alice', 1, this.clock, wire);
    this.bob = new WholePhone('Bob', 2, this.clock, wire);
  }

  /** Lets `ms` pass; a second is enough for anything that is not lost. */
  run(ms = 1000): void {
    this.clock.run(ms);
  }

  #carry(flow: Flow, octets: Uint8Array): void {
    if (this.#options.lose?.(this.#count++)) return;
    const { local, remote } = flow;
    const to = this.#phoneAt(remote.address);
    this.clock.after(TRAVEL, () => to?.receive({ ...flow, local: remote, remote: local }, octets));
  }

  #find({ host, transport }: Hop, from: WholePhone): readonly Flow[] {
    const to = this.#phoneAt(host);
    if (!to) return [];
    const family = host.includes(':') ? 6 : 4;
    const way = transport ?? this.#options.transport ?? 'udp';
    const connection = way === 'udp' ? {} : { connection: 1 };
    return [{ transport: way, local: from.endpoint(family), remote: to.endpoint(family), ...connection }];
  }

  #phoneAt(address: string): WholePhone | undefined {
    return [this.alice, this.bob].find((phone) => Object.values(phone.addresses).includes(address));
  }
}
