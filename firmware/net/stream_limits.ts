/** What a stranger on a TCP or TLS connection may cost us. Times in milliseconds, sizes in octets. The size of a message is the framer's to limit. */
export interface StreamLimits {
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** From the first octet of a message to its last, and from accept to the first whole message. */
  readonly wholeMessage: number;
  /** An inbound connection without traffic. RFC 3261 18 asks for half a minute at least. */
  readonly idle: number;
  /** One that we opened: a registrar reaches us over it until the next refresh, an hour at most. */
  readonly idleOutbound: number;
  /** From our first packet until messages may be sent: with TLS the handshake is part of it. */
  readonly connect: number;
  /** Written and not taken by the peer. */
  readonly backlog: number;
  /** Between two keep-alives (RFC 5626 4.4.1 double CRLF) on a connection that we opened. */
  readonly keepAlive: number;
  /** Until a keep-alive has to be answered (RFC 5626 4.4.1). */
  readonly pong: number;
}

export const STREAM_LIMITS: StreamLimits = {
  connections: 512,
  connectionsPerAddress: 128,
  wholeMessage: 30_000,
  idle: 600_000,
  idleOutbound: 3_900_000,
  connect: 5_000,
  backlog: 1 << 20,
  keepAlive: 95_000,
  pong: 10_000,
};
