/** The tunnel of the media thread as seen from here: what it told last, and the questions that are out to it. */
import type { Endpoint } from '#address/endpoint.ts';
import type { TunnelCommand, TunnelEvent, TunnelLink } from '#media/tunnel.ts';

type View = Extract<TunnelEvent, { kind: 'tunnel' }>;

export interface TunnelDoorEvents {
  /** Its state or its addresses are others. */
  changed(): void;
  /** Only the counters are. */
  counted(): void;
  datagram(octets: Uint8Array, remote: Endpoint, local: string): void;
  unsent(ref: string, error: string): void;
}

/** For an address under another router, ms. */
const PATIENCE = 1_000;
const MOST_QUESTIONS = 64;
const OFF: View = { kind: 'tunnel', state: 'off', addresses: [], direct: 0, relayed: 0 };

export class TunnelDoor {
  readonly #link: TunnelLink;
  readonly #events: TunnelDoorEvents;
  readonly #questions = new Map<number, (address: string | undefined) => void>();
  #asked = 0;
  #open = false;
  #view = OFF;

  constructor(link: TunnelLink, events: TunnelDoorEvents) {
    this.#link = link;
    this.#events = events;
    link.onEvent((event) => this.#hear(event));
  }

  get view(): View {
    return this.#view;
  }

  open(wanted: Omit<Extract<TunnelCommand, { kind: 'tunnel-open' }>, 'kind'>): void {
    this.#open = true;
    this.#link.command({ kind: 'tunnel-open', ...wanted });
    if (this.#view.state === 'off') this.#become({ ...this.#view, state: 'waiting' });
  }

  /** Nothing of it is used from here on, whatever is still on its way to us. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#link.command({ kind: 'tunnel-close' });
    this.#forgetQuestions();
    const { direct, relayed } = this.#view;
    this.#become({ ...OFF, direct, relayed });
  }

  renew(): void {
    if (this.#open) this.#link.command({ kind: 'tunnel-renew' });
  }

  /** Our address for something new to `remote`; undefined: none in time. */
  sourceFor(remote: string): Promise<string | undefined> {
    if (this.#view.state !== 'up' || this.#questions.size >= MOST_QUESTIONS)
      return Promise.resolve(undefined);
    this.#asked += 1;
    const request = this.#asked;
    return new Promise((resolve) => {
      const late = setTimeout(() => this.#answer(request, undefined), PATIENCE);
      this.#questions.set(request, (address) => {
        clearTimeout(late);
        resolve(address);
      });
      this.#link.command({ kind: 'tunnel-source', request, remote });
    });
  }

  send(octets: Uint8Array, local: string, remote: Endpoint, ref: string): void {
    this.#link.command({ kind: 'tunnel-send', octets, local, remote, ref });
  }

  #hear(event: TunnelEvent): void {
    switch (event.kind) {
      case 'tunnel':
        if (this.#open || event.state === 'off') this.#become(event);
        break;
      case 'tunnel-source':
        this.#sourceTold(event.request, event.address);
        break;
      case 'tunnel-datagram':
        if (this.#view.addresses.includes(event.local))
          this.#events.datagram(event.octets, event.remote, event.local);
        break;
      case 'tunnel-unsent':
        this.#events.unsent(event.ref, event.error);
    }
  }

  /** A new address, under another router, may be told here first. */
  #sourceTold(request: number, address: string | undefined): void {
    const { state, addresses } = this.#view;
    const isUp = state === 'up';
    if (isUp && address !== undefined && !addresses.includes(address))
      this.#become({ ...this.#view, addresses: [...addresses, address] });
    this.#answer(request, isUp ? address : undefined);
  }

  #answer(request: number, address: string | undefined): void {
    const resolve = this.#questions.get(request);
    this.#questions.delete(request);
    resolve?.(address);
  }

  #forgetQuestions(): void {
    for (const request of this.#questions.keys()) this.#answer(request, undefined);
  }

  #become(view: View): void {
    const before = essenceOf(this.#view);
    this.#view = view;
    if (essenceOf(this.#view) === before) this.#events.counted();
    else this.#events.changed();
  }
}

function essenceOf({ state, addresses, router }: View): string {
  return JSON.stringify([state, addresses, router]);
}
