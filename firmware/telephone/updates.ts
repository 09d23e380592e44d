/** Carries out what the machine of updates wants (firmware/update/updater.ts): RAUC, the channel over HTTPS, the folder. */
import { randomBytes, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import type { Control, UpdateDesk, UpdateStatus } from '#phone/types.ts';
import type { DeviceIdentity } from '#provisioning/identity.ts';
import type { Config } from '#provisioning/schema.ts';
import { type Fetched, type FetchOptions, fetchFile } from '#provisioning/sources/https_fetch.ts';
import type { Bundle, UpdateEffect, UpdateInput } from '#update/types.ts';
import { shown, Updater } from '#update/updater.ts';
import type { Log } from './log.ts';
import type { Outcome, Rauc } from './rauc.ts';
import { type Authorities, authoritiesWith } from './update_authorities.ts';
import { UpdateFolder } from './update_folder.ts';

/** ms */
const FOLDER = 15_000;
/** ms until RAUC is asked for the slots again, where it did not answer. */
const ASK_AGAIN = 60_000;
/** ms: the longest timer that Node has. */
const LONGEST = 2 ** 31 - 1;

const NO_URL = 'update.url says no address to ask';
// RAUC would take http too, and a path below a directory of its own.
const NO_SOURCE = 'a bundle is a file by its whole path, or a URL that begins with https:';
const INSTALLED = 'a bundle is installed already and waits to be started: then the next one may come';
const STARTING = 'RAUC has not said yet which slot runs: see the log';

export interface UpdatesPlaces {
  readonly data: string;
  readonly release: string;
  readonly certificate: string;
  /** Made to start the system anew (dualtone-restart.path). */
  readonly restart: string;
  /** Made of the authorities that vouch for servers, for RAUC. */
  readonly authorities: string;
}

export const SYSTEM: Omit<UpdatesPlaces, 'data'> = {
  release: '/etc/os-release',
  certificate: '/usr/share/dualtone/update.crt',
  restart: '/run/dualtone/restart',
  authorities: '/run/dualtone/authorities.pem',
};

export interface UpdatesOptions {
  readonly rauc: Rauc;
  readonly places: UpdatesPlaces;
  readonly identity: DeviceIdentity;
  readonly control: Control;
  /** Whether nobody uses the telephone. */
  readonly isIdle: () => boolean;
  readonly clockIsSet: () => boolean;
  /** For the display: at most 20 characters. */
  readonly show: (text: string) => void;
  readonly log: Log;
  /** ms between looks into the folder. */
  readonly folderPause?: number;
  /** ms of a clock that never goes back. */
  readonly now?: () => number;
}

export class Updates implements UpdateDesk {
  readonly #options: UpdatesOptions;
  readonly #folder: UpdateFolder;
  readonly #machine: Updater;
  readonly #ended = new AbortController();
  readonly #unsubscribe: () => void;
  readonly #looks: NodeJS.Timeout;
  #timer: NodeJS.Timeout | undefined;
  #answered: (() => void)[] = [];
  #url: string | undefined;
  #authorities: Authorities | undefined;
  #isLooking = false;

  constructor(options: UpdatesOptions, config: Config) {
    const { places, control } = options;
    this.#options = options;
    this.#folder = new UpdateFolder(places.data);
    this.#folder.prepare();
    this.#machine = new Updater({
      version: versionOf(places.release, options.identity.version),
      development: isDevelopment(places.certificate),
      random: Math.random,
    });
    this.#unsubscribe = control.subscribe((news) => {
      if (typeof news === 'string') this.#look();
    });
    this.#looks = setInterval(() => void this.#lookIntoFolder(), options.folderPause ?? FOLDER);
    this.goBy(config);
    this.#look();
    void this.#ask();
  }

  get status(): UpdateStatus | undefined {
    return this.#machine.status;
  }

  goBy({ update: { mode, channel, url }, net: { tlsCa } }: Config): void {
    this.#url = url;
    this.#authorities = this.#believe(tlsCa);
    this.#hear({ kind: 'configured', wanted: { mode, channel, ...(url === undefined ? {} : { url }) } });
  }

  async check(): Promise<UpdateStatus> {
    if (this.#url === undefined) throw new Error(NO_URL);
    this.#statusOrReason();
    await new Promise<void>((resolve) => {
      this.#answered.push(resolve);
      this.#hear({ kind: 'check' });
    });
    return this.#statusOrReason();
  }

  async install(bundle: Bundle): Promise<UpdateStatus> {
    if (this.#statusOrReason().waiting === 'restart') throw new Error(INSTALLED);
    if (!isAbsolute(bundle.source) && !/^https:\/\//i.test(bundle.source)) throw new Error(NO_SOURCE);
    this.#hear({ kind: 'install', bundle });
    return this.#statusOrReason();
  }

  /** An installation goes on without us: RAUC does it. */
  close(): void {
    this.#ended.abort();
    this.#unsubscribe();
    clearInterval(this.#looks);
    clearTimeout(this.#timer);
    this.#tellAnswered();
  }

  #statusOrReason(): UpdateStatus {
    const { status } = this.#machine;
    if (status === undefined) throw new Error(STARTING);
    return status;
  }

  #hear(input: UpdateInput): void {
    if (this.#ended.signal.aborted) return;
    const now = this.#options.now ?? (() => performance.now());
    const effects = this.#machine.handle(input, now());
    for (const effect of effects) this.#do(effect);
    clearTimeout(this.#timer);
    const { deadline } = this.#machine;
    if (deadline === Number.POSITIVE_INFINITY) return;
    const ms = Math.min(Math.max(deadline - now(), 0), LONGEST);
    this.#timer = setTimeout(() => this.#hear({ kind: 'tick' }), ms);
  }

  #do(effect: UpdateEffect): void {
    const { log, show, rauc, places } = this.#options;
    switch (effect.kind) {
      case 'tell':
        log(effect.level, `update: ${effect.text}`);
        if (effect.screen !== undefined) show(effect.screen);
        return;
      case 'ask':
        void this.#ask();
        return;
      case 'mark':
        rauc.mark().then(
          () => this.#hear({ kind: 'marked' }),
          (error) => this.#hear({ kind: 'not marked', reason: wordsOf(error) }),
        );
        return;
      case 'install':
        this.#install(effect.bundle).then(
          (kind) => this.#hear({ kind }),
          (error) => this.#hear({ kind: 'refused', reason: wordsOf(error) }),
        );
        return;
      case 'look':
        void this.#fetch(effect.url);
        return;
      case 'remove':
        void this.#folder.remove(effect.path);
        return;
      case 'restart':
        writeFile(places.restart, '').catch((error) =>
          this.#hear({ kind: 'not started', reason: wordsOf(error) }),
        );
    }
  }

  #install(bundle: Bundle): Promise<Outcome> {
    const progress = (percent: number): void => this.#hear({ kind: 'progress', percent });
    return this.#options.rauc.install(bundle, progress, this.#ended.signal, this.#authorities?.file);
  }

  /** Undefined: those of the system are all. */
  #believe(tlsCa: string | undefined): Authorities | undefined {
    if (tlsCa === undefined) return undefined;
    try {
      return authoritiesWith(tlsCa, this.#options.places.authorities);
    } catch (error) {
      this.#options.log('warn', `update: net.tlsCa does not count: ${wordsOf(error)}`);
      return undefined;
    }
  }

  /** What the telephone is about. */
  #look(): void {
    const { control, isIdle } = this.#options;
    this.#hear({ kind: 'idle', idle: isIdle() });
    const { accounts, network, extension } = control.status();
    const hasAddress = network.ipv4.length + network.ipv6.length > 0;
    // Without an account it serves when it has claimed its extension among its neighbours.
    const serves =
      accounts.length > 0
        ? accounts.some(({ state }) => state === 'registered')
        : hasAddress && extension !== '';
    if (serves) this.#hear({ kind: 'serves' });
  }

  /** One look after the other. */
  async #lookIntoFolder(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    for (const bundle of await this.#folder.look()) this.#hear({ kind: 'laid', bundle });
    this.#isLooking = false;
  }

  async #ask(): Promise<void> {
    try {
      this.#hear({ kind: 'slots', slots: await this.#options.rauc.slots() });
    } catch (error) {
      if (this.#ended.signal.aborted) return;
      this.#options.log('warn', `update: ${wordsOf(error)}`);
      setTimeout(() => void this.#ask(), ASK_AGAIN).unref();
    }
  }

  async #fetch(url: string): Promise<void> {
    const { identity, clockIsSet } = this.#options;
    const authorities = this.#authorities?.own;
    const options: FetchOptions = {
      ...{ identity, allowHttp: false, clock: () => (clockIsSet() ? 'known' : 'awaited') },
      random: () => randomBytes(16).toString('hex'),
      ...(authorities === undefined ? {} : { authorities }),
    };
    const nothing = { validators: undefined, login: undefined, domain: undefined, pin: undefined };
    const fetched = await fetchFile(
      { ...nothing, url, firstUse: false, common: [] },
      options,
      this.#ended.signal,
    );
    if (fetched.kind === 'content')
      this.#hear({ kind: 'manifest', octets: fetched.octets, from: fetched.url });
    else this.#hear({ kind: 'no manifest', reason: `${shown(url)}: ${whyNot(fetched)}` });
    this.#tellAnswered();
  }

  #tellAnswered(): void {
    const answered = this.#answered;
    this.#answered = [];
    for (const tell of answered) tell();
  }
}

function whyNot(fetched: Exclude<Fetched, { kind: 'content' }>): string {
  switch (fetched.kind) {
    case 'absent':
    case 'unchanged':
      return 'there is no such file';
    case 'unproved':
      return 'no authority vouches for the server';
    case 'changed':
      return fetched.reason;
    case 'failed': {
      const { failure } = fetched;
      return 'error' in failure
        ? failure.error
        : 'status' in failure
          ? `status ${failure.status}`
          : failure.kind;
    }
  }
}

/** os-release(5): of the image; without one it is the telephone's own. */
function versionOf(release: string, own: string): string {
  try {
    return /^IMAGE_VERSION="?([^"\n]+)"?$/m.exec(readFileSync(release, 'utf8'))?.[1] ?? own;
  } catch {
    return own;
  }
}

/** Made by a builder who had no key (image/build). */
function isDevelopment(certificate: string): boolean {
  try {
    return /^CN=Dualtone development/m.test(new X509Certificate(readFileSync(certificate)).subject);
  } catch {
    return false;
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
