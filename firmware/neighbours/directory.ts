/** Who is there: what the links tell now, joined over links and transports, and those who were there before. */
import { isOnLink, type Network } from '#address/network.ts';
import { fold } from '#mdns/name.ts';
import type { Service } from '#mdns/service.ts';
import { contactOf, hostName } from './advertisement.ts';
import { type Peer, peerOf } from './peer.ts';
import type { Pins } from './trust.ts';
import type { Neighbour, Self } from './types.ts';

/** Those who have gone and are remembered; a LAN of more telephones than this has a server. */
const MOST_STALE = 64;
const MOST = 512;
/** RFC 3261 19.1.2. */
const SIP_PORT = 5060;

export interface Heard {
  readonly link: string;
  readonly services: readonly Service[];
}

interface Sighting {
  readonly peer: Peer;
  readonly link: string;
}

export class Directory {
  readonly #pins: Pins;
  #neighbours: readonly Neighbour[] = [];

  constructor(pins: Pins) {
    this.#pins = pins;
  }

  /** Fresh ones first, each in the order of their numbers. */
  get neighbours(): readonly Neighbour[] {
    return this.#neighbours;
  }

  /** What the links tell. The result: who was not known until now, and who claims what we claim. */
  update(heard: readonly Heard[], self: Self, network: Network): { met: Neighbour[]; rivals: Peer[] } {
    const sightings = heard.flatMap(({ link, services }) =>
      services.flatMap((service): Sighting[] => {
        const peer = isSelf(service, self) ? undefined : peerOf(service, link);
        return peer === undefined ? [] : [{ peer, link }];
      }),
    );
    const fresh = [...Map.groupBy(sightings, ({ peer }) => peer.key).values()]
      .slice(0, MOST)
      .map((each) => this.#joined(each, network));
    const keys = new Set(fresh.map(({ key }) => key));
    const before = new Set(this.#neighbours.map(({ key }) => key));
    const stale = this.#neighbours
      .filter(({ key }) => !keys.has(key))
      .slice(0, MOST_STALE)
      .map((neighbour) => ({ ...neighbour, fresh: false }));
    this.#neighbours = [...fresh.sort(byExtension), ...stale];
    return {
      met: fresh.filter(({ key }) => !before.has(key)),
      rivals: sightings
        .filter(({ peer }) => peer.claims && peer.extension === self.extension)
        .map(({ peer }) => peer),
    };
  }

  /** Believes this neighbour the key that it shows, from the next update on; false: it does not show this key any more. */
  accept(key: string, fp: string | undefined): boolean {
    const found = this.#neighbours.find((each) => each.key === key && each.fresh && each.trust === 'changed');
    const pin = found && pinOf(found);
    if (pin === undefined || found?.fp !== fp) return false;
    this.#pins.accept(pin, fp);
    return true;
  }

  /** One telephone, as it was seen last: after a restart its old records live on for a while. */
  #joined(sightings: readonly Sighting[], network: Network): Neighbour {
    const last = sightings.reduce((a, b) => (b.peer.until > a.peer.until ? b : a)).peer;
    const current = sightings.filter(({ peer }) => peer.uri === last.uri);
    const udp = current.find(({ peer }) => peer.transport === 'udp')?.peer;
    const { key, extension, name, uri, host, port, transport } = udp ?? last;
    const trust = this.#pins.judge(pinOf(last), last.fp);
    const addresses = distinct(current.flatMap(({ peer }) => peer.addresses)).sort(bySix);
    const near = current.flatMap(({ peer, link }) =>
      peer.addresses.filter((address) => isOnLink(network, link, address)),
    );
    const six = trust === 'pinned' && last.six !== undefined ? [last.six] : [];
    return {
      ...{ key, name, uri, host, port, transport, addresses, trust },
      ...(extension === undefined ? {} : { extension }),
      ...(last.instanceId === undefined ? {} : { instanceId: last.instanceId }),
      ...(last.fp === undefined ? {} : { fp: last.fp }),
      ...(last.tls === undefined ? {} : { tls: last.tls }),
      admitted: trust === 'changed' ? [] : distinct([...near, ...six]),
      fresh: true,
    };
  }
}

/** Telephones of one computer have one hardware address, and each a key of its own: their ports tell them apart. */
function pinOf({ instanceId, port }: Pick<Peer, 'instanceId' | 'port'>): string | undefined {
  return instanceId === undefined || port === SIP_PORT ? instanceId : `${instanceId} ${port}`;
}

function isSelf({ instance, host, port }: Service, self: Self): boolean {
  return (
    fold(instance) === fold(contactOf(self)) && fold(host) === fold(hostName(self)) && port === self.port
  );
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

/** Stable: within a family the order stays. */
function bySix(a: string, b: string): number {
  return Number(b.includes(':')) - Number(a.includes(':'));
}

function byExtension(a: Neighbour, b: Neighbour): number {
  return (a.extension ?? '~').localeCompare(b.extension ?? '~') || a.name.localeCompare(b.name);
}
