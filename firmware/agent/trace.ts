/** The last SIP messages in both directions. Secrets are taken out when somebody looks, not for every message. */
import { Buffer } from 'node:buffer';
import { textOf } from '#address/endpoint.ts';
import type { TraceEntry } from '#phone/types.ts';
import type { Flow } from '#sip/types.ts';
import { withoutSecrets } from './secrets.ts';

const MOST_MESSAGES = 500;
/** Octets held in all. */
const MOST_OCTETS = 1 << 20;

interface Passed {
  readonly time: number;
  readonly direction: 'in' | 'out';
  readonly flow: Flow;
  readonly octets: Uint8Array;
}

export class Trace {
  readonly #passed: Passed[] = [];
  readonly #clock: () => number;
  #octets = 0;

  /** `clock`: ms since the epoch. */
  constructor(clock: () => number = Date.now) {
    this.#clock = clock;
  }

  /** Notes a message and returns how it reads. */
  add(direction: 'in' | 'out', flow: Flow, octets: Uint8Array): () => TraceEntry {
    const passed = { time: this.#clock(), direction, flow, octets };
    this.#passed.push(passed);
    this.#octets += octets.length;
    while (this.#passed.length > MOST_MESSAGES || this.#octets > MOST_OCTETS) {
      this.#octets -= this.#passed.shift()?.octets.length ?? this.#octets;
    }
    return () => entryOf(passed);
  }

  /** Oldest first. */
  entries(): readonly TraceEntry[] {
    return this.#passed.map(entryOf);
  }
}

function entryOf({ time, direction, flow, octets }: Passed): TraceEntry {
  return {
    time,
    direction,
    transport: flow.transport,
    local: textOf(flow.local),
    remote: textOf(flow.remote),
    text: withoutSecrets(Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('latin1')),
  };
}
