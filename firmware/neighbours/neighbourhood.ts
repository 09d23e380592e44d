/**
 * The telephones of the LAN, as one machine: it claims an extension and a name on every link, tells of this telephone,
 * and knows who else is there. One machine of multicast DNS for each link does the talking.
 */
import type { Endpoint } from '#address/endpoint.ts';
import type { Network } from '#address/network.ts';
import { Link, type LinkEffect, type LinkInput } from '#mdns/link.ts';
import { sameName } from '#mdns/name.ts';
import { sameRecord } from '#mdns/record.ts';
import type { LinkService, Service } from '#mdns/service.ts';
import { advertisement, claimName, SERVICES } from './advertisement.ts';
import { Directory } from './directory.ts';
import { nextExtension } from './extension.ts';
import { linksOf } from './links.ts';
import { Pins } from './trust.ts';
import type { LinkFacts, Neighbour, NeighbourhoodState, Self } from './types.ts';

export type NeighbourhoodInput =
  /** Interfaces and addresses are these. */
  | { readonly kind: 'network'; readonly network: Network }
  /** What is told of us besides the extension is different. */
  | { readonly kind: 'self'; readonly self: Partial<Pick<Self, 'port' | 'tls' | 'fp' | 'six' | 'name'>> }
  | {
      readonly kind: 'received';
      readonly link: string;
      readonly octets: Uint8Array;
      readonly from: Endpoint;
      /** From an address of this host. */
      readonly own: boolean;
    }
  /** A person believes the neighbour with this key of the directory, although `fp` is not the one that we knew. */
  | { readonly kind: 'accept'; readonly key: string; readonly fp: string | undefined }
  | { readonly kind: 'close' }
  | { readonly kind: 'tick' };

export type NeighbourhoodEffect =
  /** Without `to`: to the group, in every family of the link. */
  | { readonly kind: 'send'; readonly link: string; readonly octets: Buffer; readonly to?: Endpoint }
  /** This is our number now. */
  | { readonly kind: 'extension'; readonly extension: string }
  /** Nobody on any link has contradicted for long enough: we can be dialled. */
  | { readonly kind: 'settled'; readonly extension: string }
  /** Others came, went or moved; `met`: who was seen for the first time. */
  | { readonly kind: 'neighbours'; readonly met: readonly Neighbour[] }
  /** All that is offered on the links of the services that are browsed for besides. */
  | { readonly kind: 'services'; readonly services: readonly LinkService[] }
  /** To be kept over a restart. */
  | { readonly kind: 'keep'; readonly state: NeighbourhoodState };

export interface NeighbourhoodOptions {
  /** `extension`: the number that is wished. */
  readonly self: Self;
  /** Where the search goes on when a wish outside of 200–799 cannot be had. */
  readonly fallback: string;
  /** Never taken: emergency numbers. */
  readonly barred: readonly string[];
  readonly kept?: NeighbourhoodState;
  /** Services that are looked for besides telephones: `_dualtone-conf._tcp.local`. */
  readonly besides?: readonly string[];
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

const MOST_CONTESTED = 256;

interface Open {
  readonly link: Link;
  facts: LinkFacts;
}

export class Neighbourhood {
  readonly #options: NeighbourhoodOptions;
  readonly #directory: Directory;
  readonly #pins: Pins;
  readonly #links = new Map<string, Open>();
  /** Lost since we last had one. */
  readonly #lost = new Set<string>();
  /** Who claims our number and was met with a new probe. */
  readonly #contested = new Set<string>();
  #self: Self;
  #network: Network = { addresses: [], defaultRoute: { 4: false, 6: false } };
  #renamed = 1;
  #settled = false;
  #kept: string;
  #seen = '[]';
  #offered = '[]';
  #effects: NeighbourhoodEffect[] = [];

  constructor(options: NeighbourhoodOptions) {
    const { self, kept } = options;
    this.#options = options;
    this.#pins = new Pins(kept?.pins);
    this.#directory = new Directory(this.#pins);
    const extension = kept?.wish === self.extension ? kept.extension : self.extension;
    this.#self = { ...self, extension };
    this.#kept = JSON.stringify(this.#state);
  }

  get deadline(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...[...this.#links.values()].map(({ link }) => link.deadline));
  }

  get extension(): string {
    return this.#self.extension;
  }

  get self(): Self {
    return this.#self;
  }

  get neighbours(): readonly Neighbour[] {
    return this.#directory.neighbours;
  }

  handle(input: NeighbourhoodInput, now: number): readonly NeighbourhoodEffect[] {
    switch (input.kind) {
      case 'network':
        this.#follow(input.network, now);
        break;
      case 'self':
        this.#self = { ...this.#self, ...input.self };
        this.#publish(now);
        break;
      case 'received': {
        const { link, octets, from, own } = input;
        this.#give(link, { kind: 'received', octets, from, own }, now);
        break;
      }
      case 'accept':
        if (this.#directory.accept(input.key, input.fp)) this.#look(now);
        break;
      case 'close':
        for (const name of this.#links.keys()) this.#give(name, { kind: 'close' }, now);
        break;
      case 'tick':
        for (const [name, { link }] of this.#links)
          if (link.deadline <= now) this.#give(name, { kind: 'tick' }, now);
    }
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  #follow(network: Network, now: number): void {
    this.#network = network;
    const facts = new Map(linksOf(network).map((each) => [each.name, each]));
    for (const name of this.#links.keys()) if (!facts.has(name)) this.#links.delete(name);
    for (const [name, each] of facts) {
      const open = this.#links.get(name);
      if (open === undefined) this.#open(each, now);
      else if (JSON.stringify(open.facts) !== JSON.stringify(each)) {
        const joined = each.families.some((family) => !open.facts.families.includes(family));
        open.facts = each;
        this.#publishOn(name, open, now);
        // Whoever speaks only the family that we have now has not heard of us.
        if (joined) this.#give(name, { kind: 'restart' }, now);
      }
    }
    this.#look(now);
  }

  #open(facts: LinkFacts, now: number): void {
    const open: Open = {
      facts,
      link: new Link({
        random: this.#options.random,
        echoes: () => open.facts.families.length,
        isOurs: (record) => [...this.#links.values()].some(({ link }) => isAmong(link, record)),
      }),
    };
    this.#links.set(facts.name, open);
    this.#settled = false;
    const services = [...SERVICES, ...(this.#options.besides ?? [])];
    this.#give(facts.name, { kind: 'browse', services }, now);
    this.#publishOn(facts.name, open, now);
  }

  #publish(now: number): void {
    for (const [name, open] of this.#links) this.#publishOn(name, open, now);
  }

  #publishOn(name: string, { facts }: Open, now: number): void {
    this.#give(name, { kind: 'publish', records: advertisement(this.#self, facts.addresses) }, now);
  }

  #give(name: string, input: LinkInput, now: number): void {
    const effects = this.#links.get(name)?.link.handle(input, now) ?? [];
    for (const effect of effects) this.#perform(name, effect, now);
  }

  #perform(link: string, effect: LinkEffect, now: number): void {
    switch (effect.kind) {
      case 'send':
        this.#effects.push({ ...effect, link });
        break;
      case 'conflict':
        this.#yield(effect.names, now);
        break;
      case 'established':
        this.#settle();
        break;
      case 'changed':
        this.#look(now);
    }
  }

  /** Somebody else has a name of ours: the number, or the host's. */
  #yield(names: readonly string[], now: number): void {
    const { extension, host } = this.#self;
    this.#settled = false;
    if (names.some((name) => sameName(name, claimName(extension)))) {
      this.#lost.add(extension);
      this.#self = { ...this.#self, extension: this.#nextExtension(extension) };
      this.#contested.clear();
      this.#effects.push({ kind: 'extension', extension: this.#self.extension });
    }
    const isHost = names.some((name) => !sameName(name, claimName(extension)));
    if (isHost) {
      const plain = this.#options.self.host;
      this.#renamed += 1;
      this.#self = { ...this.#self, host: host === '' ? plain : `${plain}-${this.#renamed}` };
    }
    this.#publish(now);
  }

  #nextExtension(lost: string): string {
    const { fallback, barred } = this.#options;
    const heard = this.neighbours.flatMap((neighbour) =>
      neighbour.fresh && neighbour.extension !== undefined ? [neighbour.extension] : [],
    );
    return nextExtension(lost, fallback, new Set([...heard, ...this.#lost, ...barred]));
  }

  #settle(): void {
    if (this.#settled || [...this.#links.values()].some(({ link }) => !link.isEstablished)) return;
    this.#settled = true;
    this.#lost.clear();
    this.#effects.push({ kind: 'settled', extension: this.#self.extension });
    this.#keep();
  }

  /** Who is there now. */
  #look(now: number): void {
    const heard = [...this.#links].map(([link, open]) => ({ link, services: open.link.services }));
    this.#tellServices(heard);
    const telephones = heard.map(({ link, services }) => ({ link, services: services.filter(isTelephone) }));
    const { met, rivals } = this.#directory.update(telephones, this.#self, this.#network);
    const seen = JSON.stringify(this.neighbours);
    if (seen !== this.#seen) {
      this.#seen = seen;
      this.#effects.push({ kind: 'neighbours', met });
      this.#keep();
    }
    const fresh = rivals.filter(({ key, uri }) => !this.#contested.has(`${key} ${uri}`));
    if (this.#contested.size > MOST_CONTESTED) this.#contested.clear();
    for (const { key, uri } of fresh) this.#contested.add(`${key} ${uri}`);
    // Two halves of a LAN that are joined, or a claim whose every packet was lost: who is right is asked once more.
    if (fresh.length > 0 && this.#settled) {
      this.#settled = false;
      for (const name of this.#links.keys()) this.#give(name, { kind: 'restart' }, now);
    }
  }

  #tellServices(heard: readonly { readonly link: string; readonly services: readonly Service[] }[]): void {
    const services = heard.flatMap(({ link, services: all }) =>
      all.filter((one) => !isTelephone(one)).map((one): LinkService => ({ ...one, link })),
    );
    // That they will be there for longer is no news.
    const offered = JSON.stringify(services.map(({ until, text, ...one }) => [one, [...text]]));
    if (offered === this.#offered) return;
    this.#offered = offered;
    this.#effects.push({ kind: 'services', services });
  }

  #keep(): void {
    const state = this.#state;
    const text = JSON.stringify(state);
    if (text === this.#kept) return;
    this.#kept = text;
    this.#effects.push({ kind: 'keep', state });
  }

  get #state(): NeighbourhoodState {
    return {
      wish: this.#options.self.extension,
      extension: this.#self.extension,
      pins: this.#pins.toJSON(),
    };
  }
}

function isTelephone({ service }: Service): boolean {
  return SERVICES.some((one) => sameName(one, service));
}

function isAmong({ records }: Link, record: Parameters<typeof sameRecord>[0]): boolean {
  return records.some((own) => sameRecord(own, record));
}
