/**
 * Where we send requests by UDP, and what the network says to that: a connected socket for each remote end hears the
 * ICMP errors (RFC 3261 18.4). An error names no request, so it is told for each one that left on the flow since its
 * remote end was last heard, 32 s at most: longer than that no transaction waits (RFC 3261 17.1, timers B and F).
 */
import { type Endpoint, textOf } from '#address/endpoint.ts';
import { isLoopback } from '#address/ip.ts';
import { type Libc, loadLibc } from './libc.ts';
import { type ConnectedUdp, type OpenConnected, openByNode } from './udp_connected.ts';
import { openByKernel } from './udp_kernel.ts';

export interface UdpFlowEvents {
  received(octets: Uint8Array, remote: Endpoint, local: Endpoint): void;
  /** What was sent with this ref is lost; `code` is the system's. */
  undelivered(ref: string, code: string): void;
}

export interface UdpFlowLimits {
  /** Sockets; the one that was used least lately makes way. */
  readonly flows: number;
  /** Milliseconds without a datagram after which a socket is closed; the wildcard socket serves on. */
  readonly idle: number;
}

export const UDP_FLOW_LIMITS: UdpFlowLimits = { flows: 64, idle: 90_000 };

/** Milliseconds that a ref is remembered, and how many of a flow. */
const REMEMBERED = 32_000;
const MOST_REFS = 256;

interface Open {
  readonly socket: ConnectedUdp;
  readonly local: Endpoint;
  used: number;
  /** When each was sent last, the oldest first. */
  readonly refs: Map<string, number>;
}

export class UdpFlows {
  readonly #events: UdpFlowEvents;
  readonly #limits: UdpFlowLimits;
  /** By both ends, the one that was used least lately first. */
  readonly #open = new Map<string, Open>();
  #sweep: NodeJS.Timeout | undefined;
  #byKernel: OpenConnected | undefined;

  constructor(events: UdpFlowEvents, limits: Partial<UdpFlowLimits> = {}) {
    this.#events = events;
    this.#limits = { ...UDP_FLOW_LIMITS, ...limits };
  }

  get size(): number {
    return this.#open.size;
  }

  /** Gets ready to hear every error of what goes there; this host tells itself all it knows anyway. */
  async prepare(remote: Endpoint, load: () => Promise<Libc | undefined> = loadLibc): Promise<void> {
    if (this.#byKernel !== undefined || isLoopback(remote.address)) return;
    const libc = await load();
    if (libc) this.#byKernel ??= openByKernel(libc);
  }

  /** Whether there is a socket for this flow. */
  has(local: Endpoint, remote: Endpoint): boolean {
    return this.#open.has(keyOf(local, remote));
  }

  /** Undefined: on its way; else the system's code of the error. */
  send(local: Endpoint, remote: Endpoint, octets: Uint8Array, ref: string): string | undefined {
    const key = keyOf(local, remote);
    const flow = this.#open.get(key) ?? this.#start(key, local, remote);
    this.#touch(key, flow);
    const code = flow.socket.send(octets);
    if (code !== undefined) this.#close(key, flow);
    else this.#remember(flow, ref);
    return code;
  }

  /** The remote end lives: what was sent before needs no errors any more. */
  heard(address: string, remote: Endpoint): void {
    this.#open.get(keyOf({ address }, remote))?.refs.clear();
  }

  /** Closes the flows whose own address is not there any more. */
  closeWhere(isGone: (address: string) => boolean): void {
    for (const [key, flow] of this.#open) {
      if (!isGone(flow.local.address)) continue;
      this.#close(key, flow);
      this.#lose(flow, 'EADDRNOTAVAIL');
    }
  }

  close(): void {
    for (const [key, flow] of this.#open) this.#close(key, flow);
    clearInterval(this.#sweep);
    this.#sweep = undefined;
  }

  #start(key: string, local: Endpoint, remote: Endpoint): Open {
    const [oldest] = this.#open;
    if (this.#open.size >= this.#limits.flows && oldest) this.#close(...oldest);
    const open = isLoopback(remote.address) ? openByNode : (this.#byKernel ?? openByNode);
    const socket = open(local, remote, {
      received: (octets) => {
        this.#touch(key, flow);
        flow.refs.clear();
        this.#events.received(octets, remote, local);
      },
      failed: (code) => this.#lose(flow, code),
    });
    const flow: Open = { socket, local, used: 0, refs: new Map() };
    this.#sweep ??= setInterval(() => this.#closeIdle(), this.#limits.idle / 2).unref();
    return flow;
  }

  #touch(key: string, flow: Open): void {
    flow.used = performance.now();
    this.#open.delete(key);
    this.#open.set(key, flow);
  }

  #remember({ refs, used }: Open, ref: string): void {
    refs.delete(ref);
    refs.set(ref, used);
    const [oldest] = refs.keys();
    if (refs.size > MOST_REFS && oldest !== undefined) refs.delete(oldest);
  }

  /** Later, for the sender is still at it. Each ref is told once. */
  #lose({ refs }: Open, code: string): void {
    const since = performance.now() - REMEMBERED;
    const lost = [...refs].filter(([, sent]) => sent >= since);
    refs.clear();
    queueMicrotask(() => {
      for (const [ref] of lost) this.#events.undelivered(ref, code);
    });
  }

  #closeIdle(): void {
    const since = performance.now() - this.#limits.idle;
    for (const [key, flow] of this.#open) if (flow.used < since) this.#close(key, flow);
    if (this.#open.size > 0) return;
    clearInterval(this.#sweep);
    this.#sweep = undefined;
  }

  #close(key: string, { socket }: Open): void {
    this.#open.delete(key);
    socket.close();
  }
}

const keyOf = ({ address }: Pick<Endpoint, 'address'>, remote: Endpoint): string =>
  `${address} ${textOf(remote)}`;
