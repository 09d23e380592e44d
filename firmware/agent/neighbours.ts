/**
 * Neighbours in the agent: the machine that claims our extension and knows who else is there (firmware/neighbours), its
 * sockets (net/multicast_dns.ts), and what comes of it: whom a number means, who may ring, what a host in .local is.
 */
import type { Endpoint } from '#address/endpoint.ts';
import type { LinkService } from '#mdns/service.ts';
import { linksOf } from '#neighbours/links.ts';
import {
  Neighbourhood,
  type NeighbourhoodEffect,
  type NeighbourhoodInput,
} from '#neighbours/neighbourhood.ts';
import type { Neighbour } from '#neighbours/types.ts';
import { MulticastDns } from '#net/multicast_dns.ts';
import type { OwnAddresses } from '#net/watch/addresses.ts';
import { en } from '#phone/texts/en.ts';
import { filled } from '#phone/texts.ts';
import type { NeighbourStatus, PhoneInput } from '#phone/types.ts';
import type { Config } from '#provisioning/schema.ts';
import type { Hop, SipInput } from '#sip/types.ts';
import { defaultExtension } from './extension.ts';
import type { NeighbourDoor } from './neighbour_door.ts';
import { isTrusted, labelOf, NeighbourLog } from './neighbour_log.ts';
import { serverNameAt, type WayToNeighbour, wayTo } from './neighbour_way.ts';
import type { Log, NeighboursStore } from './ports.ts';

export interface NeighboursOptions {
  readonly config: Config;
  readonly mac: string;
  readonly store: NeighboursStore | undefined;
  readonly log: Log;
  readonly sip: (input: SipInput) => void;
  readonly phone: (input: PhoneInput) => void;
  readonly dropped: (why: string) => void;
  /** What else is looked for on the same links, and who hears of it. */
  readonly besides?: Besides | undefined;
}

export interface Besides {
  /** `_dualtone-conf._tcp.local` */
  readonly services: readonly string[];
  /** All that there is now. */
  readonly found: (services: readonly LinkService[]) => void;
}

/** RFC 4122 4.1: a version 1 UUID of no time, which is told apart by the hardware address alone (RFC 5626 4.1). */
const UUID = '00000000-0000-1000-8000-';

export class Neighbours {
  readonly #options: NeighboursOptions;
  readonly #machine: Neighbourhood;
  readonly #net: MulticastDns;
  readonly #told: NeighbourLog;
  readonly #isOn: boolean;
  #timer: NodeJS.Timeout | undefined;
  #started = false;
  #closed = false;

  constructor(options: NeighboursOptions) {
    const { config, mac, store, log, dropped } = options;
    const fallback = defaultExtension(mac);
    const kept = store?.read();
    this.#options = options;
    this.#told = new NeighbourLog(log);
    this.#isOn = config.neighbours.mode !== 'off';
    this.#machine = new Neighbourhood({
      self: {
        name: config.name,
        instanceId: `${UUID}${mac}`,
        host: `dualtone-${mac.slice(-4)}`,
        extension: config.extension ?? fallback,
        port: config.net.sipPort,
      },
      fallback,
      barred: config.dial.emergency,
      ...(kept === undefined || !this.#isOn ? {} : { kept }),
      ...(options.besides && { besides: options.besides.services }),
      random: Math.random,
    });
    this.#net = new MulticastDns({
      received: (link, octets, from, own) => this.#give({ kind: 'received', link, octets, from, own }),
      dropped,
      problem: (text) => log('warn', text),
    });
  }

  /** Ours; it may change as long as the claim is not settled, and when two LANs become one. */
  get extension(): string {
    return this.#machine.extension;
  }

  get status(): readonly NeighbourStatus[] {
    return this.#machine.neighbours.map(({ key, extension = '', name, addresses, fresh, trust, fp }) => ({
      ...{ key, extension, name, addresses, fresh, trust },
      ...(fp === undefined ? {} : { fp }),
      family: addresses[0]?.includes(':') ? 'ipv6' : 'ipv4',
    }));
  }

  /** `port`: where SIP is heard. Before the door is known nobody is told of us: who comes without its key is another. */
  start({ port, ...door }: NeighbourDoor & { readonly port: number }, own: OwnAddresses): void {
    this.#started = true;
    this.#give({ kind: 'self', self: { port, ...door } });
    this.follow(own);
  }

  /** Our addresses are these; `network` of them with what is inside a tunnel. */
  follow({ network }: OwnAddresses): void {
    if (!this.#started || !this.#isOn || this.#closed) return;
    const six = network.addresses.find(({ encapsulated }) => encapsulated === '6bed4')?.address;
    const links = linksOf(network);
    if (six !== this.#machine.self.six) this.#give({ kind: 'self', self: { six } });
    void this.#net.use(links, network).then(() => this.#give({ kind: 'network', network }));
  }

  /** Where a host in .local is, IPv6 first, or why it is not called; undefined: none of ours, and DNS has to know. */
  find(hop: Hop): WayToNeighbour | { readonly error: string } | undefined {
    const all = this.#machine.neighbours.filter((each) => each.host.toLowerCase() === hop.host);
    const found = all.find(isTrusted);
    if (found !== undefined) return wayTo(found, hop, this.#speaksTls);
    return all[0] && { error: `${labelOf(all[0])} shows another key than before` };
  }

  /** Whom the peer at this end of TLS has to prove to be, where `name` was called. */
  serverNameAt(remote: Endpoint, name: string): string {
    const { accounts } = this.#options.config;
    return serverNameAt(remote, name, this.#machine.neighbours, accounts);
  }

  /** Who is called over TLS has to reach us by it too, to end the call. */
  get #speaksTls(): boolean {
    return this.#machine.self.tls !== undefined;
  }

  /** What the neighbour at this address is called. */
  nameAt(address: string): string | undefined {
    return this.#machine.neighbours.find(({ fresh, admitted }) => fresh && admitted.includes(address))?.name;
  }

  /** A person believes that this neighbour is the one we knew, although it shows another key. Throws where it does not. */
  accept(key: string, fp: string | undefined): void {
    const isChanged = () =>
      this.#machine.neighbours.some((each) => each.key === key && each.trust === 'changed');
    const was = isChanged();
    this.#give({ kind: 'accept', key, fp });
    if (!was || isChanged()) throw new Error('This telephone does not show that key any more: look again.');
    this.#options.log('warn', `${this.#labelAt(key)} may show another key than before: a person said so`);
  }

  #labelAt(key: string): string {
    const found = this.#machine.neighbours.find((each) => each.key === key);
    return found === undefined ? key : labelOf(found);
  }

  /** Says goodbye. */
  close(): void {
    if (this.#closed) return;
    this.#give({ kind: 'close' });
    this.#closed = true;
    clearTimeout(this.#timer);
    // What has just been given to the kernel is out; what a closed socket has not sent is lost.
    setImmediate(() => this.#net.close());
  }

  #give(input: NeighbourhoodInput): void {
    if (this.#closed || !this.#isOn) return;
    for (const effect of this.#machine.handle(input, performance.now())) this.#perform(effect);
    clearTimeout(this.#timer);
    const { deadline } = this.#machine;
    if (deadline === Number.POSITIVE_INFINITY) return;
    const wait = Math.max(0, Math.ceil(deadline - performance.now()));
    this.#timer = setTimeout(() => this.#give({ kind: 'tick' }), wait).unref();
  }

  #perform(effect: NeighbourhoodEffect): void {
    const { log, sip, store, besides } = this.#options;
    switch (effect.kind) {
      case 'send':
        this.#net.send(effect.link, effect.octets, effect.to);
        break;
      case 'extension':
        log('info', `the extension is taken: trying ${effect.extension}`);
        sip({ kind: 'extension', extension: effect.extension });
        this.#tell([]);
        break;
      case 'settled':
        this.#told.reachedAs(effect.extension, store);
        sip({ kind: 'extension', extension: effect.extension });
        this.#tell([]);
        break;
      case 'neighbours':
        this.#tellTrouble(this.#told.tell(effect.met, this.#machine.neighbours, performance.now()));
        sip({ kind: 'neighbours', addresses: this.#admitted });
        this.#tell(effect.met);
        break;
      case 'services':
        besides?.found(effect.services);
        break;
      case 'keep':
        store?.keep(effect.state);
    }
  }

  #tellTrouble(changed: readonly Neighbour[]): void {
    for (const each of changed)
      this.#options.phone({ kind: 'notice', text: filled(en.otherKey, labelOf(each)) });
  }

  get #admitted(): readonly string[] {
    return this.#machine.neighbours.flatMap(({ fresh, admitted }) => (fresh ? admitted : []));
  }

  #tell(met: readonly Neighbour[]): void {
    const neighbours = this.#machine.neighbours.filter(isTrusted);
    const changed = this.#machine.neighbours.filter((each) => !isTrusted(each));
    this.#options.phone({
      kind: 'lan',
      extension: this.extension,
      neighbours: neighbours.map(({ extension, name, uri, fresh }) => {
        return { name, uri, fresh, ...(extension === undefined ? {} : { extension }) };
      }),
      met: met.filter(isTrusted).map(labelOf),
      changed: changed.map(({ extension, name }) => ({
        name,
        ...(extension === undefined ? {} : { extension }),
      })),
    });
  }
}
