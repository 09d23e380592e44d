/** `HOST[:PORT]` as a person writes the server of a service: IPv6 bare, or in brackets where a port follows. */
import { isIPv6 } from 'node:net';

export interface ServerName {
  readonly host: string;
  readonly port: number;
}

const WRITTEN = /^(?:\[([^\]]+)\]|([\w.-]+))(?::(\d{1,5}))?$/;

/** Undefined: no such name can be. */
export function serverName(text: string, defaultPort: number): ServerName | undefined {
  if (isIPv6(text)) return { host: text, port: defaultPort };
  const [, literal, name, digits] = WRITTEN.exec(text) ?? [];
  const host = literal ?? name;
  const port = digits === undefined ? defaultPort : Number(digits);
  if (host === undefined || (literal !== undefined && !isIPv6(literal))) return undefined;
  return port >= 1 && port <= 65_535 ? { host, port } : undefined;
}
