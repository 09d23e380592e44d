/** Records, and one link with a clock that jumps, for tests of multicast DNS. */
import type { Endpoint } from '#address/endpoint.ts';
import { Link, type LinkEffect, type LinkInput } from '#mdns/link.ts';
import { EMPTY, type Message, readMessage, writeMessage } from '#mdns/message.ts';
import type { DnsRecord, RecordData } from '#mdns/record.ts';

export const FRIEND: Endpoint = { family: 4, address: '10.0.0.9', port: 5353 };
export const LEGACY: Endpoint = { family: 4, address: '10.0.0.9', port: 40_000 };

export function record(name: string, data: RecordData, ttl = 120, flush = true): DnsRecord {
  return { name, ttl, flush, data };
}

export const HOST = record('phone.local', { type: 'A', address: '10.0.0.1' });
export const SRV = record('me._x._udp.local', {
  ...{ type: 'SRV', priority: 0, weight: 0, port: 5060, target: 'phone.local' },
});
export const TXT = record('me._x._udp.local', { type: 'TXT', texts: ['a=1'] }, 4500);
export const PTR = record('_x._udp.local', { type: 'PTR', target: 'me._x._udp.local' }, 4500, false);
export const OURS = [PTR, SRV, TXT, HOST];

export interface Sent {
  readonly at: number;
  readonly message: Message;
  readonly to?: Endpoint;
}

/** A link alone on its wire; `random` is 0 unless said otherwise, so that every pause has its least length. */
export class Stage {
  readonly link: Link;
  readonly sent: Sent[] = [];
  readonly effects: LinkEffect[] = [];
  now = 0;

  constructor(random: () => number = () => 0) {
    this.link = new Link({ random, echoes: () => 1 });
  }

  /** What was told of our own names. */
  get verdicts(): readonly LinkEffect[] {
    return this.effects.filter(({ kind }) => kind !== 'changed');
  }

  give(input: LinkInput): void {
    for (const effect of this.link.handle(input, this.now)) {
      if (effect.kind !== 'send') this.effects.push(effect);
      else {
        const message = readMessage(effect.octets);
        if (message === undefined) throw new Error('what was sent cannot be read');
        this.sent.push({ at: this.now, message, ...(effect.to === undefined ? {} : { to: effect.to }) });
      }
    }
  }

  hear(message: Partial<Message>, from = FRIEND): void {
    this.give({ kind: 'received', octets: writeMessage({ ...EMPTY, ...message }), from, own: false });
  }

  /** Jumps from deadline to deadline until `ms` have passed. */
  run(ms: number): void {
    const end = this.now + ms;
    for (let steps = 0; this.link.deadline <= end; steps++) {
      if (steps > 10_000) throw new Error('no rest');
      this.now = Math.max(this.now, this.link.deadline);
      this.give({ kind: 'tick' });
    }
    this.now = end;
  }

  /** What was sent since the last time. */
  take(): Sent[] {
    return this.sent.splice(0);
  }

  /** Published, probed and announced. */
  settle(records: readonly DnsRecord[] = OURS): this {
    this.give({ kind: 'publish', records });
    this.run(10_000);
    this.take();
    return this;
  }
}

export function ask(name: string, type: 'A' | 'AAAA' | 'PTR' | 'SRV' | 'TXT' | 'ANY', unicast = false) {
  return { questions: [{ name, type, unicast }] };
}

export function names({ message }: Sent): readonly string[] {
  return message.answers.map(({ name, data, ttl }) => `${data.type} ${name} ${ttl}`);
}
