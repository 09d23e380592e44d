/** What the telephone says of itself to whoever may configure it: its name there is its MAC address, which proves nothing. */

export interface DeviceIdentity {
  /** Of the first wired interface, else of Wi-Fi: twelve hexadecimal digits in lower case. */
  readonly mac: string;
  /** `Pi-Desk`. */
  readonly model: string;
  /** Of the firmware: `1.0.0`. */
  readonly version: string;
  /** A domain of the maker (RFC 6011 2.3.2.1). */
  readonly vendor: string;
  /** The board's profile and the machine, for the User-Agent: `pi-desk`, `rpi-4b`. */
  readonly board: string;
  readonly machine: string;
}

/** `dc:a6:32:01:02:03`. */
export function macWithColons(mac: string): string {
  return (mac.match(/../g) ?? []).join(':');
}

/** The instance of RFC 5626 4.1: a version-1 UUID (RFC 4122) with the MAC for its node and no time. */
export function instanceUuid({ mac }: Pick<DeviceIdentity, 'mac'>): string {
  return `00000000-0000-1000-8000-${mac.toLowerCase()}`;
}

/** Servers find the MAC as the last word of it (FusionPBX, Wazo and others read it there). */
export function httpUserAgent({ version, board, machine, mac }: DeviceIdentity): string {
  return `Dualtone/${version} (${board}; ${machine}) ${macWithColons(mac)}`;
}
