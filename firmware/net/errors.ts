/** What went wrong between us and the network. `code` is stable; the message is for people. */
export type NetErrorCode =
  | 'PORT_BUSY'
  | 'NO_FAMILY'
  | 'NO_ROUTE'
  | 'NOT_BUILT'
  | 'BACKLOG'
  | 'CONNECTION_GONE'
  | 'TOO_MANY'
  | 'TIMEOUT'
  | 'TLS_SETUP'
  | 'WRONG_NAME'
  | 'WRONG_KEY';

export class NetError extends Error {
  readonly code: NetErrorCode;

  constructor(code: NetErrorCode, message: string) {
    super(message);
    this.name = 'NetError';
    this.code = code;
  }
}

/** The system's code of an error (`EADDRINUSE`), or an empty string. */
export function systemCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}

/** The host has no such family at all (IPv6 switched off in the kernel): go on with the other one. */
export function isFamilyMissing(error: unknown): boolean {
  return ['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EPROTONOSUPPORT'].includes(systemCode(error));
}

/** What a system error means to a person; the code stays for who has to look further. */
const IN_WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there (ECONNREFUSED)',
  ECONNRESET: 'the peer cut the connection (ECONNRESET)',
  EPIPE: 'the peer cut the connection (EPIPE)',
  ETIMEDOUT: 'no answer (ETIMEDOUT)',
  EHOSTUNREACH: 'the host cannot be reached (EHOSTUNREACH)',
  ENETUNREACH: 'the network cannot be reached (ENETUNREACH)',
  EADDRNOTAVAIL: 'we have no address for it (EADDRNOTAVAIL)',
  EACCES: 'not allowed by a firewall (EACCES)',
  EPERM: 'not allowed by a firewall (EPERM)',
  EMSGSIZE: 'too large for a datagram (EMSGSIZE)',
  EADDRINUSE: 'the port is in use by another program (EADDRINUSE)',
  ENOPROTOOPT: 'the host does not speak UDP (ENOPROTOOPT)',
  EPROTO: 'the peer does not understand our packets (EPROTO)',
};

/** What TLS and OpenSSL say, and what to do about it. */
const TLS_IN_WORDS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "the server's certificate has expired",
  CERT_NOT_YET_VALID: "the server's certificate is not valid yet; is the clock right?",
  CERT_REVOKED: "the server's certificate was revoked",
  DEPTH_ZERO_SELF_SIGNED_CERT:
    "nobody we know vouches for the server's certificate: it signed it itself; if it is yours, name it in net.tlsCa",
  SELF_SIGNED_CERT_IN_CHAIN:
    "the server's certificate is of an authority that we do not know; if it is yours, name it in net.tlsCa",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    "the server's certificate is of an authority that we do not know; if it is yours, name it in net.tlsCa",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "the server's certificate is of an authority that we do not know, or the server sends no intermediate one",
  INVALID_PURPOSE: "the server's certificate is not meant for servers",
  ERR_SSL_WRONG_VERSION_NUMBER: 'the server does not speak TLS on that port',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'the server does not speak TLS on that port',
  ERR_SSL_UNEXPECTED_MESSAGE: 'the server does not speak TLS on that port',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'the server speaks only versions of TLS that are too old',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'the server speaks only versions of TLS that are too old',
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: 'the server and we have no cipher in common',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'the server wants a certificate of ours, and we have none',
};

export function inWords(error: Error): string {
  const code = systemCode(error);
  if (TLS_IN_WORDS[code] !== undefined) return `${TLS_IN_WORDS[code]} (${code})`;
  return codeInWords(code) ?? error.message;
}

/** For errors that are nothing but a code (`EHOSTUNREACH`). */
export function codeInWords(code: string): string | undefined {
  return IN_WORDS[code];
}
