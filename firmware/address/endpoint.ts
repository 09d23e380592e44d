/** The IP family of an address, as the number that people say. */
export type Family = 4 | 6;

/**
 * One end of a transport association. `address` is the canonical text of the address (RFC 5952 for IPv6,
 * no brackets; a zone such as `%eth0` stays where the address is link-local), `port` is 1–65535.
 */
export interface Endpoint {
  readonly family: Family;
  readonly address: string;
  readonly port: number;
}

/** An address as it stands in a URI, a Via or an HTTP Host: IPv6 in brackets. */
export function hostOf(end: Pick<Endpoint, 'family' | 'address'>): string {
  return end.family === 6 ? `[${end.address}]` : end.address;
}

/** `192.0.2.1:5060` or `[2001:db8::1]:5060`. */
export function textOf(end: Endpoint): string {
  return `${hostOf(end)}:${end.port}`;
}
