/**
 * A network in memory, on the jumping clock: datagrams that are late, lost, doubled and overtaken by the dice of a
 * seed, streams that are only late. Ends are `address:port`; nobody there means silence over UDP and a refused
 * connection over TCP.
 */
import { type Endpoint, textOf } from '#address/endpoint.ts';
import type { Flow } from '#sip/types.ts';
import type { Clock } from './clock.ts';
import { seededRandom } from './mutate.ts';

export interface WireOptions {
  /** ms from end to end. */
  readonly latency?: number;
  /** Share of datagrams that vanish, 0–1; likewise the next two. */
  readonly loss?: number;
  readonly duplication?: number;
  /** Those are held back for up to ten times the latency. */
  readonly reordering?: number;
  readonly seed?: number;
}

/** Takes what arrives; `flow` is as the receiver sees it. */
export type Receiver = (octets: Uint8Array, flow: Flow) => void;

export class Wire {
  options: WireOptions;
  readonly random: () => number;
  /** Everything sent, whether it arrived or not; empty until `record` is called. */
  readonly log: { readonly from: string; readonly to: string; readonly octets: Uint8Array }[] = [];
  /** Datagrams that vanished. */
  lost = 0;
  readonly #clock: Clock;
  readonly #ends = new Map<string, { readonly local: Endpoint; readonly receive: Receiver }>();
  #recording = false;

  constructor(clock: Clock, options: WireOptions = {}) {
    this.#clock = clock;
    this.options = options;
    this.random = seededRandom(options.seed ?? 1);
  }

  record(): void {
    this.#recording = true;
  }

  attach(local: Endpoint, receive: Receiver): void {
    this.#ends.set(textOf(local), { local, receive });
  }

  detach(local: Endpoint): void {
    this.#ends.delete(textOf(local));
  }

  /** Tells after a round trip whether somebody listens there. */
  connect(flow: Flow, done: (error: string | undefined) => void): void {
    const { latency = 10 } = this.options;
    this.#clock.after(2 * latency, () =>
      done(this.#ends.has(textOf(flow.remote)) ? undefined : 'connection refused'),
    );
  }

  /** `refused` is called when a connection cannot be made. */
  send(flow: Flow, octets: Uint8Array, refused: () => void): void {
    if (this.#recording) this.log.push({ from: textOf(flow.local), to: textOf(flow.remote), octets });
    const { latency = 10, loss = 0, duplication = 0, reordering = 0 } = this.options;
    if (flow.transport !== 'udp') {
      const there = this.#ends.has(textOf(flow.remote));
      this.#clock.after(latency, there ? () => this.#arrive(flow, octets) : refused);
      return;
    }
    if (this.random() < loss) {
      this.lost += 1;
      return;
    }
    const copies = this.random() < duplication ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const delay = this.random() < reordering ? latency * (1 + 9 * this.random()) : latency;
      this.#clock.after(delay, () => this.#arrive(flow, octets));
    }
  }

  #arrive({ transport, local, remote }: Flow, octets: Uint8Array): void {
    const end = this.#ends.get(textOf(remote));
    end?.receive(octets, {
      transport,
      local: end.local,
      remote: local,
      ...(transport === 'udp' ? {} : { connection: 1 }),
    });
  }
}
