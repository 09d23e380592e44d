/** The UDP ports of the host inside, and who listens on which. */
import { type Ipv6, sameIpv6 } from '../address/ipv6.ts';
import type { UdpEnd } from '../packet/udp.ts';

/** What a socket is to the host. */
export interface Receiver {
  /** The only address of ours that it listens on; undefined: all. */
  local: Ipv6 | undefined;
  /** The only one that it listens to; undefined: everybody. */
  remote: UdpEnd | undefined;
  /** Others that say so too may have the same port; the last one hears what comes. */
  readonly reuse: boolean;
  /** Hears of what did not arrive even without a `remote`, as with IPV6_RECVERR of Linux. */
  readonly recvErr: boolean;
  /** `payload` is a view that nobody else uses, `from` is valid during the call only. */
  receive(payload: Uint8Array, from: Ipv6, port: number): void;
  /** What it sent to `to` did not arrive; the code is that of an error of the system. */
  refused(code: string, to: UdpEnd): void;
}

/** Linux's range of ports for those who do not care. */
const FIRST_EPHEMERAL = 32_768;
const EPHEMERAL = 28_232;

export class Ports {
  readonly #random: () => number;
  readonly #receivers = new Map<number, Receiver[]>();

  /** `random`: 0 up to 1, so that strangers do not guess our ports (RFC 6056). */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** The port taken, for 0 any free one; 0: it is in use. */
  open(wanted: number, receiver: Receiver): number {
    const start = Math.floor(this.#random() * EPHEMERAL);
    let port = wanted;
    for (let i = 0; wanted === 0 && i < EPHEMERAL; i += 1) {
      port = FIRST_EPHEMERAL + ((start + i) % EPHEMERAL);
      if (!this.#receivers.has(port)) break;
    }
    const others = this.#receivers.get(port) ?? [];
    if (others.some((other) => conflict(other, receiver))) return 0;
    this.#receivers.set(port, [receiver, ...others]);
    return port;
  }

  close(port: number, receiver: Receiver): void {
    const left = this.#receivers.get(port)?.filter((other) => other !== receiver) ?? [];
    if (left.length > 0) this.#receivers.set(port, left);
    else this.#receivers.delete(port);
  }

  /** Who hears what `from` sent to `to`: one connected to it before others, the last one before those before it. */
  find(port: number, to: Ipv6, from: Ipv6, fromPort: number): Receiver | undefined {
    const here = this.#receivers.get(port)?.filter(({ local }) => !local || sameIpv6(local, to));
    return (
      here?.find(({ remote }) => remote?.port === fromPort && sameIpv6(remote.address, from)) ??
      here?.find(({ remote }) => remote === undefined)
    );
  }

  /** Our address is another: who listened on `previous`, or spoke with it, does so with `address`. */
  move(previous: Ipv6, address: Ipv6): void {
    for (const receiver of [...this.#receivers.values()].flat()) {
      const { local, remote } = receiver;
      if (local && sameIpv6(local, previous)) receiver.local = address;
      if (remote && sameIpv6(remote.address, previous)) receiver.remote = { address, port: remote.port };
    }
  }
}

function conflict(a: Receiver, b: Receiver): boolean {
  return !(a.reuse && b.reuse) && (!a.local || !b.local || sameIpv6(a.local, b.local));
}
