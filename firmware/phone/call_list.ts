/** Calls under way and the last ones that ended, newest last. */
import { type CallOptions, PhoneCall } from './phone_call.ts';
import type { ServiceCall } from './service_call.ts';
import type { CallStatus, PhoneEffect } from './types.ts';

/** Ended calls that are remembered. */
const KEPT = 20;

type Shared = Pick<CallOptions, 'random' | 'rtpPorts' | 'addresses'>;

export class CallList {
  readonly #shared: Shared;
  #calls: (PhoneCall | ServiceCall)[] = [];

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  /** A call that begins. */
  make(options: Omit<CallOptions, keyof Shared>): PhoneCall {
    const call = new PhoneCall({ ...this.#shared, ...options });
    this.add(call);
    return call;
  }

  add(call: PhoneCall | ServiceCall): void {
    this.#calls.push(call);
    let surplus = this.#calls.filter(({ ended }) => ended).length - KEPT;
    this.#calls = this.#calls.filter(({ ended }) => !ended || surplus-- <= 0);
  }

  find(id: string): PhoneCall | undefined {
    const call = this.#calls.find((candidate) => candidate.id === id);
    return call instanceof PhoneCall ? call : undefined;
  }

  /** ms on the clock of `now`; Infinity: nothing to wait for. */
  get deadline(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.#underWay().map(({ deadline }) => deadline));
  }

  /** Does what is due by now. */
  tick(now: number): PhoneEffect[] {
    return this.#underWay().flatMap((call) => call.tick(now));
  }

  /** Our addresses or routes have changed. */
  networkChanged(now: number): PhoneEffect[] {
    return this.#underWay().flatMap((call) => call.networkChanged(now));
  }

  /** An address that few use may be gone. */
  addressGone(now: number): PhoneEffect[] {
    return this.#underWay().flatMap((call) => call.addressGone(now));
  }

  uses(addresses: readonly string[]): boolean {
    return this.#underWay().some((call) => call.uses(addresses));
  }

  #underWay(): PhoneCall[] {
    return this.#calls.filter((call): call is PhoneCall => call instanceof PhoneCall && !call.ended);
  }

  status(): CallStatus[] {
    return this.#calls.map((call) => call.status());
  }
}
