/** Puts together what `status --json` prints. */
import type { Weight } from '#address/preference.ts';
import type { PartStatus } from '#hal/types.ts';
import type { OwnAddresses } from '#net/watch/addresses.ts';
import type { Phone } from '#phone/phone.ts';
import type { FleetStatus, NeighbourStatus, Sixbed4Status, Status } from '#phone/types.ts';

export interface StatusParts {
  readonly version: string;
  readonly extension: string;
  readonly phone: Pick<Phone, 'calls' | 'accounts'>;
  /** Those of the interfaces. */
  readonly addresses: OwnAddresses;
  readonly sixbed4: Sixbed4Status;
  readonly preference: readonly Weight[];
  readonly neighbours: readonly NeighbourStatus[];
  readonly hardware: readonly PartStatus[];
  readonly dropped: Readonly<Record<string, number>>;
  readonly fleet: FleetStatus | undefined;
}

export function statusOf({ phone, addresses, sixbed4, preference, fleet, ...rest }: StatusParts): Status {
  const { ipv4, ipv6, native6, teredoSeen } = addresses;
  return {
    ...rest,
    ...fleet,
    // Since the process was started: agents come and go with their configurations.
    uptime: Math.round(performance.now() / 100) / 10,
    accounts: phone.accounts(),
    calls: phone.calls(),
    network: {
      ipv4,
      ipv6,
      native6,
      // On an interface, in a packet, in DNS or as a target: what was dropped says so.
      teredoSeen: teredoSeen || Object.keys(rest.dropped).some((why) => why.startsWith('teredo')),
      sixbed4,
      preference,
    },
  };
}

/** Where SIP is heard, for people. */
export function listeningText({
  port,
  tlsPort,
  families,
  accounts,
}: {
  readonly port: number;
  readonly tlsPort: number | undefined;
  readonly families: readonly (4 | 6)[];
  readonly accounts: number;
}): string {
  return [
    `SIP at port ${port} over UDP and TCP`,
    tlsPort === undefined ? '' : ` and at port ${tlsPort} over TLS`,
    `, ${families
      .toSorted()
      .map((family) => `IPv${family}`)
      .join(' and ')}; ${accounts === 1 ? '1 account' : `${accounts} accounts`}`,
  ].join('');
}

export function textOfAddresses({ ipv4, ipv6 }: Pick<OwnAddresses, 'ipv4' | 'ipv6'>): string {
  return [...ipv6, ...ipv4].join(' ') || 'no address';
}
