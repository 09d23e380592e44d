/** Whether two URIs mean the same (RFC 3261 19.1.4, RFC 3966 4, RFC 5954 4.2 for IPv6). */
import { sameAddress } from '#address/ip.ts';
import { unescaped } from './escapes.ts';
import type { Params } from './params.ts';
import type { SipUri, TelUri, Uri } from './uri.ts';

/** Parameters that never match their absence, whatever the default is. */
const NEVER_DEFAULTED = ['user', 'ttl', 'method', 'maddr', 'transport'];

/** Compares without regard to the escapes and to the order of parameters; a default spelled out is a difference. */
export function uriEquals(a: Uri, b: Uri): boolean {
  if (a.scheme === 'other') return b.scheme === 'other' && a.name === b.name && a.rest === b.rest;
  if (a.scheme === 'tel') return b.scheme === 'tel' && telEquals(a, b);
  return b.scheme === a.scheme && sipEquals(a, b);
}

function sipEquals(a: SipUri, b: SipUri): boolean {
  return (
    a.user === b.user &&
    a.password === b.password &&
    hostEquals(a, b) &&
    a.port === b.port &&
    NEVER_DEFAULTED.every((name) => valueEquals(a.params, b.params, name)) &&
    commonEqual(a.params, b.params) &&
    headerList(a.headers) === headerList(b.headers)
  );
}

function hostEquals(a: SipUri, b: SipUri): boolean {
  if (a.ipv6 !== b.ipv6) return false;
  return a.host === b.host || (a.ipv6 && sameAddress(a.host, b.host));
}

function valueEquals(a: Params, b: Params, name: string): boolean {
  return comparable(a, name) === comparable(b, name);
}

function comparable(params: Params, name: string): string | true | undefined {
  const value = params.get(name);
  return typeof value === 'string' ? value.toLowerCase() : value;
}

/** Any other parameter counts only where both have it. */
function commonEqual(a: Params, b: Params): boolean {
  for (const [name] of a) {
    if (b.has(name) && !valueEquals(a, b, name)) return false;
  }
  return true;
}

/** Header fields count in any order; none may be missing. */
function headerList(headers: string): string {
  if (headers === '') return '';
  const fields = headers.split('&').map((field) => {
    const equal = field.indexOf('=');
    const name = equal < 0 ? field : field.slice(0, equal);
    const value = equal < 0 ? '' : field.slice(equal + 1);
    return `${(unescaped(name) ?? name).toLowerCase()}\n${unescaped(value) ?? value}`;
  });
  return fields.sort().join('\0');
}

/** RFC 3966 4: separators do not count, parameters do, in any order. */
function telEquals(a: TelUri, b: TelUri): boolean {
  if (a.number !== b.number || a.params.size !== b.params.size) return false;
  for (const [name] of a.params) {
    if (!b.params.has(name) || !valueEquals(a.params, b.params, name)) return false;
  }
  return true;
}
