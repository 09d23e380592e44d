/** What command line and page may ask of the running agent. */
import type { HalEvent } from '#hal/types.ts';
import type { Phone } from '#phone/phone.ts';
import type { CallStatus, Control, Front, PhoneInput, Status, TraceEntry } from '#phone/types.ts';
import type { Engine, Handset } from './ports.ts';

type News = 'status' | 'front' | TraceEntry;

export interface ControlParts {
  readonly phone: Pick<Phone, 'calls' | 'accounts' | 'front'>;
  readonly input: (input: PhoneInput) => void;
  readonly hardware: Handset;
  readonly engine: Pick<Engine, 'attachWebSound'>;
  readonly status: () => Status;
  readonly trace: () => readonly TraceEntry[];
  readonly metrics: () => string;
  readonly shownConfig: unknown;
  readonly configPlaces: unknown;
}

interface Waiting {
  readonly wait: boolean;
  readonly resolve: (call: CallStatus) => void;
  readonly reject: (error: Error) => void;
}

export class AgentControl implements Control {
  readonly #parts: ControlParts;
  readonly #listeners = new Set<(news: News) => void>();
  /** Dial requests that the telephone has not answered, by number of request. */
  readonly #requests = new Map<number, Waiting>();
  /** Calls whose answer or failure somebody waits for, by call. */
  readonly #outcomes = new Map<string, Waiting>();
  #lastRequest = 0;
  #lastStatus = '';
  #lastFront = '';

  constructor(parts: ControlParts) {
    this.#parts = parts;
  }

  status(): Status {
    return this.#parts.status();
  }

  front(): Front {
    return this.#parts.phone.front();
  }

  dial(number: string, options: { readonly wait?: boolean } = {}): Promise<CallStatus> {
    const request = ++this.#lastRequest;
    return new Promise((resolve, reject) => {
      this.#requests.set(request, { wait: options.wait ?? false, resolve, reject });
      this.#parts.input({ kind: 'dial', request, number });
    });
  }

  answer(): void {
    const rings = this.#calls().some(({ state, direction }) => direction === 'in' && state === 'ringing');
    if (!rings) throw new Error('nothing is ringing');
    this.#parts.input({ kind: 'answer' });
  }

  hangUp(call?: string): number {
    const open = this.#calls().filter(
      ({ id, state }) => state !== 'ended' && (call === undefined || id === call),
    );
    if (call !== undefined && open.length === 0) throw new Error(`there is no call ${call} under way`);
    this.#parts.input(call === undefined ? { kind: 'hang-up' } : { kind: 'hang-up', call });
    return open.length;
  }

  operate(event: HalEvent): void {
    const { hardware } = this.#parts;
    if (!hardware.operate) throw new Error('this telephone has real hardware: only hands can operate it');
    hardware.operate(event);
  }

  trace(): readonly TraceEntry[] {
    return this.#parts.trace();
  }

  metrics(): string {
    return this.#parts.metrics();
  }

  config(): unknown {
    return this.#parts.shownConfig;
  }

  configPlaces(): unknown {
    return this.#parts.configPlaces;
  }

  subscribe(listener: (news: News) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  attachSound(deliver: (frame: Int16Array) => void): ReturnType<Control['attachSound']> {
    return this.#parts.engine.attachWebSound(deliver);
  }

  /** The telephone's answer to a dial request. */
  dialled(request: number, call: string | undefined, error: string | undefined): void {
    const waiting = this.#requests.get(request);
    this.#requests.delete(request);
    if (!waiting) return;
    const status = this.#calls().find(({ id }) => id === call);
    if (status === undefined || call === undefined)
      waiting.reject(new Error(error ?? 'the call could not be opened'));
    else if (waiting.wait) this.#outcomes.set(call, waiting);
    else waiting.resolve(status);
  }

  /** A message passed. `entry` is made only when somebody looks. */
  traced(entry: () => TraceEntry): void {
    if (this.#listeners.size > 0) this.#tell(entry());
  }

  /** Everything is drained: tells what changed, and ends the waiting for calls that have come to something. */
  settled(): void {
    if (this.#outcomes.size > 0) this.#resolveOutcomes();
    if (this.#listeners.size === 0) return;
    const { phone, status: statusOf } = this.#parts;
    const status = JSON.stringify([phone.accounts(), this.#calls(), statusOf().hardware]);
    const front = JSON.stringify(this.front());
    if (status !== this.#lastStatus) this.#tell('status');
    if (front !== this.#lastFront) this.#tell('front');
    this.#lastStatus = status;
    this.#lastFront = front;
  }

  /** The agent ends: nobody waits any longer. */
  close(): void {
    const waiting = [...this.#requests.values(), ...this.#outcomes.values()];
    this.#requests.clear();
    this.#outcomes.clear();
    for (const { reject } of waiting) reject(new Error('the phone was switched off'));
    this.#listeners.clear();
  }

  #resolveOutcomes(): void {
    for (const call of this.#calls()) {
      const waiting = this.#outcomes.get(call.id);
      if (!waiting || !['talking', 'held', 'ended'].includes(call.state)) continue;
      this.#outcomes.delete(call.id);
      waiting.resolve(call);
    }
  }

  #calls(): readonly CallStatus[] {
    return this.#parts.phone.calls();
  }

  #tell(news: News): void {
    for (const listener of [...this.#listeners]) listener(news);
  }
}
