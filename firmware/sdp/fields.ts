/** The single lines of a session description that have an inner grammar (RFC 8866 section 9): value of a line in, fields out. */
import type { Family } from '#address/endpoint.ts';
import { parseIp } from '#address/ip.ts';

/** `o=`: who made the description, and which version of it this is (RFC 8866 5.2). */
export interface Origin {
  readonly username: string;
  /** Decimal digits; often beyond 2^53, so it stays text. */
  readonly sessionId: string;
  readonly sessionVersion: string;
  readonly netType: string;
  readonly addressType: string;
  /** Literal without brackets, or host name. */
  readonly address: string;
}

/** `c=`: where media goes (RFC 8866 5.7). */
export interface Connection {
  readonly netType: string;
  /** `IP4`, `IP6`, or what later RFCs brought. */
  readonly addressType: string;
  /** Literal without brackets, or host name. */
  readonly address: string;
  /** What stands behind the address of a multicast group: `127`, `127/3`. */
  readonly multicast?: string;
}

/** `b=`: kilobits a second for `CT` and `AS` (RFC 8866 5.8). */
export interface Bandwidth {
  readonly type: string;
  readonly value: string;
}

/** `a=name` or `a=name:value` (RFC 8866 5.13). */
export interface Attribute {
  readonly name: string;
  readonly value?: string;
}

/** The `m=` line alone (RFC 8866 5.14). */
export interface MediaLine {
  readonly kind: string;
  /** 0–65535; 0: refused or switched off (RFC 3264 6). */
  readonly port: number;
  /** Number of consecutive port pairs, where written. */
  readonly ports?: number;
  readonly protocol: string;
  /** Payload types where the protocol is one of RTP's. */
  readonly formats: readonly string[];
}

/** RFC 8866 9, `token`. */
const TOKEN = /^[!#-'*+\-.0-9A-Z^-~]+$/;
const DIGITS = /^\d{1,40}$/;
/** RFC 8866 9, `FQDN`, and the underscore that real host names have. */
const HOST = /^[\w.-]{1,253}$/;

/** Why a line cannot be read. */
export class FieldFault {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

export function parseOrigin(value: string): Origin | FieldFault {
  const parts = value.split(' ');
  const [username = '', sessionId = '', sessionVersion = '', netType = '', addressType = '', host = ''] =
    parts;
  if (parts.length !== 6 || username === '') return new FieldFault('o= needs six fields');
  if (!DIGITS.test(sessionId) || !DIGITS.test(sessionVersion)) {
    return new FieldFault('session id and version of o= are numbers');
  }
  const address = parseAddress(netType, addressType, host);
  if (address instanceof FieldFault) return address;
  return { username, sessionId, sessionVersion, netType, addressType, address };
}

export function parseConnection(value: string): Connection | FieldFault {
  const parts = value.split(' ');
  const [netType = '', addressType = '', where = ''] = parts;
  if (parts.length !== 3) return new FieldFault('c= needs three fields');
  const [, host = '', multicast] = /^([^/]*)(?:\/(\d{1,9}(?:\/\d{1,9})?))?$/.exec(where) ?? [];
  const address = parseAddress(netType, addressType, host);
  if (address instanceof FieldFault) return address;
  return multicast === undefined
    ? { netType, addressType, address }
    : { netType, addressType, address, multicast };
}

const FAMILY: Readonly<Record<string, Family>> = { IP4: 4, IP6: 6 };

/** SIPp 3.6.1 writes `IN IP6 [::1]`: brackets are no part of SDP, and are dropped. */
function parseAddress(netType: string, addressType: string, host: string): string | FieldFault {
  if (!TOKEN.test(netType) || !TOKEN.test(addressType)) return new FieldFault('bad network or address type');
  const family = netType === 'IN' ? FAMILY[addressType] : undefined;
  if (family === undefined) return host === '' ? new FieldFault('no address') : host;
  const bare = family === 6 && host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  const ip = parseIp(bare);
  if (ip !== undefined) {
    return ip.family === family ? bare : new FieldFault(`IPv${ip.family} address behind ${addressType}`);
  }
  if (!HOST.test(bare) || /^[\d.]+$/.test(bare)) return new FieldFault('neither address nor host name');
  return bare;
}

export function parseBandwidth(value: string): Bandwidth | FieldFault {
  const [, type, amount] = /^([^:]+):(\d{1,20})$/.exec(value) ?? [];
  if (type === undefined || amount === undefined || !TOKEN.test(type)) {
    return new FieldFault('b= needs a type and a number');
  }
  return { type, value: amount };
}

export function parseAttribute(value: string): Attribute | FieldFault {
  const colon = value.indexOf(':');
  const name = colon < 0 ? value : value.slice(0, colon);
  if (!TOKEN.test(name)) return new FieldFault('bad attribute name');
  return colon < 0 ? { name } : { name, value: value.slice(colon + 1) };
}

export function parseMediaLine(value: string): MediaLine | FieldFault {
  const [kind = '', where = '', protocol = '', ...formats] = value.split(' ');
  const [, port, ports] = /^(\d{1,5})(?:\/([1-9]\d{0,3}))?$/.exec(where) ?? [];
  if (!TOKEN.test(kind)) return new FieldFault('bad kind of media');
  if (port === undefined || Number(port) > 65535) return new FieldFault('bad port');
  if (!protocol.split('/').every((part) => TOKEN.test(part))) return new FieldFault('bad media protocol');
  if (formats.length === 0) return new FieldFault('no media format');
  if (!formats.every((format) => TOKEN.test(format))) return new FieldFault('bad media format');
  const line = { kind, port: Number(port), protocol, formats };
  return ports === undefined ? line : { ...line, ports: Number(ports) };
}

export function formatOrigin(origin: Origin): string {
  const { username, sessionId, sessionVersion, netType, addressType, address } = origin;
  return `${username} ${sessionId} ${sessionVersion} ${netType} ${addressType} ${address}`;
}

export function formatConnection(connection: Connection): string {
  const { netType, addressType, address, multicast } = connection;
  return `${netType} ${addressType} ${address}${multicast === undefined ? '' : `/${multicast}`}`;
}

export function formatAttribute({ name, value }: Attribute): string {
  return value === undefined ? name : `${name}:${value}`;
}

export function formatMediaLine({ kind, port, ports, protocol, formats }: MediaLine): string {
  return `${kind} ${port}${ports === undefined ? '' : `/${ports}`} ${protocol} ${formats.join(' ')}`;
}
