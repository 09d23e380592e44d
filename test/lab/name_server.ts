/**
 * NSD, Debian's authoritative name server, for one laboratory. It serves the root zone and everything below it from
 * one list of records: a name that is not there is denied at once, whatever its ending.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PeerProcess, until } from '../support/process.ts';
import type { Host } from './host.ts';

export class NameServer {
  readonly #host: Host;
  readonly #directory: string;
  #process: PeerProcess | undefined;

  constructor(host: Host, directory: string) {
    this.#host = host;
    this.#directory = directory;
    mkdirSync(directory, { recursive: true });
  }

  /** Starts, or starts anew, with these lines of a zone file; names are absolute, with their final dot. */
  async serve(records: readonly string[]): Promise<void> {
    await this.stop();
    writeFileSync(join(this.#directory, 'root.zone'), zoneFile(records));
    const file = join(this.#directory, 'nsd.conf');
    writeFileSync(file, configuration(this.#directory, this.#host.addresses));
    const nsd = this.#host.run('nsd', ['-d', '-c', file]);
    this.#process = nsd;
    await until(
      'NSD serves',
      () => nsd.output.includes('nsd started'),
      5000,
      () => nsd.output,
    );
    if (!nsd.output.includes('read with success')) throw new Error(`NSD refused the zone:\n${nsd.output}`);
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
    this.#process = undefined;
  }
}

function zoneFile(records: readonly string[]): string {
  return [
    // The last number is how long a denial may be kept (RFC 2308 4), in seconds.
    '. 60 IN SOA ns.lab. hostmaster.lab. 1 3600 600 86400 5',
    '. 60 IN NS ns.lab.',
    ...records,
    '',
  ].join('\n');
}

function configuration(directory: string, addresses: readonly string[]): string {
  const settings: Record<string, string | number> = {
    port: 53,
    'server-count': 1,
    username: '""',
    chroot: '""',
    database: '""',
    zonesdir: `"${directory}"`,
    xfrdir: `"${directory}"`,
    pidfile: '""',
    xfrdfile: `"${join(directory, 'xfrd.state')}"`,
    zonelistfile: `"${join(directory, 'zone.list')}"`,
    // Debian's default would let a busy test look like an attack.
    'rrl-ratelimit': 0,
    'rrl-whitelist-ratelimit': 0,
    verbosity: 1,
  };
  return [
    'server:',
    ...addresses.map((address) => `  ip-address: ${address}`),
    ...Object.entries(settings).map(([name, value]) => `  ${name}: ${value}`),
    'remote-control:',
    '  control-enable: no',
    'zone:',
    '  name: "."',
    '  zonefile: "root.zone"',
    '',
  ].join('\n');
}
