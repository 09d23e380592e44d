/**
 * SIP, SIPS and tel URIs (RFC 3261 19.1, RFC 3966); every other scheme is carried as it stands.
 *
 * Parts are octet text without escapes: `sip:user%40home@host` has the user `user@home`. Who needs the URI as it
 * was written keeps its text. Reading is strict where a mistake changes who is meant (host, port, structure) and
 * takes octets as they come where telephones are known to be careless (an unescaped `#` in a star code).
 */
import { parseIp } from '#address/ip.ts';
import { isAll, PARAMETER, PASSWORD, portOf, runEnd, TOKEN, USER, VISIBLE } from './chars.ts';
import { escaped, unescaped } from './escapes.ts';
import { hostEnd, splitZone } from './host.ts';
import { Params, type ParamValue } from './params.ts';

export interface SipUri {
  readonly scheme: 'sip' | 'sips';
  /** Absent: no user part, as in `sip:example.com`. */
  readonly user?: string;
  readonly password?: string;
  /** Lower-case, no brackets; the zone of an IPv6 address stays as written (`fe80::1%eth0`). */
  readonly host: string;
  readonly ipv6: boolean;
  readonly port?: number;
  readonly params: Params;
  /** What stands behind `?`, as written; empty without. */
  readonly headers: string;
}

export interface TelUri {
  readonly scheme: 'tel';
  /** `+` and digits for a global number, digits, `*`, `#` and A–F for a local one; no visual separators. */
  readonly number: string;
  readonly params: Params;
}

/** A URI of a scheme that we only carry. `scheme` is lower-case, `rest` what stands behind the colon. */
export interface OtherUri {
  readonly scheme: 'other';
  readonly name: string;
  readonly rest: string;
}

export type Uri = SipUri | TelUri | OtherUri;

const ALPHA = /^[A-Za-z]/;

/** Reads a URI, the whole text; undefined: it is none. */
export function parseUri(text: string): Uri | undefined {
  const colon = runEnd(text, 0, TOKEN);
  if (text.charCodeAt(colon) !== 0x3a || !ALPHA.test(text) || !isAll(text, VISIBLE)) return undefined;
  const scheme = text.slice(0, colon).toLowerCase();
  if (scheme === 'sip' || scheme === 'sips') return parseSipUri(scheme, text, colon + 1);
  if (scheme === 'tel') return parseTelUri(text, colon + 1);
  if (!/^[a-z0-9+.-]+$/.test(scheme) || text.length === colon + 1) return undefined;
  return { scheme: 'other', name: scheme, rest: text.slice(colon + 1) };
}

function parseSipUri(scheme: 'sip' | 'sips', text: string, start: number): SipUri | undefined {
  const at = text.indexOf('@', start);
  const hostStart = at < 0 ? start : at + 1;
  const end = hostEnd(text, hostStart);
  if (end < 0) return undefined;
  const host = readHost(text.slice(hostStart, end));
  if (host === undefined) return undefined;

  const query = text.indexOf('?', end);
  const tail = query < 0 ? text.length : query;
  const semicolon = text.indexOf(';', end);
  const portTo = semicolon < 0 || semicolon > tail ? tail : semicolon;
  const port = readPort(text, end, portTo);
  const params = readUriParams(text, portTo, tail);
  const userinfo = at < 0 ? {} : readUserinfo(text.slice(start, at));
  if (port === null || params === undefined || userinfo === undefined) return undefined;

  return {
    scheme,
    ...userinfo,
    ...host,
    ...(port === undefined ? {} : { port }),
    params,
    headers: query < 0 ? '' : text.slice(query + 1),
  };
}

function readHost(written: string): Pick<SipUri, 'host' | 'ipv6'> | undefined {
  if (!written.startsWith('[')) return { host: written.toLowerCase(), ipv6: false };
  const [address, zone] = splitZone(written.slice(1, -1));
  if (parseIp(address)?.family !== 6) return undefined;
  const host = zone === '' ? address.toLowerCase() : `${address.toLowerCase()}%${zone}`;
  return { host, ipv6: true };
}

/** undefined: no port; null: something that is none. */
function readPort(text: string, from: number, to: number): number | null | undefined {
  if (from === to) return undefined;
  if (text.charCodeAt(from) !== 0x3a) return null;
  return portOf(text.slice(from + 1, to)) ?? null;
}

function readUserinfo(text: string): Pick<SipUri, 'user' | 'password'> | undefined {
  const colon = text.indexOf(':');
  const user = unescaped(colon < 0 ? text : text.slice(0, colon));
  if (user === undefined || user === '') return undefined;
  if (colon < 0) return { user };
  const password = unescaped(text.slice(colon + 1));
  return password === undefined ? undefined : { user, password };
}

/** Reads `;name=value` between two places; a name without characters makes it undefined. */
function readUriParams(text: string, from: number, to: number): Params | undefined {
  if (from === to) return Params.none;
  const names: string[] = [];
  const values: ParamValue[] = [];
  for (const part of text.slice(from + 1, to).split(';')) {
    const equal = part.indexOf('=');
    const name = unescaped(equal < 0 ? part : part.slice(0, equal));
    const value = equal < 0 ? true : unescaped(part.slice(equal + 1));
    if (name === undefined || name === '' || value === undefined) return undefined;
    names.push(name.toLowerCase());
    values.push(value);
  }
  return new Params(names, values);
}

function parseTelUri(text: string, start: number): TelUri | undefined {
  const semicolon = text.indexOf(';', start);
  const end = semicolon < 0 ? text.length : semicolon;
  const number = text.slice(start, end).replace(/[-.()]/g, '');
  if (!/^(?:\+[0-9]+|[0-9A-Fa-f*#]+)$/.test(unescaped(number) ?? '')) return undefined;
  const params = readUriParams(text, end, text.length);
  return params && { scheme: 'tel', number: (unescaped(number) ?? '').toUpperCase(), params };
}

/** The URI as text, escaped where it must be. */
export function formatUri(uri: Uri): string {
  if (uri.scheme === 'other') return `${uri.name}:${uri.rest}`;
  if (uri.scheme === 'tel') return `tel:${uri.number.replaceAll('#', '%23')}${formatParams(uri.params)}`;
  const password = uri.password === undefined ? '' : `:${escaped(uri.password, PASSWORD)}`;
  const userinfo = uri.user === undefined ? '' : `${escaped(uri.user, USER)}${password}@`;
  const host = uri.ipv6 ? `[${uri.host.replace('%', '%25')}]` : uri.host;
  const port = uri.port === undefined ? '' : `:${uri.port}`;
  const headers = uri.headers === '' ? '' : `?${uri.headers}`;
  return `${uri.scheme}:${userinfo}${host}${port}${formatParams(uri.params)}${headers}`;
}

function formatParams(params: Params): string {
  let text = '';
  for (const [name, value] of params) {
    text += `;${escaped(name, PARAMETER)}`;
    if (value !== true) text += `=${escaped(value, PARAMETER)}`;
  }
  return text;
}
