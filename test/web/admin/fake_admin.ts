/** A telephone as the admin page sees it: status, trace and log are the test's, configuration is edited for real. */

import type { TraceEntry } from '#phone/types.ts';
import { LocalEditor } from '#provisioning/local_editor.ts';
import type { Mapping } from '#provisioning/schema_shape.ts';
import type { Layer } from '#provisioning/types.ts';
import type {
  AdminControl,
  AdminNews,
  LogLine,
  NeighbourStatus,
  SelftestResult,
  ServerReport,
  ShownPin,
} from '#web/admin/types.ts';
import { FakeControl } from '../fake_control.ts';

/** What a server said: one account with a password that nobody may see. */
export const SERVED: Layer = {
  origin: 'server device',
  from: 'https://pbx.example.test/204.yaml',
  value: {
    name: 'Kitchen',
    accounts: [{ user: 'alice', domain: 'pbx.example.test', password: 'top-s3cret-of-alice' }],
    metrics: { token: 'top-s3cret-token' },
  },
};

export class FakeAdmin implements AdminControl {
  readonly phone = new FakeControl();
  readonly shown: (ShownPin | undefined)[] = [];
  neighbour: NeighbourStatus = {
    key: 'workshop 5060',
    name: 'Workshop',
    extension: '207',
    addresses: [
      { family: 'ipv6', text: '[2001:db8::27]:5060' },
      { family: 'ipv4', text: '192.0.2.27:5060' },
    ],
    trust: 'the key of its first contact',
    fresh: true,
  };
  readonly lines: LogLine[] = [];
  report: ServerReport = {
    server: 'pbx.example.test',
    changes: [{ host: 'rogue.example.test', from: 'DHCPv4 option 66 on eth0', reason: 'another name' }],
  };
  readonly approved: string[] = [];
  local: Mapping = {};
  /** The reason why no selftest can be run now. */
  busy: string | undefined;
  /** The reason why nothing can be kept. */
  full: string | undefined;
  tested = 0;
  resets = 0;
  readonly #listeners = new Set<(news: AdminNews) => void>();
  readonly #editor = new LocalEditor({
    below: () => [SERVED],
    read: async () => this.local,
    write: async (local) => {
      if (this.full !== undefined) throw new Error(this.full);
      this.local = local;
    },
    run: 'test',
  });

  status() {
    return this.phone.status();
  }

  neighbours(): readonly NeighbourStatus[] {
    return [this.neighbour];
  }

  server(): ServerReport {
    return this.report;
  }

  approveServer(host: string): void {
    if (!this.report.changes.some((change) => change.host === host))
      throw new Error('Nobody of that name asked.');
    this.approved.push(host);
    this.report = { server: host, changes: [] };
    this.tell({ kind: 'server' });
  }

  acceptNeighbour(key: string, fp: string | undefined): void {
    const { changed, ...neighbour } = this.neighbour;
    if (neighbour.key !== key || changed === undefined || changed.fp !== fp)
      throw new Error('It shows another key by now.');
    this.neighbour = neighbour;
    this.tell({ kind: 'neighbours' });
  }

  factoryReset(): void {
    this.resets += 1;
  }

  trace(): readonly TraceEntry[] {
    return this.phone.trace();
  }

  log(): readonly LogLine[] {
    return this.lines;
  }

  say(line: Omit<LogLine, 'time'>): void {
    const whole = { time: Date.UTC(2026, 10, 20, 9, 31), ...line };
    this.lines.push(whole);
    this.tell({ kind: 'log', line: whole });
  }

  tell(news: AdminNews): void {
    for (const listener of this.#listeners) listener(news);
  }

  subscribe(listener: (news: AdminNews) => void): () => void {
    this.#listeners.add(listener);
    const end = this.phone.subscribe((news) => {
      if (news === 'status') listener({ kind: 'status' });
      else if (news !== 'front') listener({ kind: 'trace', entry: news });
    });
    return () => {
      this.#listeners.delete(listener);
      end();
    };
  }

  config() {
    return this.#editor.view();
  }

  checkConfig(text: string) {
    return this.#editor.check(text);
  }

  async saveConfig(...change: Parameters<AdminControl['saveConfig']>) {
    const saved = await this.#editor.save(...change);
    if (saved.kind === 'saved') this.tell({ kind: 'config' });
    return saved;
  }

  async selftest(): Promise<SelftestResult> {
    if (this.busy !== undefined) throw new Error(this.busy);
    this.tested += 1;
    return { lines: ['board desk', '  ok      keypad'], failures: ['display: no answer at 0x3c'] };
  }

  showPin(shown: ShownPin | undefined): void {
    this.shown.push(shown);
  }

  /** The PIN that stands on the telephone's screen. */
  get pin(): string {
    return this.shown.at(-1)?.pin ?? '';
  }
}
