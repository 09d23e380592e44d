/**
 * Where a request goes: Request-URI, Route header fields and next hop (RFC 3261 8.1.2 and 12.2.1.1, RFC 3263 4).
 * A way that we cannot go is found here and nowhere before: whoever names it in Record-Route is answered all the
 * same, and only a request of ours that would have to go there fails, with a reason.
 */
import { portInUri } from '../identity.ts';
import { parseNameAddr } from '../message/name_addr.ts';
import { formatUri, parseUri, type SipUri } from '../message/uri.ts';
import type { Account, Hop, Transport } from '../types.ts';

export interface Target {
  /** Request-URI. */
  readonly uri: string;
  /** Values of the Route header fields, octet text. */
  readonly routes: readonly string[];
  readonly hop: Hop;
  /** The hop is the account's own server: whoever sends from its addresses is known, and may challenge us. */
  readonly home: boolean;
}

/** There is no way; the reason is for people. */
export interface Unroutable {
  readonly unroutable: string;
}

const TRANSPORTS: readonly string[] = ['udp', 'tcp', 'tls'] satisfies Transport[];

function isTransport(name: string): name is Transport {
  return TRANSPORTS.includes(name);
}

/** The next hop that a SIP or SIPS URI names. */
export function hopOf(text: string, family?: 4 | 6): Hop | Unroutable {
  const uri = parseUri(text);
  if (uri === undefined) return { unroutable: `${text} is no URI` };
  if (!isSip(uri)) return { unroutable: `${text} is no SIP URI` };
  return sipHop(uri, text, family);
}

function sipHop(uri: SipUri, text: string, family: 4 | 6 | undefined): Hop | Unroutable {
  const transport = uri.params.text('transport')?.toLowerCase();
  if (transport !== undefined && !isTransport(transport))
    return { unroutable: `${text} needs transport ${transport}, which this telephone does not have` };
  return {
    // RFC 3263 4: maddr, where present, is the TARGET.
    host: uri.params.text('maddr')?.replace(/^\[|\]$/g, '') ?? uri.host,
    ...(uri.port === undefined ? {} : { port: uri.port }),
    ...(transport === undefined ? {} : { transport }),
    ...(family === undefined ? {} : { family }),
    secure: uri.scheme === 'sips',
  };
}

/** The target of a request inside a dialog (12.2.1.1): loose routes, or a strict first one. */
export function routedTarget(uri: string, routes: readonly string[], family?: 4 | 6): Target | Unroutable {
  const [first, ...others] = routes;
  if (first === undefined) return withHop(uri, routes, hopOf(uri, family));
  const router = parseNameAddr(first)?.uri ?? first;
  const routerUri = parseUri(router);
  const strict = routerUri?.scheme !== 'tel' && routerUri?.scheme !== 'other' && !routerUri?.params.has('lr');
  const hop = hopOf(router, family);
  if (!strict || !isSip(routerUri)) return withHop(uri, routes, hop);
  return withHop(requestUri(router, routerUri), [...others, `<${uri}>`], hop);
}

/** The target of a request outside of any dialog: by the account's proxy, its domain, or straight to the URI. */
export function freshTarget(text: string, account: Account | undefined): Target | Unroutable {
  const uri = callable(text, account);
  if ('unroutable' in uri) return uri;
  const family = account?.family;
  if (account?.outboundProxy !== undefined) {
    const route = looseRoute(account.outboundProxy);
    return withHop(requestUri(text, uri), [route], hopOf(parseNameAddr(route)?.uri ?? route, family), true);
  }
  if (account === undefined || !isOwnDomain(uri, account))
    return withHop(requestUri(text, uri), [], sipHop(uri, text, family));
  const port = uri.port ?? portInUri(account);
  const own = port === uri.port ? requestUri(text, uri) : formatUri(bare({ ...uri, ...(port && { port }) }));
  return { uri: own, routes: [], hop: accountHop(account, uri.scheme === 'sips'), home: true };
}

/** What somebody wants to call as a SIP URI: tel becomes sip at the account's domain (RFC 3261 19.1.6). */
function callable(text: string, account: Account | undefined): SipUri | Unroutable {
  const uri = parseUri(text);
  if (uri === undefined) return { unroutable: `${text} is no URI` };
  if (uri.scheme === 'other') return { unroutable: `${uri.name} cannot be called` };
  if (isSip(uri)) return uri;
  if (account === undefined) return { unroutable: 'a telephone number needs an account' };
  const called = parseUri(telephoneUri(text, account));
  return isSip(called) ? called : { unroutable: `${text} cannot be called at ${account.domain}` };
}

function telephoneUri(text: string, account: Account): string {
  return `sip:${text.slice(text.indexOf(':') + 1)}@${account.domain};user=phone`;
}

/** 19.1.1: neither headers nor a method stand in a Request-URI, and of other octets only their escapes. */
function requestUri(text: string, uri: SipUri): string {
  const asWritten = /^sips?:[\x21-\x7e]*$/i.test(text) && uri.headers === '' && !uri.params.has('method');
  return asWritten ? text : formatUri(bare(uri));
}

function bare(uri: SipUri): SipUri {
  return { ...uri, params: uri.params.without('method'), headers: '' };
}

/** What leads to somebody and does not say who it is. */
const WAY = ['method', 'transport', 'maddr', 'ttl', 'lr'];

/**
 * What somebody wants to call as it stands in To (19.1.1, table 1). The port stays, whatever the table says: where
 * the host is an address, nothing else tells whose it is.
 */
export function calledUri(text: string): string {
  const uri = parseUri(text);
  if (!isSip(uri)) return text;
  const params = WAY.reduce((left, name) => left.without(name), uri.params);
  return requestUri(params.size === uri.params.size ? text : '', { ...uri, params });
}

function isSip(uri: ReturnType<typeof parseUri>): uri is SipUri {
  return uri?.scheme === 'sip' || uri?.scheme === 'sips';
}

function isOwnDomain(uri: SipUri, account: Account): boolean {
  return (
    uri.host === account.domain.toLowerCase() &&
    (uri.port === undefined || uri.port === account.port) &&
    !uri.params.has('transport') &&
    !uri.params.has('maddr')
  );
}

function accountHop(account: Account, secure: boolean): Hop {
  return {
    host: account.domain,
    ...(account.port === undefined ? {} : { port: account.port }),
    ...(account.transport === undefined ? {} : { transport: account.transport }),
    ...(account.family === undefined ? {} : { family: account.family }),
    secure,
  };
}

/** A configured proxy as a Route value. It is loose: strict routers are history, and `;lr` is easily forgotten. */
function looseRoute(proxy: string): string {
  // Without <> the parameters are meant for the URI, whatever 20.10 says of header fields.
  const bare = proxy.includes('<') ? parseNameAddr(proxy)?.uri : undefined;
  const uri = bare ?? (/^sips?:/i.test(proxy) ? proxy : `sip:${proxy}`);
  return parseUriHasLr(uri) ? `<${uri}>` : `<${uri};lr>`;
}

function parseUriHasLr(text: string): boolean {
  const uri = parseUri(text);
  return isSip(uri) && uri.params.has('lr');
}

function withHop(
  uri: string,
  routes: readonly string[],
  hop: Hop | Unroutable,
  home = false,
): Target | Unroutable {
  if ('unroutable' in hop) return hop;
  // 8.1.2, 12.2.1.1: a sips Request-URI goes over TLS even by the way of a sip route.
  const secured = hop.secure || !/^sips:/i.test(uri) ? hop : { ...hop, secure: true };
  return { uri, routes, hop: secured, home };
}
