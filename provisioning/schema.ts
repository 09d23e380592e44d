/**
 * The configuration `dualtone.config/1`: one file, YAML or JSON; empty or absent is valid. The table below is
 * the schema; the JSON Schema next to it is written from it (`node tools/json_schema.ts`).
 */
import { isIP } from 'node:net';
import * as v from 'valibot';

export const SCHEMA_NAME = 'dualtone.config/1';

const text = (expected: string) => v.string(`text (${expected})`);
const oneOf = <const T extends readonly string[]>(words: T) =>
  v.picklist(words, `one of ${words.join(', ')}`);

/** A host name or an IP address (IPv6 with or without brackets). */
const HOST = /^(?:[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?\.?|\[?[\dA-Fa-f:.]+(?:%[\w.-]+)?\]?)$/;
const host = (expected: string) =>
  v.pipe(
    text(expected),
    v.maxLength(255, 'at most 255 characters'),
    v.regex(HOST, `a host name or an IP address`),
  );

const file = (expected: string) => v.pipe(text(expected), v.nonEmpty('the name of a file'));

const port = () =>
  v.pipe(
    v.number('a port number'),
    v.integer('a whole port number'),
    v.minValue(1, 'a port from 1 to 65535'),
    v.maxValue(65535, 'a port from 1 to 65535'),
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

const rtpPorts = () =>
  v.pipe(
    text('first-last'),
    v.regex(PORT_RANGE, 'two ports, first-last'),
    v.check(
      (range) => portRange(range) !== undefined,
      'two ports from 1024 to 65535, first-last, with an even one and its successor among them',
    ),
  );

/** A password in the file, or the name of a file whose first line it is. */
const password = () =>
  v.union(
    [v.string(), v.strictObject({ file: v.pipe(v.string(), v.nonEmpty()) })],
    'text (digits alone in quotes) or {file: PATH}',
  );

/** `2001:db8::/32`, `192.0.2.1`, `example.net`. */
function isPrefixOrDomain(entry: string): boolean {
  const [, address = '', length] = /^([^/]*)\/(\d{1,3})$/.exec(entry) ?? [];
  if (length === undefined) return HOST.test(entry);
  const width = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return Number(length) <= width;
}

const transport = () => oneOf(['auto', 'udp', 'tcp', 'tls']);

export const CODECS = ['opus', 'g722', 'pcma', 'pcmu'] as const;

const accountSchema = v.object({
  user: v.pipe(text('the user part of the address; digits alone in quotes'), v.nonEmpty('not empty')),
  domain: host('the domain of the account'),
  password: v.optional(password(), ''),
  authUser: v.optional(text('the name used with the password; digits alone in quotes')),
  displayName: v.optional(text('the name shown to others')),
  outboundProxy: v.optional(
    v.pipe(text('a SIP URI'), v.regex(/^sips?:\S+$/i, 'a SIP URI, such as sip:proxy.example.net;lr')),
  ),
  port: v.optional(port()),
  transport: v.optional(transport(), 'auto'),
  fallbacks: v.optional(
    v.array(
      v.object({
        domain: host('a further registrar'),
        port: v.optional(port()),
        transport: v.optional(transport(), 'auto'),
      }),
      'a list of registrars',
    ),
    [],
  ),
  family: v.optional(oneOf(['auto', 'ipv4', 'ipv6']), 'auto'),
  srtp: v.optional(oneOf(['off', 'optional', 'required']), 'optional'),
  codecs: v.optional(
    v.pipe(v.array(oneOf(CODECS), 'a list of codecs'), v.minLength(1, 'at least one codec')),
    [...CODECS],
  ),
});

/** `192.0.2.1`, `router.example.net:25790`: 6bed4 goes through IPv4. */
const LABEL = '[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?';
const ROUTER = new RegExp(`^${LABEL}(?:\\.${LABEL})*\\.?(?::[0-9]{1,5})?$`);

function hasPossibleParts(router: string): boolean {
  const [host = '', port = '25790'] = router.split(':');
  if (host.replace(/\.$/, '').length > 253) return false;
  return Number(port) >= 1 && Number(port) <= 65_535 && (!/^[\d.]+$/.test(host) || isIP(host) === 4);
}

const router = () => {
  const expected = 'an IPv4 address or a host name, with or without a port, such as 192.0.2.1:25790';
  return v.pipe(
    text(expected),
    v.maxLength(260, expected),
    v.regex(ROUTER, expected),
    v.check(hasPossibleParts, expected),
  );
};

/** `10.0.0.0/8`, or an address alone. */
function isIpv4Prefix(text: string): boolean {
  const [, address = ''] = /^([^/]*)(?:\/(?:\d|[12]\d|3[0-2]))?$/.exec(text) ?? [];
  return isIP(address) === 4;
}

const ipv4Prefix = () => {
  const expected = 'an IPv4 prefix, such as 10.0.0.0/8';
  return v.pipe(text(expected), v.check(isIpv4Prefix, expected));
};

const sixbed4Schema = v.object({
  mode: v.optional(oneOf(['auto', 'off', 'always']), 'auto'),
  routers: v.optional(v.array(router(), 'a list of routers'), []),
  port: v.optional(port(), 25790),
  onLink: v.optional(v.array(ipv4Prefix(), 'a list of IPv4 prefixes'), []),
});

const netSchema = v.object({
  sipPort: v.optional(port(), 5060),
  tlsPort: v.optional(port(), 5061),
  tlsCa: v.optional(file('a PEM file of authorities that are believed besides those of the system')),
  tlsCertificate: v.optional(file('a PEM file with our certificate and those between it and its authority')),
  tlsKey: v.optional(file('a PEM file with the key of net.tlsCertificate')),
  rtpPorts: v.optional(rtpPorts(), '16384-16583'),
  dnsServers: v.optional(
    v.array(v.pipe(text('an IP address'), v.ip('an IP address')), 'a list of name servers'),
    [],
  ),
  sixbed4: v.optional(sixbed4Schema, {}),
});

const audioSchema = v.object({
  input: v.optional(text('default, web, silence, tone:HZ, file:PATH or an ALSA name'), 'default'),
  output: v.optional(text('default, web, null, file:PATH or an ALSA name'), 'default'),
});

const dialSchema = v.object({
  map: v.optional(text('a dial map')),
  emergency: v.optional(
    v.array(v.pipe(text('a number in quotes'), v.regex(/^[\d*#]+$/, 'digits')), 'a list of numbers'),
    ['112'],
  ),
});

const securitySchema = v.object({
  acceptFrom: v.optional(oneOf(['known', 'anyone']), 'known'),
  allow: v.optional(
    v.array(
      v.pipe(text('an IP prefix or a domain'), v.check(isPrefixOrDomain, 'an IP prefix or a domain')),
      'a list of prefixes and domains',
    ),
    [],
  ),
});

export const configSchema = v.object(
  {
    schema: v.optional(v.literal(SCHEMA_NAME, SCHEMA_NAME), SCHEMA_NAME),
    name: v.optional(
      v.pipe(text('the name shown to others'), v.maxLength(64, 'at most 64 characters')),
      'Dualtone',
    ),
    extension: v.optional(
      v.pipe(text('a number in quotes'), v.regex(/^\d{2,8}$/, 'two to eight digits in quotes')),
    ),
    country: v.optional(
      v.pipe(
        text('two letters'),
        v.regex(/^[A-Za-z]{2}$/, 'a country as two letters (ISO 3166)'),
        v.toUpperCase(),
      ),
      'NL',
    ),
    accounts: v.optional(v.array(accountSchema, 'a list of accounts'), []),
    net: v.optional(netSchema, {}),
    audio: v.optional(audioSchema, {}),
    dial: v.optional(dialSchema, {}),
    security: v.optional(securitySchema, {}),
  },
  'a mapping (key: value)',
);

/** The effective configuration: every key that has a default is there. */
export type Config = v.InferOutput<typeof configSchema>;
export type AccountConfig = Config['accounts'][number];

/** What an empty file means. */
export function defaultConfig(): Config {
  return v.parse(configSchema, {});
}
