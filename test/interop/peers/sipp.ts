/**
 * SIPp with the scenarios beside this folder. A scenario is put together from steps (steps.ts), so that each test
 * reads as the message flow it is about.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PeerProcess } from '../../support/process.ts';

export interface SippOptions {
  readonly directory: string;
  /** XML of the scenario. */
  readonly scenario: string;
  /** Our literal address, no brackets. */
  readonly address: string;
  readonly port: number;
  readonly transport?: 'udp' | 'tcp';
  readonly mediaPort?: number;
  /** Sends back every RTP packet. */
  readonly echo?: boolean;
  /** Where a calling scenario calls: `host:port`, IPv6 in brackets. */
  readonly target?: string;
  readonly user?: string;
  /** Calls until it ends, a registration counting as one. Default 1. */
  readonly calls?: number;
  /** s after which it gives up and fails. Default 40. */
  readonly limit?: number;
  /** Stands before its command line, such as `ip netns exec NAME`. */
  readonly via?: readonly string[];
}

/** Starts SIPp for one call. Its exit code is 0 when the scenario was followed to its end. */
export async function startSipp(options: SippOptions): Promise<PeerProcess> {
  const { directory, scenario, address, port, transport = 'udp', mediaPort = port + 1000 } = options;
  mkdirSync(directory, { recursive: true });
  const file = join(directory, `${createHash('sha1').update(scenario).digest('hex').slice(0, 8)}.xml`);
  writeFileSync(file, scenario);
  const literal = isIPv6(address) ? `[${address}]` : address;
  const [program = 'sipp', ...words] = [...(options.via ?? []), 'sipp'];
  const sipp = new PeerProcess(program, [
    ...words,
    ...(options.target ? [options.target] : []),
    ...['-sf', file, '-i', literal, '-p', String(port), '-t', transport === 'tcp' ? 't1' : 'u1'],
    ...[
      '-mi',
      literal,
      '-mp',
      String(mediaPort),
      '-m',
      String(options.calls ?? 1),
      '-nostdin',
      '-timeout',
      `${options.limit ?? 40}s`,
    ],
    ...['-timeout_error', '-nd', '-default_behaviors', 'all,-bye', '-trace_err'],
    ...['-error_file', join(directory, 'sipp-errors.log')],
    ...(options.echo ? ['-rtp_echo'] : []),
    ...(options.user ? ['-s', options.user] : []),
  ]);
  if (!options.target) await sleep(300); // SIPp says nothing when it listens
  return sipp;
}
