/**
 * Finds who may have a configuration for this telephone: the machine of discovery/discovery.ts, with the sockets and
 * files that carry out what it wants. Whom of them to ask is the business of provisioner.ts.
 *
 *     const discoverer = new Discoverer({ identity, ask, events });
 *     discoverer.start(watch.current.network);       and discoverer.network(now.network) after each change
 *     discoverer.claimed(true);                      a configuration is there
 *     discoverer.stop();
 */

import { isLinkLocal } from '#address/ip.ts';
import { isAssigned, type Network } from '#address/network.ts';
import { factsOf4 } from '#provisioning/discovery/dhcp4_options.ts';
import { factsOf6 } from '#provisioning/discovery/dhcp6_options.ts';
import { Discovery, type DiscoveryEffect, type DiscoveryInput } from '#provisioning/discovery/discovery.ts';
import type { Facts } from '#provisioning/discovery/facts.ts';
import { macOctets } from '#provisioning/discovery/identity.ts';
import { keyOf, type Path } from '#provisioning/discovery/paths.ts';
import { factsOfRouter } from '#provisioning/discovery/router_advertisement.ts';
import type { NaptrAnswer } from '#provisioning/discovery/service_questions.ts';
import type { DeviceIdentity } from '#provisioning/identity.ts';
import type { Candidate } from '#provisioning/types.ts';
import type { DnsAnswer, DnsFailure, Question } from '#sip/locate/dns.ts';
import { askDhcp4 } from './dhcp4_client.ts';
import { askDhcp6 } from './dhcp6_client.ts';
import { type Driven, drive } from './drive.ts';
import { linkLayers } from './interfaces.ts';
import { LeaseFiles, type LeaseFolders } from './lease_files.ts';
import { PnpSource } from './pnp.ts';
import { hearRouters } from './router_advertisements.ts';

export interface DiscovererEvents {
  /** What the network tells: time servers, time zone, registrars (RFC 3361, RFC 3319). Anew after each change. */
  facts(facts: Facts): void;
  /** All who may have a configuration. Anew whenever somebody is new, and empty in another network. */
  candidates(candidates: readonly Candidate[]): void;
  /** For the log. */
  note(text: string): void;
  /** A short stable text for the counters. */
  dropped?(why: string): void;
}

/** A further way to candidates: it tells all that it has each time. */
export type CandidateSource = (tell: (candidates: readonly Candidate[]) => void) => { close(): void };

export interface DiscovererOptions {
  readonly identity: DeviceIdentity;
  /** As of net/dns/system.ts. */
  readonly ask: (question: Question) => Promise<DnsAnswer | DnsFailure>;
  readonly events: DiscovererEvents;
  /** DNS-SD (lan_servers.ts), and a service of redirection; none by default. */
  readonly further?: Partial<Record<'dns-sd' | 'redirect', CandidateSource>>;
  /** Where DHCP clients keep their leases, if elsewhere. */
  readonly leases?: Partial<LeaseFolders>;
  /** Where servers of SIP plug and play listen, if not at 5060. */
  readonly pnpPort?: number;
}

interface Running {
  close(): void;
  /** After each change of the network. */
  network?(network: Network): void;
  claimed?(claimed: boolean): void;
}

export class Discoverer {
  readonly #options: DiscovererOptions;
  readonly #running = new Map<string, Running>();
  #driven: Driven<DiscoveryInput> | undefined;
  #network: Network = { addresses: [], defaultRoute: { 4: false, 6: false } };

  constructor(options: DiscovererOptions) {
    this.#options = options;
  }

  start(network: Network): void {
    if (this.#driven !== undefined) return;
    this.#driven = drive<DiscoveryInput, DiscoveryEffect>(new Discovery(Math.random), (effect) =>
      this.#perform(effect),
    );
    this.network(network);
  }

  /** Addresses, routes or interfaces are others now. */
  network(network: Network): void {
    this.#network = network;
    for (const path of this.#running.values()) path.network?.(network);
    this.#driven?.give({ kind: 'network', network });
  }

  /** While a configuration is there, who has to be asked again and again is not asked any more in this network. */
  claimed(claimed: boolean): void {
    for (const path of this.#running.values()) path.claimed?.(claimed);
  }

  stop(): void {
    this.#driven?.close();
    this.#driven = undefined;
    for (const path of this.#running.values()) path.close();
    this.#running.clear();
  }

  #perform(effect: DiscoveryEffect): void {
    const { events } = this.#options;
    switch (effect.kind) {
      case 'begin':
        this.#begin(effect.path);
        break;
      case 'end':
        this.#running.get(keyOf(effect.path))?.close();
        this.#running.delete(keyOf(effect.path));
        break;
      case 'ask':
        void this.#ask(effect.id, effect.domain);
        break;
      case 'facts':
        events.facts(effect.facts);
        break;
      case 'candidates':
        events.candidates(effect.candidates);
    }
  }

  #begin(path: Path): void {
    const running = this.#start(path);
    if (running !== undefined) this.#running.set(keyOf(path), running);
  }

  #start(path: Path): Running | undefined {
    const key = keyOf(path);
    const { note } = this.#options.events;
    const told = (source: string, facts: Facts) =>
      this.#driven?.give({ kind: 'facts', path: key, source, facts });
    const found = (candidates: readonly Candidate[]) =>
      this.#driven?.give({ kind: 'candidates', path: key, candidates });
    switch (path.kind) {
      case 'leases':
        return new LeaseFiles(this.#network, { told, note }, this.#options.leases);
      case 'dhcp4':
        return askDhcp4(
          { ...this.#where(path), vendorClass: this.#vendorClass },
          { told: (server, options) => told(server, factsOf4(options, path.interface)), note },
        );
      case 'dhcp6':
        return askDhcp6(this.#where(path), {
          told: (server, options) => told(server, factsOf6(options, path.interface)),
          note,
        });
      case 'router':
        return hearRouters(this.#where(path), {
          told: (router, advertisement) => told(router, factsOfRouter(advertisement, path.interface)),
          note,
        });
      case 'pnp':
        return this.#plugAndPlay(found);
      case 'dns-sd':
      case 'redirect':
        return this.#options.further?.[path.kind]?.(found);
    }
  }

  #where(path: Extract<Path, { readonly interface: string }>) {
    const link = linkLayers().find(({ name }) => name === path.interface);
    return {
      interface: path.interface,
      address: path.address,
      mac: macOctets(link?.mac ?? ''),
      random: Math.random,
    };
  }

  /** Option 60: servers choose by it what to tell to whom. */
  get #vendorClass(): string {
    const { model, version } = this.#options.identity;
    return `Dualtone ${model} ${version}`;
  }

  #plugAndPlay(found: (candidates: readonly Candidate[]) => void): Running {
    const { identity, events, pnpPort } = this.#options;
    const source = new PnpSource({
      identity,
      random: () => crypto.randomUUID().replaceAll('-', ''),
      candidates: found,
      dropped: (why) => events.dropped?.(why),
      log: events.note,
      ...(pnpPort === undefined ? {} : { port: pnpPort }),
    });
    const network = (now: Network) => void source.interfaces(addresses4(now));
    network(this.#network);
    return { close: () => source.close(), network, claimed: (claimed) => source.claimed(claimed) };
  }

  async #ask(id: number, domain: string): Promise<void> {
    const answer = await this.#options.ask({ name: domain, type: 'NAPTR' });
    this.#driven?.give({ kind: 'answer', id, answer: naptrOf(answer) });
  }
}

function naptrOf(answer: DnsAnswer | DnsFailure): NaptrAnswer {
  if ('failure' in answer) return answer;
  return { records: answer.answers.flatMap((record) => (record.type === 'NAPTR' ? [record] : [])) };
}

/** One of each interface. */
function addresses4(network: Network): readonly { interface: string; address: string }[] {
  const all = network.addresses.filter(
    (own) =>
      isAssigned(own) &&
      own.encapsulated === undefined &&
      !own.address.includes(':') &&
      !isLinkLocal(own.address),
  );
  const outward = all.filter((own) => own.interface !== 'lo');
  return outward
    .filter((own, at) => outward.findIndex((other) => other.interface === own.interface) === at)
    .map(({ interface: name, address }) => ({ interface: name, address }));
}
