/** What operators of many telephones have configured: where the log goes besides, who knows the time, and of which zone. */
import { knownZone, LocalTime } from '#fleet/local_time.ts';
import { Ntp } from '#fleet/ntp.ts';
import { Syslog } from '#fleet/syslog.ts';
import { MADE, type WallClock } from '#fleet/wall_clock.ts';
import { spoken } from '#phone/texts.ts';
import type { FleetStatus, ShownTime } from '#phone/types.ts';
import type { Facts } from '#provisioning/discovery/facts.ts';
import { zoneOfPosix } from '#provisioning/formats/zone.ts';
import type { Config } from '#provisioning/schema.ts';
import type { Journal } from './log.ts';

export interface FleetOptions {
  readonly journal: Journal;
  readonly clock: WallClock;
  /** The time is known from now on. */
  readonly timeKnown: () => void;
  /** For the display. */
  readonly show: (shown: ShownTime | undefined) => void;
}

/** What a network names: DHCPv4 42, 100 and 101, DHCPv6 41, 42 and 56. */
type Named = Pick<Facts, 'ntp' | 'timezone' | 'posixTimezone'>;

type Wanted = Pick<Config, 'syslog' | 'time' | 'language'>;

export class Fleet {
  readonly #options: FleetOptions;
  #syslog: Syslog | undefined;
  #unhook: () => void = () => {};
  #ntp: Ntp | undefined;
  #logsTo = '';
  #asks = '';
  readonly #local: LocalTime;
  /** What the configuration says goes before it. */
  #named: Named = { ntp: [] };
  #wanted: Wanted | undefined;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#local = new LocalTime({
      time: () => (this.timeIsKnown ? options.clock.now() : undefined),
      show: options.show,
    });
  }

  get timeIsKnown(): boolean {
    return this.#options.clock.now() >= MADE;
  }

  get status(): Pick<FleetStatus, 'clock' | 'syslog'> {
    const { source, offset } = this.#options.clock;
    return {
      clock: { source, offsetMs: Math.round(offset), zone: this.#local.zone },
      syslog: this.#syslog?.status ?? null,
    };
  }

  /** Also where nothing has changed: the display may be another one, that shows no time yet. */
  goBy(wanted: Wanted): void {
    this.#wanted = wanted;
    if (JSON.stringify(wanted.syslog) !== this.#logsTo) this.#logTo(wanted.syslog);
    const { servers, zone } = wanted.time;
    const asked = servers.length > 0 ? servers : this.#named.ntp;
    if (asked.join() !== this.#asks) this.#ask(asked);
    const { timezone, posixTimezone = '' } = this.#named;
    this.#local.use(zone ?? knownZone(timezone) ?? zoneOfPosix(posixTimezone));
    this.#local.speak(spoken(wanted.language ?? ''));
    this.#local.tell();
  }

  /** Time servers and time zone of the network. */
  named(named: Named): void {
    this.#named = named;
    if (this.#wanted !== undefined) this.goBy(this.#wanted);
  }

  /** A SIP server has said what time it is. */
  dated(date: string): void {
    const { clock } = this.#options;
    const { source } = clock;
    clock.sip(date);
    if (clock.source !== source) this.#timeKnown();
  }

  async close(): Promise<void> {
    this.#local.close();
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
    const { journal, clock } = this.#options;
    this.#asks = servers.join();
    this.#ntp?.close();
    this.#ntp = new Ntp({
      servers,
      offset: (ms) => {
        const wasKnown = clock.source === 'ntp';
        clock.ntp(ms);
        if (!wasKnown) this.#timeKnown();
      },
      trouble: (text) => journal.log('warn', text),
    });
    this.#ntp.start();
  }

  #timeKnown(): void {
    this.#local.tell();
    this.#options.timeKnown();
  }
}
