/** A phone that only remembers what it was asked, and a terminal that only remembers what was printed. */
import { dispatch } from '#cli/dispatch.ts';
import type { BootOptions, Context } from '#cli/verb.ts';
import type { CallStatus, Control, Front, Status, TraceEntry } from '#phone/types.ts';
import { notBuilt } from '#provisioning/not_built.ts';
import { said } from '../support/secrets.ts';

export const CALL: CallStatus = {
  id: '1',
  state: 'calling',
  direction: 'out',
  peer: 'sip:bob@example.test',
  signalling: null,
  media: null,
};

const STATUS: Status = {
  version: '0.1.0',
  extension: '204',
  uptime: 12.5,
  accounts: [],
  calls: [CALL],
  network: {
    ipv4: ['192.0.2.1'],
    ipv6: [],
    native6: false,
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

const FRONT: Front = {
  lines: ['Kitchen', '204'],
  lamps: { line: 'slow' },
  hook: 'on',
  bell: [1000, 4000],
  volume: 0.5,
};

export function entry(text: string): TraceEntry {
  return {
    time: 0,
    direction: 'in',
    transport: 'udp',
    local: '192.0.2.1:5060',
    remote: '192.0.2.2:5060',
    text,
  };
}

export class FakeControl implements Control {
  readonly asked: unknown[] = [];
  readonly listeners = new Set<(news: 'status' | 'front' | TraceEntry) => void>();
  dialled: CallStatus = CALL;

  status(): Status {
    return STATUS;
  }
  front(): Front {
    return FRONT;
  }
  async dial(number: string, options?: { readonly wait?: boolean }): Promise<CallStatus> {
    this.asked.push({ dial: number, wait: options?.wait ?? false });
    if (number === 'nonsense') throw new Error('nonsense is no number');
    return this.dialled;
  }
  answer(): void {
    throw new Error('nothing rings');
  }
  hangUp(call?: string): number {
    this.asked.push({ hangUp: call });
    return call === undefined ? 2 : 1;
  }
  operate(event: unknown): void {
    this.asked.push(event);
  }
  trace(): readonly TraceEntry[] {
    return [entry('OPTIONS sip:\u001b[2Jx SIP/2.0\r\n')];
  }
  metrics(): string {
    return 'dualtone_up 1\n';
  }
  configPlaces(): unknown {
    const said = [
      { origin: 'server device', from: 'https://pbx.test/', value: 5060 },
      { origin: 'factory', from: 'defaults', value: 5060 },
    ];
    return [
      { at: '/name', value: 'Kitchen', said: [] },
      { at: '/net/sipPort', value: 5060, said },
    ];
  }
  config(): unknown {
    return { name: 'Kitchen', net: { sipPort: 5060 } };
  }
  subscribe(listener: (news: 'status' | 'front' | TraceEntry) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
  attachSound() {
    return { mouth() {}, close() {} };
  }
}

export interface Printed {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly booted: readonly BootOptions[];
}

/** Runs one command line in this process. */
export async function dualtone(...argv: readonly string[]): Promise<Printed> {
  const out: string[] = [];
  const err: string[] = [];
  const booted: BootOptions[] = [];
  const context: Context = {
    terminal: { out: (line) => out.push(line), err: (line) => err.push(line), interactive: false },
    boot: async (options) => {
      booted.push(options);
    },
    remarks: async (config) => notBuilt(config),
    hardware: {
      selftest: async ({ board }) => ({
        failures: board === 'broken' ? ['bell: BUSY'] : [],
        left: /quit|skipped/.test(board) ? ['hook', 'keypad'] : [],
        quit: board === 'quit',
      }),
      rest: async (board) => [{ name: 'bell A', ok: board !== 'broken', note: 'set' }],
    },
    version: '0.1.0',
  };
  const code = await dispatch(argv, context);
  said(`dualtone ${argv.join(' ')}`, [...out, ...err].join('\n'));
  return { code, out: out.join('\n'), err: err.join('\n'), booted };
}
