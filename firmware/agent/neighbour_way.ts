/**
 * The way to a neighbour. One whose key we know is called over TLS, where both sides speak it, and has to show that
 * key: its records alone prove nothing, for everybody on the LAN can repeat them.
 */
import type { Endpoint } from '#address/endpoint.ts';
import type { Neighbour } from '#neighbours/types.ts';
import { nameOfFingerprint } from '#net/tls.ts';
import type { Hop, Transport } from '#sip/types.ts';

export interface WayToNeighbour {
  readonly transport: Transport;
  /** IPv6 first. */
  readonly ends: readonly Endpoint[];
  /** With TLS: whom it has to prove to be. */
  readonly serverName?: string;
}

interface Proof {
  readonly port: number;
  readonly serverName: string;
}

/** RFC 3261 19.1.2. */
const SIPS_PORT = 5061;

/** How a neighbour proves over TLS that it is the one that we know; undefined: we know no key of it. */
export function proofOf({ trust, fp, tls = SIPS_PORT }: Neighbour): Proof | undefined {
  return trust === 'pinned' && fp !== undefined
    ? { port: tls, serverName: nameOfFingerprint(fp) }
    : undefined;
}

/** Undefined: not in the way that is wanted. `speaksTls`: whether we do. */
export function wayTo(
  neighbour: Neighbour,
  { port, transport, secure }: Pick<Hop, 'port' | 'transport' | 'secure'>,
  speaksTls: boolean,
): WayToNeighbour | undefined {
  const proof = speaksTls ? proofOf(neighbour) : undefined;
  if (proof !== undefined) {
    const { serverName } = proof;
    return { transport: 'tls', serverName, ends: endsOf(neighbour, proof.port) };
  }
  if (secure || transport === 'tls') return undefined;
  return { transport: transport ?? neighbour.transport, ends: endsOf(neighbour, port ?? neighbour.port) };
}

/**
 * Whom the peer at this end of TLS has to prove to be: a neighbour where it is called by its address, as its Contact has
 * it, else `name`. Who is called by a name, and what accounts use, is for authorities: neighbours say of themselves
 * what they like.
 */
export function serverNameAt(
  remote: Endpoint,
  name: string,
  neighbours: readonly Neighbour[],
  accounts: readonly { readonly domain: string; readonly outboundProxy?: string | undefined }[],
): string {
  const isOfAccount = accounts.some(
    ({ domain, outboundProxy = '' }) => domain === name || outboundProxy.includes(name),
  );
  if (name !== remote.address || isOfAccount) return name;
  const near = neighbours.filter(({ admitted }) => admitted.includes(name));
  const proof = near.flatMap((each) => proofOf(each) ?? []).find(({ port }) => port === remote.port);
  return proof?.serverName ?? name;
}

function endsOf({ addresses }: Neighbour, port: number): readonly Endpoint[] {
  return addresses.map((address) => ({ family: address.includes(':') ? 6 : 4, address, port }));
}
