/** What operators of many telephones have configured: where the log goes besides, and who knows the time. */
import { Ntp } from '#fleet/ntp.ts';
import { Syslog } from '#fleet/syslog.ts';
import type { WallClock } from '#fleet/wall_clock.ts';
import type { Config } from '#provisioning/schema.ts';
import type { Journal } from './log.ts';

export interface FleetOptions {
  readonly journal: Journal;
  readonly clock: WallClock;
  /** The time is known from now on. */
  readonly timeKnown: () => void;
}

type Wanted = Pick<Config, 'syslog' | 'time'>;

export class Fleet {
  readonly #options: FleetOptions;
  #syslog: Syslog | undefined;
  #unhook: () => void = () => {};
  #ntp: Ntp | undefined;
  #logsTo = '';
  #asks = '';
  /** Named by the network (DHCPv4 42, DHCPv6 56); those of the configuration go before. */
  #named: readonly string[] = [];
  #wanted: Wanted | undefined;

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  goBy(wanted: Wanted): void {
    this.#wanted = wanted;
    if (JSON.stringify(wanted.syslog) !== this.#logsTo) this.#logTo(wanted.syslog);
    const servers = wanted.time.servers.length > 0 ? wanted.time.servers : this.#named;
    if (servers.join() !== this.#asks) this.#ask(servers);
  }

  /** Time servers that the network names. */
  named(servers: readonly string[]): void {
    this.#named = servers;
    if (this.#wanted !== undefined) this.goBy(this.#wanted);
  }

  async close(): Promise<void> {
    this.#ntp?.close();
    this.#unhook();
    await this.#syslog?.close();
  }

  #logTo(syslog: Wanted['syslog']): void {
    const { journal, clock } = this.#options;
    this.#logsTo = JSON.stringify(syslog);
    this.#unhook();
    void this.#syslog?.close();
    this.#syslog = undefined;
    this.#unhook = () => {};
    const { server, transport, level } = syslog;
    if (server === undefined) return;
    const sender = new Syslog({ server, transport, level, time: () => clock.now() });
    this.#syslog = sender;
    this.#unhook = journal.also((each, text) => sender.log(each, text));
  }

  #ask(servers: readonly string[]): void {
    const { journal, clock, timeKnown } = this.#options;
    this.#asks = servers.join();
    this.#ntp?.close();
    this.#ntp = new Ntp({
      servers,
      offset: (ms) => {
        const wasKnown = clock.source === 'ntp';
        clock.ntp(ms);
        if (!wasKnown) timeKnown();
      },
      trouble: (text) => journal.log('warn', text),
    });
    this.#ntp.start();
  }
}
