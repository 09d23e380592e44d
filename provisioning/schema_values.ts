/** Kinds of values that occur in several places of the configuration. */
import { isIP } from 'node:net';
import * as v from 'valibot';

export const text = (expected: string) => v.string(`text (${expected})`);

export const oneOf = <const T extends readonly string[]>(words: T) =>
  v.picklist(words, `one of ${words.join(', ')}`);

export const yesOrNo = () => v.boolean('true or false');

/** A host name or an IP address (IPv6 with or without brackets). */
export const HOST = /^(?:[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?\.?|\[?[\dA-Fa-f:.]+(?:%[\w.-]+)?\]?)$/;
export const host = (expected: string) =>
  v.pipe(
    text(expected),
    v.maxLength(255, 'at most 255 characters'),
    v.regex(HOST, `a host name or an IP address`),
  );

/** A list: each entry costs a registration, a lookup or a line somewhere, and the file may be a stranger's. */
export const list = <const T extends v.GenericSchema>(entry: T, expected: string, most = 64) =>
  v.pipe(v.array(entry, expected), v.maxLength(most, `${expected}, at most ${most}`));

export const file = (expected: string) => v.pipe(text(expected), v.nonEmpty('the name of a file'));

export const port = () =>
  v.pipe(
    v.number('a port number'),
    v.integer('a whole port number'),
    v.minValue(1, 'a port from 1 to 65535'),
    v.maxValue(65535, 'a port from 1 to 65535'),
  );

/** A whole number of seconds. */
export const seconds = (least: number, most: number) => {
  const expected = `seconds, from ${least} to ${most}`;
  return v.pipe(
    v.number('a number of seconds'),
    v.integer('a whole number of seconds'),
    v.minValue(least, expected),
    v.maxValue(most, expected),
  );
};

/** A password in the file, or the name of a file whose first line it is. */
export const secret = () =>
  v.union(
    [v.string(), v.strictObject({ file: v.pipe(v.string(), v.nonEmpty()) })],
    'text (digits alone in quotes) or {file: PATH}',
  );

/** `16384-16583`: RTP takes an even port and RTCP the next one, so the range holds at least one such pair. */
const PORT_RANGE = /^(\d{1,5})-(\d{1,5})$/;

/** First and last port of a range, both inclusive; undefined: it is none, or holds no pair of ports. */
export function portRange(range: string): [first: number, last: number] | undefined {
  const [, low, high] = PORT_RANGE.exec(range) ?? [];
  const [first, last] = [Number(low), Number(high)];
  const even = first + (first % 2);
  if (!(first >= 1024 && last <= 65535 && even + 1 <= last)) return undefined;
  return [first, last];
}

export const rtpPorts = () =>
  v.pipe(
    text('first-last'),
    v.regex(PORT_RANGE, 'two ports, first-last'),
    v.check(
      (range) => portRange(range) !== undefined,
      'two ports from 1024 to 65535, first-last, with an even one and its successor among them',
    ),
  );

/** `2001:db8::/32`, `192.0.2.1`, `example.net`. */
function isPrefixOrDomain(entry: string): boolean {
  const [, address = '', length] = /^([^/]*)\/(\d{1,3})$/.exec(entry) ?? [];
  if (length === undefined) return HOST.test(entry);
  const width = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return Number(length) <= width;
}

export const prefixOrDomain = () =>
  v.pipe(text('an IP prefix or a domain'), v.check(isPrefixOrDomain, 'an IP prefix or a domain'));

/** `10.0.0.0/8`, or an address alone. */
function isIpv4Prefix(text: string): boolean {
  const [, address = ''] = /^([^/]*)(?:\/(?:\d|[12]\d|3[0-2]))?$/.exec(text) ?? [];
  return isIP(address) === 4;
}

export const ipv4Prefix = () => {
  const expected = 'an IPv4 prefix, such as 10.0.0.0/8';
  return v.pipe(text(expected), v.check(isIpv4Prefix, expected));
};

/** `192.0.2.1`, `router.example.net:25790`: 6bed4 goes through IPv4. */
const LABEL = '[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?';
const ROUTER = new RegExp(`^${LABEL}(?:\\.${LABEL})*\\.?(?::[0-9]{1,5})?$`);

function hasPossibleParts(router: string): boolean {
  const [host = '', port = '25790'] = router.split(':');
  if (host.replace(/\.$/, '').length > 253) return false;
  return Number(port) >= 1 && Number(port) <= 65_535 && (!/^[\d.]+$/.test(host) || isIP(host) === 4);
}

export const router = () => {
  const expected = 'an IPv4 address or a host name, with or without a port, such as 192.0.2.1:25790';
  return v.pipe(
    text(expected),
    v.maxLength(260, expected),
    v.regex(ROUTER, expected),
    v.check(hasPossibleParts, expected),
  );
};

/** `log.example.net`, `192.0.2.1:514`, `2001:db8::1`, `[2001:db8::1]:6514`. */
export function hostAndPort(text: string): { readonly host: string; readonly port?: number } | undefined {
  if (isIP(text) !== 0) return { host: text };
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]%]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = bracketed ?? plain ?? '';
  if (bracketed !== undefined ? isIP(bracketed) !== 6 : !HOST.test(host) || host.length > 255)
    return undefined;
  if (digits === undefined) return { host };
  const port = Number(digits);
  return port >= 1 && port <= 65_535 ? { host, port } : undefined;
}

export const server = () => {
  const expected = 'a host name or an IP address, with or without a port';
  return v.pipe(
    text(expected),
    v.check((text) => hostAndPort(text) !== undefined, expected),
  );
};

/** An address that a configuration may be fetched from. */
export const url = (...schemes: readonly string[]) => {
  const expected = `an address that begins with ${schemes.map((scheme) => `${scheme}://`).join(', ')}`;
  return v.pipe(
    text(expected),
    v.maxLength(2048, 'at most 2048 characters'),
    v.check((text) => schemes.some((scheme) => isUrl(text, scheme)), expected),
  );
};

/** Macros (`{mac}`, `$mac`) stand in paths: only scheme and host are looked at. */
function isUrl(text: string, scheme: string): boolean {
  const [, found = '', authority = ''] = /^([a-z]+):\/\/([^/?#\s]+)(?:[/?#][^\s]*)?$/i.exec(text) ?? [];
  return found.toLowerCase() === scheme && hostAndPort(authority.replace(/^.*@/, '')) !== undefined;
}
