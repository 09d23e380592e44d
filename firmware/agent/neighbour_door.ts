/**
 * Where neighbours reach us over TLS, and by which certificate they know us: the configured one, else one of our own,
 * made after the start, for nobody waits for it.
 */

import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Self } from '#neighbours/types.ts';
import { fingerprintOf } from '#net/tls.ts';
import type { Transport } from '#net/transport.ts';
import type { AgentOptions } from './ports.ts';

/** What neighbours are told of it. */
export type NeighbourDoor = Pick<Self, 'fp' | 'tls'>;

/** Never rejects: where there can be no certificate or no port, neighbours are called in the plain, and nothing listens. */
export async function openNeighbourDoor(
  { config, ownCertificate, log }: Pick<AgentOptions, 'config' | 'ownCertificate' | 'log'>,
  transport: Pick<Transport, 'tlsPort' | 'openToNeighbours'>,
): Promise<NeighbourDoor> {
  const { tlsCertificate, tlsPort } = config.net;
  if (tlsCertificate !== undefined) return { tls: transport.tlsPort, ...fingerprintIn(tlsCertificate) };
  if (config.neighbours.mode === 'off') return {};
  try {
    const file = await ownCertificate?.();
    const tls = file === undefined ? undefined : await transport.openToNeighbours(file, tlsPort);
    return file === undefined || tls === undefined ? {} : { tls, ...fingerprintIn(file) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log('warn', `neighbours cannot call over TLS: ${reason}`);
    return {};
  }
}

/** Nothing where it cannot be read, which is told elsewhere. */
function fingerprintIn(file: string): Pick<Self, 'fp'> {
  try {
    return { fp: fingerprintOf(new X509Certificate(readFileSync(file)).raw) };
  } catch {
    return {};
  }
}
