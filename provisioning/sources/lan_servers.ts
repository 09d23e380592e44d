/**
 * Servers on the LAN as multicast DNS tells of them. Who speaks it is the agent, for neighbours' sake, and one is enough:
 * what it hears comes here, and outlives the agent that heard it.
 */

import { isLinkLocal } from '#address/ip.ts';
import type { LinkService } from '#mdns/service.ts';
import { candidatesOfServers, isOfLan } from '#provisioning/discovery/dns_sd.ts';
import type { CandidateSource } from './discover.ts';
import { systemLookup } from './open_connection.ts';

/** ms that a name of the LAN is waited for: after a start the first answers take a moment. */
const PATIENCE = 3_000;

export class LanServers {
  #services: readonly LinkService[] = [];
  readonly #listeners = new Set<() => void>();

  /** All that there are now. */
  heard(services: readonly LinkService[]): void {
    this.#services = services;
    for (const listener of [...this.#listeners]) listener();
  }

  /** For the discoverer. */
  readonly tell: CandidateSource = (tell) => {
    const listener = (): void => tell(candidatesOfServers(this.#services));
    this.#listeners.add(listener);
    listener();
    return { close: () => void this.#listeners.delete(listener) };
  };

  /** Where a host is: one of the LAN as it was told there, any other as the system knows it. */
  async resolve(host: string): Promise<readonly string[]> {
    if (!isOfLan(host)) return systemLookup(host);
    const addresses = await this.#awaited(host);
    if (addresses.length > 0) return addresses;
    // The system may know more of multicast DNS than we; that it knows nothing does not mean that there is nothing.
    return systemLookup(host).catch(() => {
      throw new Error(`nobody on the LAN says that it is ${host}`);
    });
  }

  #addressesOf(host: string): readonly string[] {
    const of = this.#services.filter((one) => one.host.toLowerCase() === host.toLowerCase());
    const all = of.flatMap(({ link, addresses }) =>
      addresses.map((address) =>
        isLinkLocal(address) && address.includes(':') ? `${address}%${link}` : address,
      ),
    );
    return [...new Set(all)];
  }

  #awaited(host: string): Promise<readonly string[]> {
    const known = this.#addressesOf(host);
    if (known.length > 0) return Promise.resolve(known);
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#listeners.delete(look);
        resolve(this.#addressesOf(host));
      };
      const look = (): void => {
        if (this.#addressesOf(host).length > 0) done();
      };
      const timer = setTimeout(done, PATIENCE).unref();
      this.#listeners.add(look);
    });
  }
}
