/** A running telephone, from the first log line to the last: the composition root's own loop. */
import { serviceOf } from '#agent/service.ts';
import { startControlServer } from '#cli/control_server.ts';
import { controlSocket, prepareDataDir } from '#cli/data_dir.ts';
import type { BootOptions, Terminal } from '#cli/verb.ts';
import type { Control } from '#phone/types.ts';
import { Journal } from './log.ts';
import { openPages, type Pages } from './pages.ts';
import { RunningTelephone } from './running.ts';

/** Runs until a signal ends it. */
export async function runTelephone(
  options: BootOptions,
  { out, interactive }: Terminal,
  version: string,
): Promise<void> {
  const ended = new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.once(signal, () => resolve(signal));
  });
  let telephone: RunningTelephone | undefined;
  const journal = new Journal(options.log, { out, interactive }, () => telephone?.time() ?? Date.now());
  const { log } = journal;
  process.on('uncaughtException', (error) => log('error', error.stack ?? error.message));
  prepareDataDir(options.data);
  const service = await serviceOf(process.env);
  // Before the telephone: whoever has the directory has its memory.
  const door = await startControlServer(
    () => controlOf(telephone),
    controlSocket(options.data),
    () => telephone?.updates,
  );
  let pages: Pages | undefined;
  try {
    telephone = await RunningTelephone.start(options, version, journal);
    const { succession } = telephone;
    // A person sees the page's address; a journal shall have a sign of life too.
    if (!interactive) log('info', `${succession.current?.agent.listening}; data in ${options.data}`);
    pages = await openPages(options, telephone, journal, (text) => {
      if (interactive) out(text);
    });
    telephone.configured = () => pages?.configured();
    telephone.serverChanged = () => pages?.serverChanged();
    telephone.aroundReset = async (reset) => (pages === undefined ? reset() : pages.around(reset));
    if (interactive && pages !== undefined) {
      log('info', 'lift the handset with Space and dial *41# for the echo test; Ctrl-C ends the phone');
    }
    service?.ready(async () => succession.current?.engine.lives());
    log('info', `${await ended}: ending calls and registrations`);
    service?.stopping();
  } finally {
    await Promise.all([telephone?.stop(), pages?.close(), door.close()]);
    service?.close();
  }
}

function controlOf(telephone: RunningTelephone | undefined): Control {
  if (telephone === undefined) throw new Error('the telephone is starting: try again in a second');
  return telephone.control;
}
