/**
 * Where a telephone's configuration comes from while it runs, put together:
 *
 *   sources/discover.ts      who may have one: DHCP, routers, leases, plug and play, NAPTR
 *   sources/lan_servers.ts   who offers one by DNS-SD, as the agent's multicast DNS hears it
 *   sources/provisioner.ts   asks them, pins the first that gives one, comes back at intervals
 *   store/in_force.ts        puts it on trial, keeps it or goes back
 *   succession.ts            goes by it, as soon as nobody uses the telephone
 */
import { readFileSync } from 'node:fs';
import { parseIp } from '#address/ip.ts';
import { isOnLink } from '#address/network.ts';
import { randomToken } from '#agent/random.ts';
import { openSystemDns } from '#net/locate.ts';
import type { OwnAddresses } from '#net/watch/addresses.ts';
import { NetworkWatch } from '#net/watch/network_watch.ts';
import type { Facts } from '#provisioning/discovery/facts.ts';
import { isNews, monitorsOf } from '#provisioning/fetch/monitored.ts';
import type { ServerChange } from '#provisioning/fetch/types.ts';
import type { DeviceIdentity } from '#provisioning/identity.ts';
import type { Config } from '#provisioning/schema.ts';
import { Discoverer } from '#provisioning/sources/discover.ts';
import type { LanServers } from '#provisioning/sources/lan_servers.ts';
import {
  Provisioner,
  type ProvisionerEvent,
  type ProvisioningSettings,
} from '#provisioning/sources/provisioner.ts';
import type { InForce } from '#provisioning/store/in_force.ts';
import type { ConfigurationStore } from '#provisioning/store/store.ts';
import { type Log, warnOf } from './log.ts';

export interface ProvisionedOptions {
  readonly identity: DeviceIdentity;
  readonly store: ConfigurationStore;
  readonly inForce: InForce;
  /** Resolves when nobody uses the telephone. */
  readonly idle: () => Promise<void>;
  /** What is offered on the LAN itself. */
  readonly lan: LanServers;
  readonly clockIsSet: () => boolean;
  /** What the network tells of itself: time servers, time zone. */
  readonly facts: (facts: Facts) => void;
  /** For the display: at most 20 characters. */
  readonly show: (text: string) => void;
  /** SIP URIs at which the server tells of changes: all that there are now. */
  readonly monitor: (uris: readonly string[]) => void;
  /** The report is another. */
  readonly changed: () => void;
  readonly log: Log;
}

/** For status and page. */
export interface ProvisionedReport {
  /** Who gives us our configuration. */
  readonly server?: string;
  /** The last answer that was of no use, in words. */
  readonly refused?: string;
  /** Who wants to be the server, and waits for a person to say so. */
  readonly changes: readonly ServerChange[];
}

type Asked = Config['provisioning'];

export class Provisioned {
  readonly #options: ProvisionedOptions;
  readonly #watch: NetworkWatch;
  #asked: Asked;
  #provisioner: Provisioner | undefined;
  #discoverer: Discoverer | undefined;
  #refused: string | undefined;
  #isClosed = false;

  constructor(options: ProvisionedOptions, config: Config) {
    this.#options = options;
    this.#asked = config.provisioning;
    this.#watch = new NetworkWatch({ addresses: (now) => this.#networkChanged(now) });
    this.#start(config);
  }

  get report(): ProvisionedReport {
    const server = this.#provisioner?.pin?.host;
    return {
      ...(server === undefined ? {} : { server }),
      ...(this.#refused === undefined ? {} : { refused: this.#refused }),
      changes: this.#provisioner?.changes ?? [],
    };
  }

  /** Another configuration is in force: it may say otherwise whom to ask. */
  goBy(config: Config): void {
    if (JSON.stringify(config.provisioning) === JSON.stringify(this.#asked)) return;
    this.#asked = config.provisioning;
    this.#stop();
    this.#start(config);
  }

  /** A server of ours says that there is something new. */
  resync(): void {
    this.#provisioner?.resync();
  }

  /** Whether the server of our configuration is at this address. */
  isServer(address: string): boolean {
    return this.#provisioner?.isServer(address) === true;
  }

  /** Whether what is told at a SIP URI means that there is something new (RFC 6011 2.5.1.3). */
  isNews(uri: string, body: string | undefined): boolean {
    return isNews(this.#provisioner?.files ?? [], uri, body);
  }

  /** A person says that this host, one of the report's changes, is the server from now on. */
  approve(host: string): void {
    this.#provisioner?.approve(host);
  }

  /** What the server at this host gave does not work, and nobody else stands for it: whoever has another may give it. */
  unpinned(host: string): void {
    this.#options.log('warn', `${host} is not our server any more: what it gave is given up`);
    this.#discoverer?.claimed(false);
    this.#provisioner?.givenUp(host);
    this.#monitor();
    this.#options.changed();
  }

  /** The time is known now: certificates can be judged by it. */
  clockSet(): void {
    this.#provisioner?.networkChanged();
  }

  close(): void {
    this.#isClosed = true;
    this.#watch.close();
    this.#stop();
  }

  #start({ provisioning, net }: Config): void {
    if (provisioning.mode === 'off') return;
    const { identity, store, lan, clockIsSet, facts, log } = this.#options;
    const dns = openSystemDns(net.dnsServers);
    this.#provisioner = new Provisioner({
      identity,
      settings: settingsOf(provisioning),
      ...clientCertificateOf(provisioning, (text) => log('warn', text)),
      ...(store.standing && { standing: store.standing }),
      random: randomToken,
      onLink: (address) => this.#isOnLink(address),
      clockIsSet,
      resolve: (host) => lan.resolve(host),
      on: (event) => void this.#told(event),
    });
    this.#discoverer = new Discoverer({
      identity,
      ask: async (question) => (await dns).ask(question),
      events: {
        candidates: (candidates) => this.#provisioner?.candidates(candidates),
        facts,
        note: (text) => log('debug', text),
      },
      further: { 'dns-sd': (tell) => lan.tell(tell) },
    });
    this.#provisioner.start();
    this.#monitor();
    this.#discoverer.start(this.#watch.current.network);
  }

  #stop(): void {
    this.#discoverer?.stop();
    this.#provisioner?.close();
    this.#discoverer = undefined;
    this.#provisioner = undefined;
    this.#refused = undefined;
    this.#monitor();
  }

  #monitor(): void {
    this.#options.monitor(monitorsOf(this.#provisioner?.files ?? []));
  }

  #networkChanged({ network, ipv4, ipv6 }: OwnAddresses): void {
    this.#discoverer?.network(network);
    this.#provisioner?.networkChanged();
    void this.#options.inForce.network(ipv4.length + ipv6.length > 0);
  }

  #isOnLink(address: string): boolean {
    const ip = parseIp(address);
    const { network } = this.#watch.current;
    const names = new Set(network.addresses.map((own) => own.interface));
    return ip !== undefined && [...names].some((name) => isOnLink(network, name, ip));
  }

  async #told(event: ProvisionerEvent): Promise<void> {
    const { log, show, changed } = this.#options;
    switch (event.kind) {
      case 'fetched':
        this.#answered();
        changed();
        await this.#offer(event);
        return;
      case 'unchanged':
        this.#answered();
        log('debug', `${event.host} has nothing new`);
        break;
      case 'answers-again':
        log('info', `${event.host} answers again`);
        break;
      case 'refused':
        this.#refused = `${event.url}: ${event.reason}`;
        log(event.grave ? 'warn' : 'info', `no configuration from ${event.url}: ${event.reason}`);
        if (event.grave) show('Settings refused');
        break;
      case 'server-change':
        this.#serverChange(event);
    }
    changed();
  }

  #answered(): void {
    this.#refused = undefined;
    this.#discoverer?.claimed(true);
    this.#monitor();
  }

  /** Of a crowd not each is told: there are rogues among them, and who reads the page sees whom it waits for. */
  #serverChange({ change, crowded }: Extract<ProvisionerEvent, { kind: 'server-change' }>): void {
    const { log, show } = this.#options;
    const { host, from, reason } = change;
    log(crowded ? 'debug' : 'warn', `${host} wants to be our server (${from}): ${reason}`);
    if (!crowded) show('Server change?');
  }

  async #offer({ from, host, layers, standing, warnings }: Extract<ProvisionerEvent, { kind: 'fetched' }>) {
    const { inForce, idle, log } = this.#options;
    log('info', `a configuration from ${from}`);
    warnOf(log, warnings);
    await idle();
    // Forgotten meanwhile, and with it who gave it.
    if (this.#isClosed) return;
    await inForce.offer({ layers, server: host, standing });
  }
}

/** Its password has been read from its file before. */
function settingsOf({ url, user, password, pin, ...rest }: Asked): ProvisioningSettings {
  const { interval, allowHttp, allowTftp, compat } = rest;
  return {
    ...{ interval, allowHttp, allowTftp, compat },
    ...(url === undefined ? {} : { url }),
    ...(user === undefined ? {} : { user }),
    ...(typeof password === 'string' ? { password } : {}),
    ...(pin === undefined ? {} : { pin }),
  };
}

/** What we show to servers that want to know who asks; without it where a file cannot be read. */
function clientCertificateOf(
  { clientCertificate: certificate, clientKey: key }: Asked,
  warn: (text: string) => void,
): Pick<ConstructorParameters<typeof Provisioner>[0], 'clientCertificate'> {
  if (certificate === undefined || key === undefined) {
    if (certificate !== key)
      warn('provisioning: a certificate and its key are shown together, or neither is');
    return {};
  }
  try {
    return {
      clientCertificate: { certificate: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') },
    };
  } catch (error) {
    warn(`/provisioning/clientCertificate: ${error instanceof Error ? error.message : String(error)}`);
    return {};
  }
}
