/** What the benchmark asks of every SIP stack. */

export interface Stack {
  /** Reads a request as far as a user agent server needs it; says what it saw, so that the reading can be checked. */
  parse(octets: Buffer): Seen;
  /** Reads a request and writes the 200 to it. */
  answer(octets: Buffer): string | Uint8Array;
}

export interface Seen {
  readonly method: string;
  readonly vias: number;
  /** Octets or characters. */
  readonly body: number;
}
