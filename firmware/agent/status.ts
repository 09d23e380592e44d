/** Puts together what `status --json` prints. */
import type { Weight } from '#address/preference.ts';
import type { PartStatus } from '#hal/types.ts';
import type { OwnAddresses } from '#net/watch/addresses.ts';
import type { Phone } from '#phone/phone.ts';
import type { NeighbourStatus, Sixbed4Status, Status } from '#phone/types.ts';

export interface StatusParts {
  readonly version: string;
  readonly extension: string;
  /** Seconds since start. */
  readonly uptime: number;
  readonly phone: Pick<Phone, 'calls' | 'accounts'>;
  /** Those of the interfaces. */
  readonly addresses: OwnAddresses;
  readonly sixbed4: Sixbed4Status;
  readonly preference: readonly Weight[];
  readonly neighbours: readonly NeighbourStatus[];
  readonly hardware: readonly PartStatus[];
  readonly dropped: Readonly<Record<string, number>>;
}

export function statusOf({ phone, addresses, sixbed4, preference, ...rest }: StatusParts): Status {
  const { ipv4, ipv6, native6, teredoSeen } = addresses;
  return {
    ...rest,
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
