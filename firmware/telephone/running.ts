/**
 * A telephone while it runs: its memory of configurations, the agents that go by them, where new ones come from, and
 * what its operators want to hear of it.
 */
import { NeighboursFile } from '#agent/neighbours_file.ts';
import { loadConfig } from '#cli/config_file.ts';
import { tellSystem } from '#cli/service_files.ts';
import { type BootOptions, CommandError } from '#cli/verb.ts';
import { type SetClock, systemClock } from '#fleet/system_clock.ts';
import { WallClock } from '#fleet/wall_clock.ts';
import type { BoardProfile } from '#hal/boards/schema.ts';
import type { Control, FleetStatus, UpdateDesk } from '#phone/types.ts';
import { DROP_DIRECTORY } from '#provisioning/drop_file.ts';
import type { DeviceIdentity } from '#provisioning/identity.ts';
import { LIFECYCLE_TIMINGS } from '#provisioning/lifecycle/lifecycle.ts';
import type { Config } from '#provisioning/schema.ts';
import { LanServers } from '#provisioning/sources/lan_servers.ts';
import { DropDirectory, type DropFile, type ReadFile } from '#provisioning/store/drop_directory.ts';
import { InForce } from '#provisioning/store/in_force.ts';
import { ConfigurationStore } from '#provisioning/store/store.ts';
import { DiskSpace } from './disk_space.ts';
import { Fleet } from './fleet.ts';
import { identityOf } from './identity.ts';
import { type Journal, warnOf } from './log.ts';
import { Memory } from './memory.ts';
import { openPorts } from './open_ports.ts';
import type { Provisioned } from './provisioned.ts';
import { Rauc } from './rauc.ts';
import { ResetByKeys } from './reset_by_keys.ts';
import { boardOf, settingsOf } from './settings.ts';
import { Succession } from './succession.ts';
import type { Updates } from './updates.ts';

export class RunningTelephone {
  readonly store: ConfigurationStore;
  readonly inForce: InForce;
  readonly succession: Succession;
  readonly board: BoardProfile;
  /** Called when another configuration is in force. */
  configured: () => void = () => {};
  /** Called when who gives the configuration, or wants to, is another. */
  serverChanged: () => void = () => {};
  /** Carries a factory reset out, while nobody looks at what goes. */
  aroundReset: (reset: () => Promise<void>) => Promise<void> = (reset) => reset();
  readonly #options: BootOptions;
  readonly #identity: DeviceIdentity;
  readonly #journal: Journal;
  readonly #clock: WallClock;
  readonly #fleet: Fleet;
  readonly #space: DiskSpace;
  readonly #memory: Memory;
  readonly #lan = new LanServers();
  /** Where the server of our configuration tells of changes. */
  #monitors: readonly string[] = [];
  readonly #keys: ResetByKeys;
  #resetting: Promise<void> | undefined;
  /** Why the drop file that lies on the card does not count. */
  #refusedDrop: string | undefined;
  /** As the configuration names it; undefined: before the first one is in force. */
  #boardName: string | undefined;
  #provisioned: Provisioned | undefined;
  #updates: Updates | undefined;
  #stopping = false;

  private constructor(parts: {
    readonly options: BootOptions;
    readonly version: string;
    readonly journal: Journal;
    readonly store: ConfigurationStore;
    readonly board: BoardProfile;
    readonly base: ConstructorParameters<typeof InForce>[0]['base'];
    readonly setClock: SetClock;
  }) {
    const { options, version, journal, store, board, base, setClock } = parts;
    const { log } = journal;
    this.#options = options;
    this.#identity = identityOf(board, version);
    this.#journal = journal;
    this.store = store;
    this.board = board;
    this.#clock = new WallClock({ system: Date.now, set: setClock, log: (text) => log('info', text) });
    this.#fleet = new Fleet({
      journal,
      clock: this.#clock,
      timeKnown: () => this.#provisioned?.clockSet(),
      show: (shown) => this.succession.current?.agent.clock(shown),
    });
    this.#space = new DiskSpace({
      data: options.data,
      told: (level, text, screen) => this.#told(level, text, screen),
    });
    this.#memory = new Memory(options.data, store);
    this.#keys = new ResetByKeys({
      show: (text) => this.succession.notice(text),
      reset: () => void this.reset('by its keys'),
    });
    this.succession = new Succession(
      {
        ...{ options, board, version, log },
        mac: this.#identity.mac,
        neighbours: new NeighboursFile(options.data, (text) => log('warn', text)),
        hands: (event) => this.#keys.hear(event),
        resync: () => this.#provisioned?.resync(),
        mayResync: (address) => this.#provisioned?.isServer(address) === true,
        isNews: (uri, body) => this.#provisioned?.isNews(uri, body) === true,
        servers: (services) => this.#lan.heard(services),
        fleet: () => this.#report,
        time: this.time,
        onDate: (date) => this.#fleet.dated(date),
      },
      {
        applied: (config) => this.#goBy(config),
        upToDate: () => this.#look(),
        failed: (reason) => void this.inForce.unusable(reason),
      },
    );
    this.inForce = new InForce({
      store,
      base,
      apply: (layers) => this.succession.apply(layers),
      told: (level, text, screen) => this.#told(level, text, screen),
      unpinned: (host) => this.#provisioned?.unpinned(host),
      ...(options.trial === undefined ? {} : { timings: { ...LIFECYCLE_TIMINGS, trial: options.trial } }),
    });
  }

  /** Rejects with a reason for people where nothing can run. */
  static async start(options: BootOptions, version: string, journal: Journal): Promise<RunningTelephone> {
    const warn = (text: string): void => journal.log('warn', text);
    const [file, store] = await Promise.all([
      loadConfig(options.config),
      ConfigurationStore.open(options.data, warn),
    ]);
    warnOf(journal.log, file.warnings);
    const layers = [...file.layers, ...store.layersOf(store.kept.inForce)];
    const { config } = await settingsOf([...layers, { origin: 'local', from: '', value: store.local }]);
    const board = await boardOf(options.board, config, warn);
    // Before its lines are taken: whoever puts them to rest has to know them.
    tellSystem('board', board.driver === 'sim' ? 'sim' : (options.board ?? config.board ?? 'sim'));
    const setClock = board.driver === 'sim' ? () => false : await systemClock();
    const telephone = new RunningTelephone({
      ...{ options, version, journal, store, board, setClock },
      base: file.layers,
    });
    await telephone.#start();
    return telephone;
  }

  get control(): Control {
    return this.succession.control;
  }

  /** ms since the epoch, by whoever knows it best. */
  readonly time = (): number => this.#clock.now();

  get provisioned(): Provisioned | undefined {
    return this.#provisioned;
  }

  /** Undefined where this system is not one that is updated. */
  get updates(): UpdateDesk | undefined {
    return this.#updates;
  }

  /** For status and metrics. */
  get #report(): FleetStatus {
    const update = this.#updates?.status;
    const storage = this.#space.status;
    return {
      ...{ ...this.#fleet.status, provisioning: this.#provisioning },
      ...(update === undefined ? {} : { update }),
      ...(storage === undefined ? {} : { storage }),
    };
  }

  get #provisioning(): FleetStatus['provisioning'] {
    const { state, version, server, givenUp, refused } = this.inForce.report;
    const told = this.#provisioned?.report;
    const why = told?.refused ?? refused ?? this.#refusedDrop;
    return {
      ...{ state, givenUp: givenUp.length, changes: told?.changes.length ?? 0 },
      ...(version === undefined ? {} : { version }),
      ...(server === undefined ? {} : { server }),
      ...(why === undefined ? {} : { refused: why }),
    };
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#keys.close();
    this.#provisioned?.close();
    this.#updates?.close();
    this.#space.close();
    await Promise.all([this.inForce.stop(), this.succession.stop(), this.#fleet.close()]);
  }

  /** Everything is forgotten, and the telephone goes on as a new one. `why`: `by its keys`. Never rejects. */
  reset(why: string): Promise<void> {
    this.#resetting ??= this.aroundReset(() => this.#reset(why))
      .catch((error) => this.#journal.log('error', `the factory reset is not done: ${String(error)}`))
      .finally(() => {
        this.#resetting = undefined;
      });
    return this.#resetting;
  }

  async #reset(why: string): Promise<void> {
    await this.#memory.mark();
    this.#provisioned?.close();
    this.#provisioned = undefined;
    // What an agent knows it writes once more when it ends.
    await this.succession.pause();
    try {
      await this.#memory.forget();
      await this.inForce.forget();
      this.#told('warn', `factory reset ${why}: everything is forgotten`, 'Factory reset');
    } finally {
      // The telephone of before rather than none; what is left is forgotten at the next start.
      if (this.succession.current === undefined) await this.succession.apply(this.inForce.layers);
    }
  }

  async #start(): Promise<void> {
    const drops = this.#drops();
    const dropped = await drops?.look();
    for (const text of dropped?.warnings ?? []) this.#journal.log('warn', text);
    const isReset = dropped?.reset === true || this.#memory.isToBeForgotten;
    if (isReset) {
      await this.#memory.mark();
      await this.#memory.forget();
      const left = dropped?.reset === true ? await drops?.resetDone() : [];
      for (const text of left ?? []) this.#journal.log('warn', text);
    }
    await this.inForce.start();
    const { current, failure, control } = this.succession;
    if (current === undefined) throw failure ?? new CommandError('the telephone cannot start');
    control.subscribe((news) => {
      if (news === 'status') this.#look();
    });
    this.#look();
    void this.#space.look();
    if (isReset) this.#told('warn', 'factory reset: everything is forgotten', 'Factory reset');
    if (dropped?.refused !== undefined) this.#refuse(dropped.refused);
    if (drops !== undefined && dropped?.file !== undefined) await this.#takeDropped(drops, dropped.file);
  }

  /** The log has said it already; display and status say it too. */
  #refuse(reason: string): void {
    this.#refusedDrop = reason;
    this.succession.notice('Drop file refused');
  }

  /** A computer's own boot partition is none of a simulated telephone's business. */
  #drops(): DropDirectory | undefined {
    const own = this.board.driver === 'sim' ? undefined : DROP_DIRECTORY;
    const { drop = own } = this.#options;
    if (drop === undefined) return undefined;
    const read: ReadFile = async (octets) => {
      const { readProvisioned } = await import('#provisioning/formats/read_file.ts');
      return readProvisioned(octets);
    };
    return new DropDirectory(drop, read, this.store.folder);
  }

  /** What a person laid on the card. */
  async #takeDropped(drops: DropDirectory, file: DropFile): Promise<void> {
    const warn = (text: string): void => this.#journal.log('warn', text);
    warnOf(this.#journal.log, file.warnings);
    await this.inForce.offer({ layers: [file.layer], files: file.files, insisted: true });
    // What could not be kept stays where it is.
    const isKept = this.inForce.below.some(
      ({ origin, from }) => origin === 'drop file' && from === file.layer.from,
    );
    if (isKept) for (const text of await drops.applied(file)) warn(text);
  }

  /** Whether the configuration has proven itself. */
  #look(): void {
    const isRegistered = ({ state }: { readonly state: string }) => state === 'registered';
    if (!this.succession.isUpToDate) return;
    if (this.control.status().accounts.some(isRegistered)) void this.inForce.registered();
  }

  #goBy(config: Config): void {
    if (this.#stopping) return;
    const isOther = this.#boardName !== undefined && this.#boardName !== (config.board ?? '');
    if (isOther && this.#options.board === undefined)
      this.#journal.log('warn', '/board: another one counts from the next start of the telephone');
    this.#boardName = config.board ?? '';
    if (this.#options.board === undefined) tellSystem('board-wanted', this.#boardName);
    tellSystem('ports', openPorts(config));
    this.#fleet.goBy(config);
    this.#monitor(this.#monitors);
    this.configured();
    void this.#provision(config);
    void this.#update(config);
  }

  /** Nobody waits for it to make a call. */
  async #provision(config: Config): Promise<void> {
    const asked = { ...config, provisioning: await this.#askedOf(config) };
    if (this.#provisioned === undefined && asked.provisioning.mode === 'off') return;
    const { Provisioned } = await import('./provisioned.ts');
    if (this.#stopping) return;
    if (this.#provisioned !== undefined) {
      this.#provisioned.goBy(asked);
      return;
    }
    this.#provisioned = new Provisioned(
      {
        identity: this.#identity,
        store: this.store,
        inForce: this.inForce,
        idle: () => this.succession.idle(),
        lan: this.#lan,
        clockIsSet: () => this.#fleet.timeIsKnown,
        facts: (facts) => this.#fleet.named(facts),
        // The log has more of it than fits on the display.
        show: (text) => this.succession.notice(text),
        monitor: (uris) => this.#monitor(uris),
        changed: () => this.serverChanged(),
        log: this.#journal.log,
      },
      asked,
    );
  }

  /** Whichever agent is there. */
  #monitor(uris: readonly string[]): void {
    this.#monitors = uris;
    this.succession.current?.agent.monitor(uris);
  }

  /** Only where RAUC is: its code is not loaded elsewhere. */
  async #update(config: Config): Promise<void> {
    const rauc = new Rauc();
    if (!rauc.isThere) return;
    const { SYSTEM, Updates } = await import('./updates.ts');
    if (this.#stopping) return;
    if (this.#updates !== undefined) {
      this.#updates.goBy(config);
      return;
    }
    this.#updates = new Updates(
      {
        rauc,
        places: { ...SYSTEM, data: this.#options.data },
        identity: this.#identity,
        control: this.control,
        isIdle: () => this.succession.isIdle,
        clockIsSet: () => this.#fleet.timeIsKnown,
        show: (text) => this.succession.notice(text),
        log: this.#journal.log,
      },
      config,
    );
  }

  /** Whom to ask is said by who owns the telephone: a server that could say it might send us anywhere. */
  async #askedOf({ provisioning }: Config): Promise<Config['provisioning']> {
    const owners = this.inForce.layers.filter(({ origin }) => !origin.startsWith('server'));
    const { url: _url, user: _user, password: _password, pin: _pin, ...rest } = provisioning;
    const { url, user, password, pin } = (await settingsOf(owners)).config.provisioning;
    return {
      ...rest,
      ...(url === undefined ? {} : { url }),
      ...(user === undefined ? {} : { user }),
      ...(password === undefined ? {} : { password }),
      ...(pin === undefined ? {} : { pin }),
    };
  }

  #told(level: 'info' | 'warn', text: string, screen: string | undefined): void {
    this.#journal.log(level, text);
    if (screen !== undefined) this.succession.notice(screen);
  }
}
