/** The pages: the handset in the browser, and the settings. They come after the telephone: nobody waits for them to make a call. */
import { existsSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { hostname } from 'node:os';
import { randomToken } from '#agent/random.ts';
import type { BootOptions } from '#cli/verb.ts';
import type { BoardProfile } from '#hal/boards/schema.ts';
import type { Config } from '#provisioning/schema.ts';
import type { Admin } from '#web/admin/admin.ts';
import type { AdminSite } from '#web/admin/site.ts';
import { AdminDesk } from './admin_desk.ts';
import type { Journal, Log } from './log.ts';
import type { RunningTelephone } from './running.ts';

/** Where Vite puts the page: next to the bundle, or in a checkout's dist. */
const PAGE = ['./page', '../../dist/page'].map((path) => new URL(path, import.meta.url).pathname);
/** Ports tried after a busy one, where the user named none. */
const MORE_PORTS = 20;

export interface Pages {
  /** Another configuration is in force. */
  configured(): void;
  /** Who gives the configuration, or wants to, is another. */
  serverChanged(): void;
  /** Closes administration, which keeps an owner and a certificate, while `reset` forgets them; then it is that of a new telephone. */
  around(reset: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/** Undefined: none is wanted, or none is built. */
export async function openPages(
  options: BootOptions,
  telephone: RunningTelephone,
  journal: Journal,
  tell: (text: string) => void,
): Promise<Pages | undefined> {
  const { log } = journal;
  if (options.http === undefined) return undefined;
  const pageDir = PAGE.find((path) => existsSync(path));
  if (pageDir === undefined) {
    log('warn', 'the page is not built: there is none ("npm run build" makes it)');
    return undefined;
  }
  const desk = new AdminDesk(telephone, journal, randomToken(), tell);
  const open = () => openAdmin(options, telephone, desk, pageDir, log);
  let admin = await open();
  const site: Pick<AdminSite, 'handle'> = {
    handle: async (...visit) => (admin === undefined ? away(visit[1]) : admin.site.handle(...visit)),
  };
  const handset = await openHandset(options.http, telephone, admin && site, pageDir, log).catch(
    async (error: unknown) => {
      // Who asked for an address that cannot be had gets neither page, and the telephone can end.
      await admin?.close();
      throw error;
    },
  );
  return {
    configured: () => desk.configured(),
    serverChanged: () => desk.serverChanged(),
    around: async (reset) => {
      const before = admin;
      admin = undefined;
      await before?.close();
      try {
        await reset();
      } finally {
        desk.forget();
        admin = await open();
      }
    },
    close: async () => {
      await Promise.all([admin?.close(), handset?.close()]);
    },
  };
}

function away(response: ServerResponse): void {
  response.writeHead(503, { 'Retry-After': '1', 'Cache-Control': 'no-store' }).end();
}

async function openAdmin(
  options: BootOptions,
  { board, control, succession }: RunningTelephone,
  desk: AdminDesk,
  pageDir: string,
  log: Log,
): Promise<Admin | undefined> {
  const { config } = succession;
  if (config === undefined || config.admin.listen === 'off') return undefined;
  const { startAdmin } = await import('#web/admin/admin.ts');
  const admin = await startAdmin({
    control: desk,
    listen: config.admin.listen,
    port: config.admin.port,
    morePorts: MORE_PORTS,
    hasScreen: hasScreen(board),
    data: options.data,
    pageDir,
    name: config.name,
    names: () => {
      const { ipv4, ipv6 } = control.status().network;
      return { dnsNames: [hostname(), `${hostname()}.local`], addresses: [...ipv4, ...ipv6] };
    },
    metrics: { token: () => tokenOf(succession.config), text: () => control.metrics() },
    log,
  });
  log('info', `the settings page is at ${admin.url}`);
  return admin;
}

/** Read from its file before. */
function tokenOf(config: Config | undefined): string | undefined {
  const token = config?.metrics.token;
  return typeof token === 'string' ? token : undefined;
}

/** On a board its hands are real: the handset in the page is for the simulated one, or for who asks for it. */
async function openHandset(
  http: NonNullable<BootOptions['http']>,
  { board, control }: RunningTelephone,
  admin: Pick<AdminSite, 'handle'> | undefined,
  pageDir: string,
  log: Log,
) {
  if (board.driver !== 'sim' && !http.given) return undefined;
  const [{ startWeb }, { WebError }] = await Promise.all([
    import('#web/server.ts'),
    import('#web/errors.ts'),
  ]);
  for (let { host, port } = http; ; port++) {
    try {
      const site = admin && { admin };
      const web = await startWeb({ control, http: { host, port }, pageDir, ...site });
      log('info', `the handset is at ${web.url}`);
      return web;
    } catch (error) {
      const busy = error instanceof WebError && error.code === 'address-in-use';
      if (!busy || http.given || port >= http.port + MORE_PORTS) throw error;
    }
  }
}

function hasScreen(board: BoardProfile): boolean {
  return board.driver === 'linux' && board.parts.some(({ kind }) => kind.startsWith('display'));
}
