/** A running telephone, from the first log line to the last: the composition root's own loop. */
import { serviceOf } from '#agent/service.ts';
import { startControlServer } from '#cli/control_server.ts';
import { controlSocket, prepareDataDir } from '#cli/data_dir.ts';
import type { BootOptions, Terminal } from '#cli/verb.ts';
import { logger } from './log.ts';
import { newAgent } from './new_agent.ts';
import { openPage } from './pages.ts';

/** Runs until a signal ends it. */
export async function runTelephone(
  options: BootOptions,
  { out, interactive }: Terminal,
  version: string,
): Promise<void> {
  const ended = new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.once(signal, () => resolve(signal));
  });
  const log = logger(options.log, out, interactive);
  process.on('uncaughtException', (error) => log('error', error.stack ?? error.message));
  prepareDataDir(options.data);
  const service = await serviceOf(process.env);
  const { agent, engine } = await newAgent(options, version, log);
  const server = await startControlServer(agent.control, controlSocket(options.data));
  let web: { close(): Promise<void> } | undefined;
  try {
    await agent.start();
    // A person sees the page's address; a journal shall have a sign of life too.
    if (!interactive) log('info', `${agent.listening}; data in ${options.data}`);
    web = await openPage(options, agent.control, interactive, log);
    service?.ready(() => engine.lives());
    log('info', `${await ended}: ending calls and registrations`);
    service?.stopping();
  } finally {
    await Promise.all([agent.stop(), web?.close(), server.close()]);
    service?.close();
  }
}
