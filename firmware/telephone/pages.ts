/** The handset in the browser. It comes after the telephone: nobody waits for it to make a call. */
import { existsSync } from 'node:fs';
import type { BootOptions } from '#cli/verb.ts';
import type { Control } from '#phone/types.ts';
import type { Log } from './log.ts';

/** Where Vite puts the page: next to the bundle, or in a checkout's dist. */
const PAGE = ['./page', '../../dist/page'].map((path) => new URL(path, import.meta.url).pathname);
/** Ports tried after a busy one, where the user named none. */
const MORE_PORTS = 20;

export async function openPage({ http }: BootOptions, control: Control, interactive: boolean, log: Log) {
  if (http === undefined) return undefined;
  const pageDir = PAGE.find((path) => existsSync(path));
  if (pageDir === undefined) {
    log('warn', 'the page is not built: there is none ("npm run build" makes it)');
    return undefined;
  }
  const { startWeb } = await import('#web/server.ts');
  const { WebError } = await import('#web/errors.ts');
  for (let { host, port } = http; ; port++) {
    try {
      const web = await startWeb({ control, http: { host, port }, pageDir });
      log('info', `the handset is at ${web.url}`);
      if (interactive)
        log('info', 'lift it with Space and dial *41# for the echo test; Ctrl-C ends the phone');
      return web;
    } catch (error) {
      const busy = error instanceof WebError && error.code === 'address-in-use';
      if (!busy || http.given || port >= http.port + MORE_PORTS) throw error;
    }
  }
}
