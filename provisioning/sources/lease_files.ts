/**
 * Looks at what the system's DHCP clients keep: the files of systemd-networkd, dhcpcd and dhclient, dhcpcd's own word
 * where its files are closed to us, and the search domains of resolv.conf, which every client writes.
 */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { isAssigned, type Network } from '#address/network.ts';
import { stampOf } from '#net/dns/file.ts';
import { parseSearchDomains } from '#net/dns/resolvers.ts';
import { type Facts, NO_FACTS } from '#provisioning/discovery/facts.ts';
import { readDhclientLeases } from '#provisioning/discovery/lease_dhclient.ts';
import {
  type Lease,
  readDhcpcdDump,
  readDhcpcdLease4,
  readDhcpcdLease6,
  readNetworkdLease,
  readNetworkdLink,
} from '#provisioning/discovery/leases.ts';
import { domainOf } from '#provisioning/discovery/octets.ts';
import { interfaceIndex } from './packet_socket.ts';

export interface LeaseFolders {
  readonly networkd: string;
  readonly dhcpcd: readonly string[];
  readonly dhclient: readonly string[];
  readonly resolvConf: string;
  /** Where a running dhcpcd has its sockets. */
  readonly dhcpcdSockets: string;
}

/** Of Debian and its children; others differ little. */
export const LEASE_FOLDERS: LeaseFolders = {
  networkd: '/run/systemd/netif',
  dhcpcd: ['/var/lib/dhcpcd', '/var/lib/dhcpcd5'],
  dhclient: ['/var/lib/dhcp', '/var/lib/dhclient', '/var/lib/NetworkManager'],
  resolvConf: '/etc/resolv.conf',
  dhcpcdSockets: '/run/dhcpcd',
};

/** ms between two looks: clients write a moment after the network is up, and seldom later. */
const OFTEN = 500;
const SELDOM = 10_000;
const MOMENT = 30_000;
const MOST_FILES = 64;
const LONGEST = 1 << 20;

export interface LeaseEvents {
  /** All that this source tells now. */
  told(source: string, facts: Facts): void;
  note(text: string): void;
}

/** What is read, by its source. */
type Findings = Map<string, Facts>;

export class LeaseFiles {
  readonly #folders: LeaseFolders;
  readonly #events: LeaseEvents;
  #network: Network;
  #seen = '';
  #sources: readonly string[] = [];
  #until = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** Begins at once. */
  constructor(network: Network, events: LeaseEvents, folders: Partial<LeaseFolders> = {}) {
    this.#folders = { ...LEASE_FOLDERS, ...folders };
    this.#events = events;
    this.#network = network;
    this.network(network);
  }

  /** What belongs to addresses that we have not is of another day. */
  network(network: Network): void {
    this.#network = network;
    this.#seen = '';
    this.#until = performance.now() + MOMENT;
    this.#look();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #look(): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    const stamps = this.#files().map((path) => `${path} ${stampOf(path)}`);
    const seen = stamps.join('\n');
    if (seen !== this.#seen) void this.#read();
    this.#seen = seen;
    const pause = performance.now() < this.#until ? OFTEN : SELDOM;
    this.#timer = setTimeout(() => this.#look(), pause).unref();
  }

  #files(): readonly string[] {
    const { networkd, dhcpcd, dhclient, resolvConf } = this.#folders;
    const folders = [`${networkd}/leases`, `${networkd}/links`, ...dhcpcd, ...dhclient];
    const files = folders.flatMap((folder) => namesIn(folder).map((name) => `${folder}/${name}`));
    return [resolvConf, ...files].slice(0, MOST_FILES);
  }

  async #read(): Promise<void> {
    const found: Findings = new Map();
    this.#readNetworkd(found);
    const isFound = this.#readDhcpcd(found);
    this.#readDhclient(found);
    if (!isFound && existsSync(this.#folders.dhcpcdSockets)) await this.#askDhcpcd(found);
    // Last, for what it repeats was told better before.
    this.#readResolvConf(found);
    if (this.#closed) return;
    for (const gone of this.#sources.filter((source) => !found.has(source)))
      this.#events.told(gone, NO_FACTS);
    for (const [source, facts] of found) this.#events.told(source, facts);
    this.#sources = [...found.keys()];
  }

  #keep(found: Findings, source: string, name: string, lease: Lease | undefined): void {
    const own = this.#network.addresses.filter((one) => one.interface === name && isAssigned(one));
    if (lease?.addresses.some((address) => own.some((one) => one.address === address)))
      found.set(source, lease.facts);
  }

  #readNetworkd(found: Findings): void {
    const { networkd } = this.#folders;
    for (const name of this.#interfaces) {
      const index = interfaceIndex(name);
      const lease = octetsOf(`${networkd}/leases/${index}`)?.toString('latin1');
      if (lease !== undefined)
        this.#keep(found, `networkd lease ${name}`, name, readNetworkdLease(lease, name));
      const link = octetsOf(`${networkd}/links/${index}`)?.toString('latin1');
      if (link !== undefined) found.set(`networkd link ${name}`, readNetworkdLink(link, name));
    }
  }

  /** False: it has none, or none that we may read. */
  #readDhcpcd(found: Findings): boolean {
    const before = found.size;
    for (const path of this.#files().filter((file) => this.#isIn(this.#folders.dhcpcd, file))) {
      // `eth0.lease`, `eth0.lease6`, and with the network's name for Wi-Fi: `wlan0-Home.lease`.
      const [, stem = '', six] = /^(.+)\.lease(6)?$/.exec(basename(path)) ?? [];
      const name = this.#interfaces.find((one) => stem === one || stem.startsWith(`${one}-`));
      if (name === undefined) continue;
      const octets = octetsOf(path);
      if (octets === undefined) continue;
      const lease = six === undefined ? readDhcpcdLease4(octets, name) : readDhcpcdLease6(octets, name);
      this.#keep(found, path, name, lease);
    }
    return found.size > before;
  }

  async #askDhcpcd(found: Findings): Promise<void> {
    for (const name of this.#interfaces) {
      const text = await output('dhcpcd', ['-U', name]);
      if (text !== '') found.set(`dhcpcd ${name}`, readDhcpcdDump(text, name));
    }
  }

  #readDhclient(found: Findings): void {
    for (const path of this.#files().filter((file) => this.#isIn(this.#folders.dhclient, file))) {
      if (!/\.leases?$/.test(path)) continue;
      const text = octetsOf(path)?.toString('latin1') ?? '';
      for (const [at, lease] of readDhclientLeases(text, Date.now()).entries())
        this.#keep(found, `${path} ${at}`, lease.interface, lease);
    }
  }

  #readResolvConf(found: Findings): void {
    const { resolvConf } = this.#folders;
    const words = parseSearchDomains(octetsOf(resolvConf)?.toString('latin1') ?? '');
    const domains = words.flatMap((word) => domainOf(word) ?? []);
    if (domains.length === 0) return;
    const from = basename(resolvConf);
    found.set(resolvConf, {
      ...NO_FACTS,
      domains: domains.map((domain) => ({ domain, kind: 'network', family: 4, from })),
    });
  }

  #isIn(folders: readonly string[], path: string): boolean {
    return folders.some((folder) => path.startsWith(`${folder}/`));
  }

  get #interfaces(): readonly string[] {
    return [...new Set(this.#network.addresses.map((own) => own.interface))].filter((name) => name !== 'lo');
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Undefined: it is not there, or not for us. */
function octetsOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path).subarray(0, LONGEST);
  } catch {
    return undefined;
  }
}

/** Empty where the program is missing or fails; it is given two seconds. */
function output(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(program, [...args], { timeout: 2_000, maxBuffer: LONGEST }, (error, text) =>
      resolve(error === null ? text : ''),
    );
  });
}
