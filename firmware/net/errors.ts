/** What went wrong between us and the network. `code` is stable; the message is for people. */
export type NetErrorCode =
  | 'PORT_BUSY'
  | 'NO_FAMILY'
  | 'NO_ROUTE'
  | 'NOT_BUILT'
  | 'BACKLOG'
  | 'CONNECTION_GONE'
  | 'TOO_MANY'
  | 'TIMEOUT';

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
};

export function inWords(error: Error): string {
  return IN_WORDS[systemCode(error)] ?? error.message;
}
