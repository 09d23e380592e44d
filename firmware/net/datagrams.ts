/**
 * UDP: what comes in gets to know which of our addresses it came to, what goes out leaves by the socket that hears the
 * network's answer to it.
 */
import { isIP } from 'node:net';
import type { Endpoint } from '#address/endpoint.ts';
import { codeInWords, inWords } from './errors.ts';
import type { SourceAddresses } from './source_address.ts';
import type { UdpSocket } from './udp.ts';
import { type UdpFlowLimits, UdpFlows } from './udp_flows.ts';

export interface DatagramEvents {
  message(octets: Uint8Array, remote: Endpoint, address: string): void;
  undelivered(ref: string, error: string): void;
  dropped(why: string): void;
  /** False: from there nothing is taken. */
  welcome(remote: Endpoint): boolean;
}

/** Datagrams waiting for a source address lookup; beyond it they are lost, as in a full kernel buffer. */
const MOST_WAITING = 256;
/** Shorter than any SIP message: keep-alives of all sorts (CRLF, zero octets). */
const SHORTEST_MESSAGE = 20;
/** Octets that an IPv4 packet has room for. */
const LARGEST = 65_507;

export class Datagrams {
  readonly #sources: SourceAddresses;
  readonly #events: DatagramEvents;
  readonly #flows: UdpFlows;
  #sockets: readonly UdpSocket[] = [];
  /** Datagrams of each remote address in order, while its lookup runs. */
  readonly #waiting = new Map<string, [octets: Uint8Array, remote: Endpoint][]>();
  #waitingCount = 0;

  constructor(sources: SourceAddresses, events: DatagramEvents, limits: Partial<UdpFlowLimits> = {}) {
    this.#sources = sources;
    this.#events = events;
    this.#flows = new UdpFlows(
      {
        received: (octets, remote, local) => this.receive(octets, remote, local.address),
        undelivered: (ref, code) => events.undelivered(ref, words(code)),
      },
      limits,
    );
  }

  /** The wildcard sockets, as soon as they are open. */
  use(sockets: readonly UdpSocket[]): void {
    this.#sockets = sockets;
  }

  /** Sockets that are connected to one remote end. */
  get flows(): number {
    return this.#flows.size;
  }

  /** Gets ready to hear what the network says to packets for `remote`. */
  prepare(remote: Endpoint): Promise<void> {
    return this.#flows.prepare(remote);
  }

  /** Why not, where that is known at once; the rest comes as `undelivered`. */
  send(local: Endpoint, remote: Endpoint, octets: Uint8Array, ref: string): string | undefined {
    const { family } = remote;
    // A name here would make Node ask the resolver behind our back.
    if (isIP(remote.address) === 0) return `${remote.address} is not an IP address`;
    const socket = this.#sockets.find((each) => each.family === family);
    if (!socket || local.family !== family) return `this host has no IPv${family}`;
    if (octets.length > LARGEST) return words('EMSGSIZE');
    if (isResponse(octets) && !this.#flows.has(local, remote)) {
      this.#answer(socket, remote, octets, ref);
      return undefined;
    }
    const code = this.#flows.send({ ...local, port: socket.port }, remote, octets, ref);
    return code === undefined ? undefined : words(code);
  }

  /** `address`: the one of ours that it came to, where the socket knows it. */
  receive(octets: Uint8Array, remote: Endpoint, address?: string): void {
    if (!this.#events.welcome(remote)) return;
    const inOrder = !this.#waiting.has(remote.address);
    const local = inOrder ? (address ?? this.#sources.cached(remote)) : undefined;
    if (isTooShort(octets)) this.#events.dropped('udp-too-short');
    else if (local !== undefined) this.#deliver(octets, remote, local);
    else if (this.#waitingCount >= MOST_WAITING) this.#events.dropped('udp-overload');
    else this.#queue(octets, remote);
  }

  closeWhere(isGone: (address: string) => boolean): void {
    this.#flows.closeWhere(isGone);
  }

  async close(): Promise<void> {
    this.#flows.close();
    await Promise.all(this.#sockets.map((socket) => socket.close()));
  }

  /** A response that gets lost is the asker's to ask for again: no socket for whoever sends us something. */
  #answer(socket: UdpSocket, remote: Endpoint, octets: Uint8Array, ref: string): void {
    socket.send(octets, remote, (error) => {
      if (error) this.#events.undelivered(ref, inWords(error));
    });
  }

  #deliver(octets: Uint8Array, remote: Endpoint, address: string): void {
    this.#flows.heard(address, remote);
    this.#events.message(octets, remote, address);
  }

  #queue(octets: Uint8Array, remote: Endpoint): void {
    this.#waitingCount++;
    const queue = this.#waiting.get(remote.address);
    if (queue) {
      queue.push([octets, remote]);
      return;
    }
    const waiting: [Uint8Array, Endpoint][] = [[octets, remote]];
    this.#waiting.set(remote.address, waiting);
    void this.#lookUp(remote, waiting);
  }

  async #lookUp(remote: Endpoint, waiting: readonly [Uint8Array, Endpoint][]): Promise<void> {
    const local = await this.#sources.find(remote).catch(() => undefined);
    this.#waiting.delete(remote.address);
    this.#waitingCount -= waiting.length;
    for (const [octets, from] of waiting) {
      if (local === undefined) this.#events.dropped('udp-no-way-back');
      else this.#deliver(octets, from, local);
    }
  }
}

export function isTooShort(octets: Uint8Array): boolean {
  return octets.length < SHORTEST_MESSAGE;
}

/** "SIP/2.0 …": requests begin with their method. */
const RESPONSE = [0x53, 0x49, 0x50, 0x2f];

function isResponse(octets: Uint8Array): boolean {
  return RESPONSE.every((octet, index) => octets[index] === octet);
}

const words = (code: string): string => codeInWords(code) ?? code;
