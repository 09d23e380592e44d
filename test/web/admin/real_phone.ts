/** A real telephone behind the admin page: its agent registers, and is another one after each change that is saved. */
import type { ExecutionContext } from 'ava';
import { ControlSwitch } from '#agent/control_switch.ts';
import { mergeLayers } from '#provisioning/layers.ts';
import { LocalEditor } from '#provisioning/local_editor.ts';
import type { Mapping } from '#provisioning/schema_shape.ts';
import type { AdminControl, AdminNews, ShownPin } from '#web/admin/types.ts';
import { type Running, running } from '../../agent/running_agent.ts';

export class RealPhone implements AdminControl {
  readonly #t: Pick<ExecutionContext, 'teardown'>;
  readonly #port: number;
  readonly #listeners = new Set<(news: AdminNews) => void>();
  readonly #editor: LocalEditor;
  #running: Running;
  readonly #switch: ControlSwitch;
  #local: Mapping = {};
  shown: ShownPin | undefined;

  private constructor(t: Pick<ExecutionContext, 'teardown'>, port: number, first: Running) {
    this.#t = t;
    this.#port = port;
    this.#running = first;
    this.#switch = new ControlSwitch(first.agent.control);
    this.#editor = new LocalEditor({
      below: () => [],
      read: async () => this.#local,
      write: (local) => this.#restart(local),
      run: 'real',
    });
  }

  static async start(t: Pick<ExecutionContext, 'teardown'>, port: number): Promise<RealPhone> {
    return new RealPhone(t, port, await running(t, port));
  }

  async #restart(local: Mapping): Promise<void> {
    this.#local = local;
    await this.#running.agent.stop();
    const { config } = mergeLayers([{ origin: 'local', from: 'here', value: local }]);
    this.#running = await running(this.#t, this.#port, { accounts: config.accounts });
    this.#switch.turnTo(this.#running.agent.control);
    for (const listener of this.#listeners) listener({ kind: 'config' });
  }

  status() {
    return this.#switch.status();
  }

  neighbours() {
    return [];
  }

  server() {
    return { changes: [] };
  }

  approveServer(): void {}

  acceptNeighbour(): void {}

  factoryReset(): void {}

  trace() {
    return this.#switch.trace();
  }

  log() {
    return [];
  }

  subscribe(listener: (news: AdminNews) => void): () => void {
    this.#listeners.add(listener);
    const end = this.#switch.subscribe((news) => {
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

  saveConfig(...change: Parameters<AdminControl['saveConfig']>) {
    return this.#editor.save(...change);
  }

  async selftest() {
    return { lines: [], failures: [] };
  }

  showPin(shown: ShownPin | undefined): void {
    this.shown = shown;
  }
}
