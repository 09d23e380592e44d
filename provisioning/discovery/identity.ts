/** Which of its addresses a telephone goes by: the one printed on its label, so that of the socket it has for a cable. */

export interface LinkLayer {
  readonly name: string;
  /** `dc:a6:32:01:02:03`. */
  readonly mac: string;
  readonly wireless: boolean;
  /** A device, not a bridge, tunnel or container's end. */
  readonly physical: boolean;
}

const NONE = /^(?:00:){5}00$/;

/** Twelve hexadecimal digits in lower case; interfaces in the order of the kernel. Undefined: none has an address. */
export function deviceMac(interfaces: readonly LinkLayer[]): string | undefined {
  const rank = ({ wireless, physical }: LinkLayer) => (physical ? 0 : 2) + (wireless ? 1 : 0);
  const [first] = interfaces
    .filter(({ mac }) => /^(?:[\da-f]{2}:){5}[\da-f]{2}$/i.test(mac) && !NONE.test(mac))
    .toSorted((a, b) => rank(a) - rank(b));
  return first?.mac.replaceAll(':', '').toLowerCase();
}

/** Six octets; zeros where there is no such address. */
export function macOctets(mac: string): Uint8Array {
  const pairs = mac.match(/[\da-f]{2}/gi) ?? [];
  return Uint8Array.from({ length: 6 }, (_, at) => Number.parseInt(pairs[at] ?? '0', 16));
}
