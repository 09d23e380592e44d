/** Numbers in network order inside of octets; what lies beyond the end reads as 0. */

/** The empty datagram: a keep-alive, or a probe. */
export const NO_OCTETS = new Uint8Array(0);

export function uint8(octets: Uint8Array, at: number): number {
  return octets[at] ?? 0;
}

/** Whether the first `count` octets are the same. */
export function sameOctets(a: Uint8Array, b: Uint8Array, count: number): boolean {
  // From the end: what differs between neighbours stands there.
  for (let i = count - 1; i >= 0; i -= 1) if (a[i] !== b[i]) return false;
  return true;
}

export function uint16(octets: Uint8Array, at: number): number {
  return (uint8(octets, at) << 8) | uint8(octets, at + 1);
}

/** Unsigned. */
export function uint32(octets: Uint8Array, at: number): number {
  return ((uint16(octets, at) << 16) | uint16(octets, at + 2)) >>> 0;
}

export function putUint16(octets: Uint8Array, at: number, value: number): void {
  octets[at] = value >>> 8;
  octets[at + 1] = value;
}

export function putUint32(octets: Uint8Array, at: number, value: number): void {
  putUint16(octets, at, value >>> 16);
  putUint16(octets, at + 2, value);
}
