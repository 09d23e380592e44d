/** The settings page as the configuration of the moment wants it: somewhere, elsewhere, or nowhere. */
import { hostname } from 'node:os';
import type { BootOptions } from '#cli/verb.ts';
import type { BoardProfile } from '#hal/boards/schema.ts';
import type { Config } from '#provisioning/schema.ts';
import { Turns } from '#provisioning/turns.ts';
import type { Admin } from '#web/admin/admin.ts';
import type { AdminSite } from '#web/admin/site.ts';
import type { AdminDesk } from './admin_desk.ts';
import type { Log } from './log.ts';
import type { RunningTelephone } from './running.ts';

/** Ports tried after a busy one at the start. */
const MORE_PORTS = 20;

export interface SettingsPageOptions {
  readonly data: BootOptions['data'];
  readonly telephone: RunningTelephone;
  readonly desk: AdminDesk;
  readonly pageDir: string;
  readonly log: Log;
}

type Site = Pick<AdminSite, 'handle'>;

/** While another one is opened. */
const AWAY: Site = {
  handle: async (_request, response) => {
    response.writeHead(503, { 'Retry-After': '1', 'Cache-Control': 'no-store' }).end();
  },
};

export class SettingsPage {
  readonly #options: SettingsPageOptions;
  readonly #turns = new Turns();
  #admin: Admin | undefined;

  private constructor(options: SettingsPageOptions) {
    this.#options = options;
  }

  /** Rejects with WebError where no port can be had. */
  static async open(options: SettingsPageOptions): Promise<SettingsPage> {
    const page = new SettingsPage(options);
    page.#admin = await page.#open();
    return page;
  }

  /** For the handset's server; undefined: switched off. */
  get site(): Site | undefined {
    const isOff = this.#admin === undefined && this.#wanted?.listen === 'off';
    return isOff ? undefined : (this.#admin?.site ?? AWAY);
  }

  /** Goes where the configuration wants it. Rejects with WebError where that cannot be had, and stays where it was. */
  follow(): Promise<void> {
    return this.#turns.take(() => this.#follow());
  }

  /** Closes, while `reset` forgets owner and certificate; then it is that of a new telephone. */
  around(reset: () => Promise<void>): Promise<void> {
    return this.#turns.take(async () => {
      const before = this.#admin;
      this.#admin = undefined;
      await before?.close();
      try {
        await reset();
      } finally {
        this.#options.desk.forget();
        this.#admin = await this.#open();
      }
    });
  }

  async close(): Promise<void> {
    await this.#turns.take(async () => this.#admin?.close());
  }

  get #wanted(): Config['admin'] | undefined {
    return this.#options.telephone.succession.config?.admin;
  }

  async #follow(): Promise<void> {
    const { log } = this.#options;
    const [admin, wanted] = [this.#admin, this.#wanted];
    if (wanted === undefined) return;
    const { listen, port } = wanted;
    if (admin === undefined) {
      this.#admin = await this.#open();
    } else if (listen === 'off') {
      this.#admin = undefined;
      log('info', 'the settings page is switched off');
      await admin.retire();
    } else {
      const { url } = admin;
      await admin.follow({ listen, port });
      if (admin.url !== url) log('info', `the settings page is at ${admin.url}`);
    }
  }

  /** Undefined: none is wanted. */
  async #open(): Promise<Admin | undefined> {
    const { data, telephone, desk, pageDir, log } = this.#options;
    const { board, control, succession } = telephone;
    const { config } = succession;
    if (config === undefined || config.admin.listen === 'off') return undefined;
    const { startAdmin } = await import('#web/admin/admin.ts');
    const admin = await startAdmin({
      control: desk,
      listen: config.admin.listen,
      port: config.admin.port,
      morePorts: MORE_PORTS,
      hasScreen: hasScreen(board),
      ...{ data, pageDir, log },
      name: config.name,
      names: () => {
        const { ipv4, ipv6 } = control.status().network;
        return { dnsNames: [hostname(), `${hostname()}.local`], addresses: [...ipv4, ...ipv6] };
      },
      metrics: { token: () => tokenOf(succession.config), text: () => control.metrics() },
    });
    log('info', `the settings page is at ${admin.url}`);
    return admin;
  }
}

/** Read from its file before. */
function tokenOf(config: Config | undefined): string | undefined {
  const token = config?.metrics.token;
  return typeof token === 'string' ? token : undefined;
}

function hasScreen(board: BoardProfile): boolean {
  return board.driver === 'linux' && board.parts.some(({ kind }) => kind.startsWith('display'));
}
