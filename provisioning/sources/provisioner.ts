/**
 * Where configurations come from, as one thing to hold: candidates go in, layers of a configuration come out, with what
 * was refused and who wants to be the server. Decisions are fetch/fetching.ts's; this carries them out.
 */
import type { Answer, FileRecord } from '#provisioning/fetch/attempt.ts';
import { Fetching } from '#provisioning/fetch/fetching.ts';
import type { ClockState, Pin } from '#provisioning/fetch/trust.ts';
import { hostIn } from '#provisioning/fetch/trust.ts';
import type { FetchEffect, FetchInput, Question, ServerChange, Standing } from '#provisioning/fetch/types.ts';
import { readProvisioned } from '#provisioning/formats/read_file.ts';
import type { Candidate, FileFormat } from '#provisioning/types.ts';
import { type Driven, drive } from './drive.ts';
import { type Fetched, type FetchOptions, fetchFile } from './https_fetch.ts';
import { fetchByTftp } from './tftp_fetch.ts';

/** From the configuration: `provisioning`, with secrets and files read. */
export interface ProvisioningSettings {
  readonly url?: string;
  /** Seconds. */
  readonly interval: number;
  readonly user?: string;
  readonly password?: string;
  readonly pin?: string;
  readonly allowHttp: boolean;
  readonly allowTftp: boolean;
  readonly compat: readonly FileFormat[];
}

/** `fetched`, `unchanged`, `answers-again`, `refused`, `server-change`: for the lifecycle, the log, the screen and the page. */
export type ProvisionerEvent = Exclude<FetchEffect, { kind: 'ask' | 'forget' }>;

export interface ProvisionerOptions
  extends Pick<
    FetchOptions,
    'identity' | 'random' | 'resolve' | 'onLink' | 'authorities' | 'clientCertificate'
  > {
  readonly settings: ProvisioningSettings;
  /** What the last `fetched` said, kept since. */
  readonly standing?: Standing;
  readonly on: (event: ProvisionerEvent) => void;
  /** Whether the time is known; default: the clock does not stand before this firmware was made. */
  readonly clockIsSet?: () => boolean;
}

/** No telephone with this firmware lives before it, ms since 1970. */
const MADE = Date.UTC(2026, 0, 1);
/** ms that the time is waited for, from the start on. */
const AWAITED = 60_000;
const NAMED = 'provisioning.url';

export class Provisioner {
  readonly #options: ProvisionerOptions;
  readonly #machine: Fetching;
  readonly #asking = new Map<number, AbortController>();
  /** Where hosts that answered were, as `host address`. */
  readonly #answered = new Set<string>();
  readonly #began = performance.now();
  /**
   * The address of the configuration that has done its work: whom it led to is pinned, and may have sent us on. Asked
   * ever again without that pin, whoever has its name by then would be believed at first use.
   */
  #spent: string | undefined;
  #started = false;
  /** What discovery found. */
  #found: readonly Candidate[] = [];
  readonly #driven: Driven<FetchInput>;

  constructor(options: ProvisionerOptions) {
    const { settings, standing, identity } = options;
    this.#spent = standing?.named;
    const { compat, user, interval, allowTftp } = settings;
    this.#options = options;
    this.#machine = new Fetching({
      ...{ identity, compat, interval, allowTftp, chance: () => this.#chance() },
      ...(user === undefined ? {} : { user }),
      ...(standing === undefined ? {} : { standing }),
    });
    this.#driven = drive(this.#machine, (effect) => this.#perform(effect));
  }

  /** Asks the pinned server, and the one that the configuration names. */
  start(): void {
    this.#started = true;
    this.candidates(this.#found);
    this.#driven.give({ kind: 'tick' });
  }

  /** All that discovery knows now, in any order. */
  candidates(found: readonly Candidate[]): void {
    this.#found = found;
    this.#driven.give({ kind: 'candidates', candidates: [...this.#named, ...found] });
  }

  /** What the configuration names. */
  get #named(): readonly Candidate[] {
    const { url } = this.#options.settings;
    if (!this.#started || url === undefined) return [];
    const isSpent = this.#address === this.#spent && URL.parse(url)?.host !== this.pin?.host;
    if (isSpent) return [];
    return [{ step: 'drop file', url, family: undefined, from: NAMED, order: 0 }];
  }

  /** check-sync. */
  resync(): void {
    this.#driven.give({ kind: 'resync' });
  }

  /** A person says that this host, named in a `server-change`, is the server now. */
  approve(host: string): void {
    this.#spent = this.#address;
    this.candidates(this.#found);
    this.#driven.give({ kind: 'approve', host });
  }

  /** What the server at this host gave was of no use: it is pinned no more, unless a person wanted it. */
  givenUp(host: string): void {
    this.#driven.give({ kind: 'given-up', host });
  }

  /** Other addresses, or the time is known. */
  networkChanged(): void {
    this.#driven.give({ kind: 'network-changed' });
  }

  /** Whose configuration we have; undefined: nobody's. */
  get pin(): Pin | undefined {
    return this.#machine.pin;
  }

  /** What is known of the files of our configuration. */
  get files(): readonly FileRecord[] {
    return this.#machine.files;
  }

  /** Who wants to be the server, and waits for a person. */
  get changes(): readonly ServerChange[] {
    return this.#machine.changes;
  }

  /** Whether the pinned server was found at this address: then it may say check-sync. */
  isServer(address: string): boolean {
    const { pin } = this;
    return pin !== undefined && this.#answered.has(`${pin.host} ${address}`);
  }

  close(): void {
    this.#driven.close();
    for (const asking of this.#asking.values()) asking.abort();
    this.#asking.clear();
  }

  #perform(effect: FetchEffect): void {
    switch (effect.kind) {
      case 'ask':
        void this.#ask(effect.ticket, effect.question);
        break;
      case 'forget':
        this.#asking.get(effect.ticket)?.abort();
        this.#asking.delete(effect.ticket);
        break;
      case 'fetched':
        this.#options.on({ ...effect, standing: this.#remembering(effect) });
        // Whom we left is not asked again.
        this.candidates(this.#found);
        break;
      default:
        this.#options.on(effect);
    }
  }

  /** `provisioning.url` without user and password. */
  get #address(): string | undefined {
    return this.#options.settings.url?.replace(/\/\/[^/@]*@/, '//');
  }

  #remembering({ from, standing }: Extract<FetchEffect, { kind: 'fetched' }>): Standing {
    if (from === NAMED || standing.url === this.#address) this.#spent = this.#address;
    return this.#spent === undefined ? standing : { ...standing, named: this.#spent };
  }

  async #ask(ticket: number, question: Question): Promise<void> {
    const cancel = new AbortController();
    this.#asking.set(ticket, cancel);
    const answer = await this.#answer({ ...question, login: this.#loginFor(question) }, cancel.signal);
    if (!this.#asking.delete(ticket)) return;
    this.#driven.give({ kind: 'answer', ticket, answer });
  }

  async #answer(question: Question, cancel: AbortSignal): Promise<Answer> {
    const { settings } = this.#options;
    const options = {
      ...this.#options,
      allowHttp: settings.allowHttp,
      clock: () => this.#clock(),
      ...(settings.pin === undefined ? {} : { requiredPin: settings.pin }),
    };
    const fetch = question.url.startsWith('tftp:') ? fetchByTftp : fetchFile;
    const fetched = await fetch(question, options, cancel);
    if ('address' in fetched) this.#answered.add(`${hostIn(question.url)} ${fetched.address}`);
    return fetched.kind === 'content' ? contentOf(fetched, question.common) : fetched;
  }

  /** The configuration's user and password are for the server that it names, and for the one that is pinned. */
  #loginFor({ url, login, pin }: Question): Question['login'] {
    const { url: own, user, password } = this.#options.settings;
    if (login !== undefined) return login;
    const named = own === undefined ? null : URL.parse(own);
    // By http whoever is on the way could ask for it in the name of a server of https.
    const isAsNamed = named?.protocol !== 'https:' || url.startsWith('https:');
    const isMeant = hostIn(url) === pin?.host || (hostIn(url) === named?.host && isAsNamed);
    return isMeant && user !== undefined ? { user, password: password ?? '' } : undefined;
  }

  #clock(): ClockState {
    const isSet = this.#options.clockIsSet?.() ?? Date.now() >= MADE;
    if (isSet) return 'known';
    return performance.now() - this.#began < AWAITED ? 'awaited' : 'absent';
  }

  #chance(): number {
    return Number.parseInt(this.#options.random().slice(0, 8), 16) / 0x1_0000_0000;
  }
}

async function contentOf(
  fetched: Extract<Fetched, { kind: 'content' }>,
  common: readonly Uint8Array[],
): Promise<Answer> {
  const read = await readProvisioned(fetched.octets, ...common);
  if ('error' in read) return { kind: 'failed', failure: { kind: 'unusable', error: read.error } };
  const { etag, lastModified, shown, maxAge, upgraded, monitor } = fetched;
  return {
    kind: 'content',
    content: {
      ...read,
      ...{ octets: fetched.octets, upgraded },
      validators: {
        ...(etag === undefined ? {} : { etag }),
        ...(lastModified === undefined ? {} : { lastModified }),
      },
      ...(shown === undefined ? {} : { shown }),
      ...(maxAge === undefined ? {} : { maxAge }),
      ...(monitor === undefined ? {} : { monitor }),
    },
  };
}
