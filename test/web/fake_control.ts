/** A phone that does nothing but remember what it was told: the far side of Control for tests of the page. */
import type { HalEvent } from '#hal/types.ts';
import type { CallStatus, Control, Front, Status, TraceEntry } from '#phone/types.ts';

export const CALL: CallStatus = {
  id: 'c1',
  state: 'talking',
  direction: 'in',
  peer: 'Alice <sip:alice@example.test>',
  signalling: { family: 'ipv6', transport: 'udp' },
  media: { family: 'ipv6', codec: 'PCMA', sent: 500, received: 498, lost: 2, jitterMs: 1.25 },
};

const STATUS: Status = {
  version: '0.1.0',
  extension: '204',
  uptime: 61,
  accounts: [
    {
      aor: 'sip:alice@example.test',
      state: 'registered',
      family: 'ipv6',
      transport: 'udp',
      target: '[2001:db8::5]:5060',
      expires: 300,
      error: null,
    },
  ],
  calls: [],
  network: {
    ipv4: ['192.0.2.7'],
    ipv6: ['2001:db8::7'],
    native6: true,
    teredoSeen: false,
    sixbed4: {
      state: 'off',
      address: null,
      router: null,
      direct: 0,
      relayed: 0,
      note: 'native IPv6 is there',
    },
    preference: [],
  },
  neighbours: [],
  hardware: [],
  dropped: {},
};

export class FakeControl implements Control {
  readonly operated: HalEvent[] = [];
  readonly dialled: string[] = [];
  readonly mouth: Int16Array[] = [];
  readonly entries: TraceEntry[] = [];
  hungUp = 0;
  /** How often a page took the sound, and how often it was closed. */
  attached = 0;
  detached = 0;
  /** Puts a frame into the page's ear. */
  deliver: ((frame: Int16Array) => void) | undefined;
  /** Reason for which every wish is refused. */
  refuses: string | undefined;
  listeners = new Set<(news: 'status' | 'front' | TraceEntry) => void>();
  #front: Front = {
    lines: ['Dualtone         204', '', '', 'Ready'],
    lamps: { status: 'on' },
    hook: 'on',
    bell: null,
    volume: 0.5,
  };
  #status = STATUS;

  status(): Status {
    return this.#status;
  }

  front(): Front {
    return this.#front;
  }

  show(front: Partial<Front>): void {
    this.#front = { ...this.#front, ...front };
    this.#announce('front');
  }

  report(status: Partial<Status>): void {
    this.#status = { ...this.#status, ...status };
    this.#announce('status');
  }

  pass(text: string, direction: 'in' | 'out' = 'in'): void {
    const entry: TraceEntry = {
      time: Date.UTC(2025, 0, 2, 3, 4, 5, 678),
      direction,
      transport: 'udp',
      local: '192.0.2.7:5060',
      remote: '[2001:db8::5]:5060',
      text,
    };
    this.entries.push(entry);
    this.#announce(entry);
  }

  async dial(number: string): Promise<CallStatus> {
    if (this.refuses !== undefined) throw new Error(this.refuses);
    this.dialled.push(number);
    return CALL;
  }

  answer(): void {}

  hangUp(): number {
    this.hungUp++;
    return 1;
  }

  operate(event: HalEvent): void {
    if (this.refuses !== undefined) throw new Error(this.refuses);
    this.operated.push(event);
    if (event.kind === 'hook') this.show({ hook: event.state });
  }

  trace(): readonly TraceEntry[] {
    return this.entries;
  }

  metrics(): string {
    return '';
  }

  configPlaces(): unknown {
    return [];
  }
  config(): unknown {
    return {};
  }

  subscribe(listener: (news: 'status' | 'front' | TraceEntry) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  attachSound(deliver: (frame: Int16Array) => void): { mouth(frame: Int16Array): void; close(): void } {
    this.attached++;
    this.deliver = deliver;
    return {
      mouth: (frame) => {
        this.mouth.push(frame);
      },
      close: () => {
        this.detached++;
        if (this.deliver === deliver) this.deliver = undefined;
      },
    };
  }

  #announce(news: 'status' | 'front' | TraceEntry): void {
    for (const listener of this.listeners) listener(news);
  }
}
