/** Kamailio as `pbx.lab` on a host of both families, with rtpengine beside it as translator of sound. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PeerProcess, until } from '../../support/process.ts';
import { bracketed } from '../addressing.ts';
import type { Host } from '../host.ts';
import type { Lab } from '../lab.ts';

export interface Pbx {
  readonly host: Host;
  readonly kamailio: PeerProcess;
  readonly rtpengine: PeerProcess;
  /** Lines for `Lab.dns`. */
  readonly records: readonly string[];
}

export async function startPbx(lab: Lab): Promise<Pbx> {
  const host = await lab.host('pbx');
  const directory = join(lab.directory, 'pbx');
  mkdirSync(directory);
  const rtpengine = host.run('rtpengine', [
    ...['--foreground', '--log-stderr', '--log-level=6', '--table=-1', '--listen-ng=127.0.0.1:22222'],
    ...host.addresses.map((address) => `--interface=${address}`),
    ...['--port-min=30000', '--port-max=30400', `--pidfile=${join(directory, 'rtpengine.pid')}`],
  ]);
  const file = join(directory, 'kamailio.cfg');
  writeFileSync(file, configuration(host));
  const kamailio = host.run('kamailio', [
    ...['-f', file, '-DD', '-E', '-m', '32', '-M', '4'],
    ...['-Y', directory, '-P', join(directory, 'kamailio.pid')],
  ]);
  await until(
    'Kamailio and rtpengine listen',
    () => isListening(host),
    15_000,
    () => `${kamailio.output}\n${rtpengine.output}`,
  );
  return { host, kamailio, rtpengine, records: recordsOf(host) };
}

function configuration(host: Host): string {
  const listen = host.addresses.flatMap((address) =>
    ['udp', 'tcp'].map((transport) => `listen=${transport}:${bracketed(address)}:5060`),
  );
  const template = readFileSync(new URL('kamailio.cfg', import.meta.url), 'utf8');
  return template.replace('@LISTEN@', listen.join('\n'));
}

function recordsOf(host: Host): readonly string[] {
  return [`pbx.lab. 60 IN A ${host.ipv4}`, `pbx.lab. 60 IN AAAA ${host.ipv6}`];
}

/** Sockets of Kamailio, both transports at both addresses, and rtpengine's. */
async function isListening(host: Host): Promise<boolean> {
  const look = host.run('ss', ['-Hlntu', 'sport = :5060 or sport = :22222']);
  await look.exit(5000);
  return look.output.trim().split('\n').length >= 5;
}
