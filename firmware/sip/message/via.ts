/** Via: where a response goes (RFC 3261 20.42, RFC 3581). Any protocol, transport and extension is welcome. */
import { portOf } from './chars.ts';
import { hostEnd } from './host.ts';
import { type Params, readParams } from './params.ts';
import { Scanner } from './scanner.ts';

export interface Via {
  /** Name and version, such as `SIP/2.0`. */
  readonly protocol: string;
  /** In capitals: `UDP`, `TLS-SCTP`. */
  readonly transport: string;
  /** Host of sent-by as written, an IPv6 address in brackets. */
  readonly host: string;
  readonly port?: number;
  readonly branch?: string;
  /** An address without brackets, whether it was written with them or not. */
  readonly received?: string;
  /** `true`: asked for and not filled in, or filled in with something that is no port. */
  readonly rport?: number | true;
  readonly maddr?: string;
  readonly ttl?: number;
  readonly params: Params;
}

const USUAL = 'SIP/2.0/';
const SLASH = 0x2f;
const COLON = 0x3a;

/** Reads one via-parm, the whole text; undefined: it is none. */
export function parseVia(text: string): Via | undefined {
  const scanner = new Scanner(text);
  const via = readVia(scanner);
  return scanner.atEnd ? via : undefined;
}

/** Reads one via-parm up to a comma or the end. */
export function readVia(scanner: Scanner): Via | undefined {
  scanner.space();
  const protocol = readProtocol(scanner);
  const transport = scanner.token();
  if (protocol === undefined || transport === '') return undefined;
  scanner.space();

  const end = hostEnd(scanner.text, scanner.at);
  if (end < 0) return undefined;
  const host = scanner.text.slice(scanner.at, end);
  scanner.at = end;
  const port = readPort(scanner);
  const params = port === null ? undefined : readParams(scanner);
  if (port === null || params === undefined) return undefined;
  return viaOf(protocol, transport.toUpperCase(), host, port, params);
}

/** Passes `SIP/2.0/` in any spelling; undefined: something else stands here than name, version and slashes. */
function readProtocol(scanner: Scanner): string | undefined {
  if (scanner.text.startsWith(USUAL, scanner.at)) {
    scanner.at += USUAL.length;
    scanner.space();
    return 'SIP/2.0';
  }
  const name = scanner.token();
  const slash = scanner.separator(SLASH);
  const version = scanner.token();
  return name !== '' && slash && version !== '' && scanner.separator(SLASH)
    ? `${name}/${version}`
    : undefined;
}

function viaOf(
  protocol: string,
  transport: string,
  host: string,
  port: number | undefined,
  params: Params,
): Via {
  const via: { -readonly [Key in keyof Via]: Via[Key] } = { protocol, transport, host, params };
  if (port !== undefined) via.port = port;
  for (let i = 0; i < params.size; i += 1) fill(via, params.names[i] ?? '', params.values[i] ?? true);
  return via;
}

/** The parameters that mean something to us; the first of a name counts, and one that makes no sense does not. */
function fill(via: { -readonly [Key in keyof Via]: Via[Key] }, name: string, value: string | true): void {
  const text = value === true ? '' : value;
  switch (name) {
    case 'branch':
      if (text !== '') via.branch ??= text;
      break;
    case 'received':
      if (text !== '') via.received ??= withoutBrackets(text);
      break;
    case 'rport':
      via.rport ??= portOf(text) ?? true;
      break;
    case 'maddr':
      if (text !== '') via.maddr ??= withoutBrackets(text);
      break;
    case 'ttl':
      if (/^\d{1,3}$/.test(text) && Number(text) <= 255) via.ttl ??= Number(text);
      break;
  }
}

function withoutBrackets(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}

/** undefined: no port; null: something that is none. White space may surround the colon (RFC 3261 25.1). */
function readPort(scanner: Scanner): number | null | undefined {
  if (!scanner.separator(COLON)) return undefined;
  return portOf(scanner.token()) ?? null;
}

/** The via-parm as text, its parameters as they are in `params`. */
export function formatVia(via: Via): string {
  const port = via.port === undefined ? '' : `:${via.port}`;
  return `${via.protocol}/${via.transport} ${via.host}${port}${via.params}`;
}
