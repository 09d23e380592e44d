/**
 * Numbered datagrams from one peer to another, as of a call: which arrived, when, and by which path. The payload is
 * stream and number, 32 bits each, then zeros up to the 172 octets of a 20 ms RTP packet.
 */
import type { Path } from './nat_outcomes.ts';

const PAYLOAD = 172;

export interface Arrival {
  readonly at: number;
  readonly path: Path;
}

export interface Sent {
  readonly at: number;
  arrival?: Arrival;
}

export class Stream {
  readonly id: number;
  /** By number. */
  readonly sent: Sent[] = [];
  /** Copies beyond the first. */
  duplicates = 0;

  constructor(id: number) {
    this.id = id;
  }

  /** The payload of the next datagram, sent at `now`. */
  next(now: number): Uint8Array {
    const payload = new Uint8Array(PAYLOAD);
    const view = new DataView(payload.buffer);
    view.setUint32(0, this.id);
    view.setUint32(4, this.sent.length);
    this.sent.push({ at: now });
    return payload;
  }

  arrived(number: number, arrival: Arrival): void {
    const sent = this.sent[number];
    if (sent === undefined) throw new Error(`stream ${this.id} never sent number ${number}`);
    if (sent.arrival !== undefined) this.duplicates += 1;
    else sent.arrival = arrival;
  }

  /** How many of those sent from `from` until before `until` did not arrive. */
  lost(from = 0, until = Number.POSITIVE_INFINITY): number {
    return this.#between(from, until).filter(({ arrival }) => arrival === undefined).length;
  }

  /** By which paths those sent from `from` until before `until` arrived, each path once. */
  paths(from = 0, until = Number.POSITIVE_INFINITY): Path[] {
    return [...new Set(this.#between(from, until).flatMap(({ arrival }) => arrival?.path ?? []))].sort();
  }

  #between(from: number, until: number): Sent[] {
    return this.sent.filter(({ at }) => at >= from && at < until);
  }
}

/** Stream and number of a payload. */
export function readPayload(payload: Uint8Array): { readonly stream: number; readonly number: number } {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  return { stream: view.getUint32(0), number: view.getUint32(4) };
}
