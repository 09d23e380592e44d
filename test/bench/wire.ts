/** Datagrams between the two ends of a call, in memory: what both contenders send their octets over. */

export interface Datagram {
  readonly octets: Uint8Array;
  /** Ports: they tell the two ends apart. */
  readonly from: number;
  readonly to: number;
}

/** Delivers in order, a turn of the event loop at a time, as a socket would hand over what has queued up. */
export class Wire {
  readonly #ends = new Map<number, (datagram: Datagram) => void>();
  #queue: Datagram[] = [];
  #armed = false;

  attach(port: number, hear: (datagram: Datagram) => void): void {
    this.#ends.set(port, hear);
  }

  send(datagram: Datagram): void {
    this.#queue.push(datagram);
    if (this.#armed) return;
    this.#armed = true;
    setImmediate(() => this.#deliver());
  }

  /** Resolves when nothing is under way. */
  async quiet(): Promise<void> {
    while (this.#armed) await new Promise((resolve) => setImmediate(resolve));
  }

  #deliver(): void {
    const queued = this.#queue;
    this.#queue = [];
    this.#armed = false;
    for (const datagram of queued) this.#ends.get(datagram.to)?.(datagram);
  }
}

/** Where caller and called are. Two addresses: npm `sip` takes whatever is at its own address for itself. */
export const CALLER = { address: '127.0.0.2', port: 5062 };
export const CALLED = { address: '127.0.0.1', port: 5060 };

/** Calls that are under way at once. */
export const AT_ONCE = 20;
