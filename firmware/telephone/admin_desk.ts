/** What the admin page sees and does, at the telephone that runs. */
import { isIPv6 } from 'node:net';
import type { PartStatus } from '#hal/types.ts';
import type { Control, NeighbourStatus as Neighbour } from '#phone/types.ts';
import { LocalEditor } from '#provisioning/local_editor.ts';
import { LogMemory } from '#web/admin/log_memory.ts';
import type {
  AdminControl,
  AdminNews,
  NeighbourStatus,
  SelftestResult,
  ServerReport,
  ShownPin,
} from '#web/admin/types.ts';
import type { Journal } from './log.ts';
import type { RunningTelephone } from './running.ts';

const TRUST: Readonly<Record<Neighbour['trust'], string>> = {
  open: 'shows no key',
  pinned: 'the key of its first contact',
  changed: 'another key than before: it can neither ring nor be called',
};

/** ms */
const ANSWERED = 300;
/** ms: a bell that rings at the press of a button shall not ring all day. */
const TESTED_EVERY = 10_000;

export class AdminDesk implements AdminControl {
  readonly #telephone: RunningTelephone;
  readonly #memory = new LogMemory();
  readonly #editor: LocalEditor;
  readonly #listeners = new Set<(news: AdminNews) => void>();
  /** To who started the telephone, and sits before it. */
  readonly #tell: (text: string) => void;
  #neighbours = '';
  /** When a self-test ended last. */
  #tested = Number.NEGATIVE_INFINITY;

  constructor(telephone: RunningTelephone, journal: Journal, run: string, tell: (text: string) => void) {
    this.#telephone = telephone;
    this.#tell = tell;
    const { inForce, store } = telephone;
    this.#editor = new LocalEditor({
      below: () => inForce.below,
      read: async () => store.local,
      write: (local) => inForce.changeLocal(local),
      run,
    });
    journal.also((level, text) => {
      if (level !== 'debug') this.#memory.add(level, text, telephone.time());
    });
    this.#memory.subscribe((line) => this.#news({ kind: 'log', line }));
    this.control.subscribe((news) => {
      if (news === 'status') this.#statusChanged();
      else if (news !== 'front') this.#news({ kind: 'trace', entry: news });
    });
  }

  get control(): Control {
    return this.#telephone.control;
  }

  /** Another configuration is in force. */
  configured(): void {
    this.#editor.outdate();
    this.#news({ kind: 'config' });
  }

  status() {
    return this.control.status();
  }

  neighbours(): readonly NeighbourStatus[] {
    return this.status().neighbours.map(({ key, name, extension, addresses, trust, fresh, fp }) => ({
      ...{ key, name, extension, trust: TRUST[trust], fresh },
      ...(trust === 'changed' && fresh ? { changed: fp === undefined ? {} : { fp } } : {}),
      addresses: addresses.map((text) => ({
        family: isIPv6(text.replace(/%.*$/, '')) ? ('ipv6' as const) : ('ipv4' as const),
        text,
      })),
    }));
  }

  acceptNeighbour(key: string, fp: string | undefined): void {
    const { current } = this.#telephone.succession;
    if (current === undefined) throw new Error('The telephone is starting: try again in a second.');
    current.agent.acceptNeighbour(key, fp);
    this.#news({ kind: 'neighbours' });
  }

  server(): ServerReport {
    return this.#telephone.provisioned?.report ?? { changes: [] };
  }

  approveServer(host: string): void {
    const { provisioned } = this.#telephone;
    const isOffered = provisioned?.report.changes.some((change) => change.host === host) === true;
    if (!isOffered) throw new Error(`${host} does not wait to be our server`);
    provisioned?.approve(host);
    this.serverChanged();
  }

  /** Who gives us our configuration, or wants to, is another. */
  serverChanged(): void {
    this.#news({ kind: 'server' });
  }

  /** When who asked for it has its answer. */
  factoryReset(): void {
    setTimeout(() => void this.#telephone.reset('by its page'), ANSWERED).unref();
  }

  /** Nothing of what was told so far is told to the next owner. */
  forget(): void {
    this.#memory.forget();
    this.#neighbours = '';
  }

  trace() {
    return this.control.trace();
  }

  log() {
    return this.#memory.lines();
  }

  subscribe(listener: (news: AdminNews) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  config() {
    return this.#editor.view();
  }

  checkConfig(text: string) {
    return this.#editor.check(text);
  }

  saveConfig(...change: Parameters<AdminControl['saveConfig']>) {
    return this.#editor.save(...change);
  }

  /** What can be tried beside the telephone that serves this page, which keeps its lines. */
  async selftest(): Promise<SelftestResult> {
    const { current } = this.#telephone.succession;
    if (current === undefined) throw new Error('the telephone is starting: try again in a second');
    const wait = this.#tested + TESTED_EVERY - performance.now();
    if (wait > 0) throw new Error(`it has just been run: try again in ${Math.ceil(wait / 1000)} s`);
    const parts = await current.agent.selftest();
    this.#tested = performance.now();
    return selftestResult(parts);
  }

  showPin(shown: ShownPin | undefined): void {
    const { current } = this.#telephone.succession;
    if (shown === undefined) current?.agent.notice('');
    else {
      current?.agent.notice(`PIN ${shown.pin}`, shown.until - Date.now());
      this.#tell(`the PIN of the settings page is ${shown.pin}`);
      if (shown.fingerprint !== undefined)
        this.#tell(`the fingerprint of its certificate is ${shown.fingerprint}`);
    }
  }

  #statusChanged(): void {
    this.#news({ kind: 'status' });
    const neighbours = JSON.stringify(this.status().neighbours);
    if (neighbours !== this.#neighbours) this.#news({ kind: 'neighbours' });
    this.#neighbours = neighbours;
  }

  #news(news: AdminNews): void {
    for (const listener of [...this.#listeners]) listener(news);
  }
}

function selftestResult(parts: readonly PartStatus[]): SelftestResult {
  const failed = parts.filter(({ state }) => state === 'failed');
  return {
    lines: [
      'tried: every lamp and the display for 2 s, the bell for 1 s, a tone on the loudspeaker for 1 s',
      ...parts.map(({ part, state, driver, note }) =>
        [`${part}: ${state}`, driver, note].filter((text) => text !== '').join(', '),
      ),
    ],
    failures: failed.map(({ part, note }) => `${part}: ${note}`),
  };
}
