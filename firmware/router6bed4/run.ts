/** The router as a program: from the words of its command line until a signal ends it. */
import { networkInterfaces } from 'node:os';
import { endText } from '#socket6bed4/address/ipv4.ts';
import { ipv6Text } from '#socket6bed4/address/ipv6.ts';
import { countersJson, countersText } from './counters.ts';
import { Server } from './server.ts';
import { type Asked, prefixText, type Settings, settingsOf } from './settings.ts';

export { SettingError } from './settings.ts';

/** Where lines go, without their line end. */
export interface Output {
  out(line: string): void;
  /** For people only. */
  err(line: string): void;
  /** `out` is read by a person. */
  readonly interactive: boolean;
}

/**
 * Resolves after SIGTERM, SIGINT or SIGHUP with the last counters written; SIGUSR1 writes them in between. Rejects
 * with a SettingError when `asked` is wrong, and with another Error when the port or the interface fails.
 */
export async function runRouter(asked: Asked, output: Output): Promise<void> {
  const settings = settingsOf(asked, ownAddresses());
  const began = performance.now();
  const server = await Server.start(settings);
  for (const line of [greeting(settings, server), ...server.hints]) output.err(line);
  const tell = (): void => {
    const seconds = (performance.now() - began) / 1000;
    output.out((output.interactive ? countersText : countersJson)(server.counters, seconds));
  };
  const repeated = settings.stats === undefined ? undefined : setInterval(tell, settings.stats);
  const close = (): void => server.close();
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, close);
  process.on('SIGUSR1', tell);
  try {
    await server.closed;
  } finally {
    clearInterval(repeated);
    for (const signal of signals) process.off(signal, close);
    process.off('SIGUSR1', tell);
    tell();
  }
}

function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family }) => family === 'IPv4')
    .map(({ address }) => address);
}

function greeting({ listen, prefix, tun }: Settings, { address }: Server): string {
  const native = tun === undefined ? '' : `, joined to native IPv6 by ${tun}`;
  return `6bed4 router at ${endText(listen)} for ${prefixText(prefix)}, itself ${ipv6Text(address)}${native}`;
}
