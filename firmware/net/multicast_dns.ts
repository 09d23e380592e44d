/**
 * Sockets of multicast DNS: on each interface one for each family, bound to the group itself (RFC 6762 3). So they take
 * nothing but what is meant for all: what is sent to port 5353 of this host alone stays with the responder of the
 * system, if there is one (avahi, resolved), for the kernel would hand each such datagram to one socket only (15.1).
 *
 * Linux gives a datagram to the group to every socket of the group's, whatever interface it came by. A socket of IPv6
 * is bound to its link by the zone; one of IPv4 takes only what was sent from its own link. That is also the check
 * that RFC 6762 11 asks for: who is behind a router is no neighbour.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Endpoint, Family } from '#address/endpoint.ts';
import { isAssigned, isOnLink, type Network } from '#address/network.ts';
import { codeInWords } from './errors.ts';

export interface MulticastDnsEvents {
  /** `own`: from an address of this host. */
  received(link: string, octets: Uint8Array, from: Endpoint, own: boolean): void;
  /** Something was ignored; `why` is a short stable word. */
  dropped(why: string): void;
  /** An interface or family goes without, for people. */
  problem(text: string): void;
}

/** An interface and the families in which it takes part. */
export interface MulticastLink {
  readonly name: string;
  readonly families: readonly Family[];
}

/** RFC 6762 3. */
const GROUP: Readonly<Record<Family, string>> = { 4: '224.0.0.251', 6: 'ff02::fb' };
const PORT = 5353;
/** RFC 6762 11. */
const TTL = 255;

interface Open {
  readonly link: string;
  readonly family: Family;
  /** Of IPv4: the address by which the interface is known. */
  readonly address: string | undefined;
  readonly socket: Socket;
  ready: boolean;
}

export class MulticastDns {
  readonly #events: MulticastDnsEvents;
  readonly #open = new Map<string, Open>();
  #network: Network = { addresses: [], defaultRoute: { 4: false, 6: false } };
  #own: ReadonlySet<string> = new Set();
  #problems = new Set<string>();

  constructor(events: MulticastDnsEvents) {
    this.#events = events;
  }

  /** Takes part on these interfaces and on no others. Resolves when it does; never rejects. */
  async use(links: readonly MulticastLink[], network: Network): Promise<void> {
    this.#network = network;
    this.#own = new Set(network.addresses.map(({ address }) => address));
    const wanted = new Map(links.flatMap((link) => this.#wanted(link)));
    for (const [key, open] of this.#open) if (!wanted.has(key)) this.#close(key, open);
    const fresh = [...wanted].filter(([key]) => !this.#open.has(key));
    await Promise.all(
      fresh.map(([key, { name, family, address }]) => this.#start(key, name, family, address)),
    );
  }

  /** To all on the link, in every family; with `to` to one of them. Never throws: what cannot be sent is lost. */
  send(link: string, octets: Uint8Array, to?: Endpoint): void {
    for (const { link: name, family, socket, ready } of this.#open.values()) {
      if (name !== link || !ready || (to !== undefined && to.family !== family)) continue;
      const group = family === 6 ? `${GROUP[6]}%${link}` : GROUP[4];
      try {
        socket.send(octets, to?.port ?? PORT, to?.address ?? group, () => {});
      } catch {
        // The interface has just gone.
      }
    }
  }

  close(): void {
    for (const [key, open] of this.#open) this.#close(key, open);
  }

  #wanted({ name, families }: MulticastLink) {
    return families.flatMap((family) => {
      const own = this.#network.addresses.find(
        (each) => each.interface === name && !each.address.includes(':') && isAssigned(each),
      );
      if (family === 4 && own === undefined) return [];
      const address = family === 4 ? own?.address : undefined;
      return [[`${name} ${family} ${address ?? ''}` as string, { name, family, address }] as const];
    });
  }

  async #start(key: string, link: string, family: Family, address: string | undefined): Promise<void> {
    const type = family === 6 ? 'udp6' : 'udp4';
    const socket = createSocket({ type, reuseAddr: true, ipv6Only: family === 6 });
    const open: Open = { link, family, address, socket, ready: false };
    this.#open.set(key, open);
    try {
      const bound = once(socket, 'listening');
      socket.bind({ port: PORT, address: family === 6 ? `${GROUP[6]}%${link}` : GROUP[4], exclusive: true });
      await bound;
      if (this.#open.get(key) !== open) return;
      join(open);
      open.ready = true;
    } catch (error) {
      if (this.#open.get(key) === open) this.#close(key, open);
      this.#complain(link, family, error);
      return;
    }
    // Past bind, 'error' is a failed receive.
    socket.on('error', () => {});
    socket.on('message', (octets, { address: from, port }) => this.#received(open, octets, from, port));
  }

  #received({ link, family }: Open, octets: Uint8Array, address: string, port: number): void {
    const [plain = ''] = address.split('%', 1);
    const own = this.#own.has(plain);
    if (!own && !isOnLink(this.#network, link, address)) {
      // Of IPv4 it may be meant for the socket of another interface.
      if (family === 6) this.#events.dropped('mdns-off-link');
      return;
    }
    const isHere =
      !own || this.#network.addresses.some((each) => each.address === plain && each.interface === link);
    if (isHere) this.#events.received(link, octets, { family, address, port }, own);
  }

  #complain(link: string, family: Family, error: unknown): void {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const why = codeInWords(code) ?? (error instanceof Error ? error.message : String(error));
    const text = `no neighbours on ${link} by IPv${family}: ${why}`;
    if (this.#problems.has(text)) return;
    this.#problems.add(text);
    this.#events.problem(text);
  }

  #close(key: string, { socket }: Open): void {
    this.#open.delete(key);
    try {
      socket.close();
    } catch {
      // It was closed already: bind failed.
    }
  }
}

/** The group, and the interface by which what we send leaves. Throws where the interface has no multicast. */
function join({ socket, family, link, address }: Open): void {
  const where = family === 6 ? `::%${link}` : (address ?? '');
  socket.addMembership(GROUP[family], where);
  socket.setMulticastInterface(where);
  socket.setMulticastTTL(TTL);
  socket.setMulticastLoopback(true);
  socket.setTTL(TTL);
}
