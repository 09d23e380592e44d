/** The pages: the handset in the browser, and the settings. They come after the telephone: nobody waits for them to make a call. */
import { existsSync } from 'node:fs';
import { randomToken } from '#agent/random.ts';
import type { BootOptions } from '#cli/verb.ts';
import { whyOf } from '#cli/why.ts';
import { AdminDesk } from './admin_desk.ts';
import type { Journal, Log } from './log.ts';
import type { RunningTelephone } from './running.ts';
import { SettingsPage } from './settings_page.ts';

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
  const settings = await SettingsPage.open({ data: options.data, telephone, desk, pageDir, log });
  const handset = await openHandset(options.http, telephone, settings, pageDir, log).catch(
    async (error: unknown) => {
      // Who asked for an address that cannot be had gets neither page, and the telephone can end.
      await settings.close();
      throw error;
    },
  );
  return {
    configured: () => {
      desk.configured();
      void settings.follow().catch((error) => log('warn', whyOf(error)));
    },
    serverChanged: () => desk.serverChanged(),
    around: (reset) => settings.around(reset),
    close: async () => {
      await Promise.all([settings.close(), handset?.close()]);
    },
  };
}

/** On a board its hands are real: the handset in the page is for the simulated one, or for who asks for it. */
async function openHandset(
  http: NonNullable<BootOptions['http']>,
  { board, control }: RunningTelephone,
  settings: SettingsPage,
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
      const web = await startWeb({
        ...{ control, http: { host, port }, pageDir },
        get admin() {
          return settings.site;
        },
      });
      log('info', `the handset is at ${web.url}`);
      return web;
    } catch (error) {
      const busy = error instanceof WebError && error.code === 'address-in-use';
      if (!busy || http.given || port >= http.port + MORE_PORTS) throw error;
    }
  }
}
