/** What administers the telephone: provisioning, neighbours, the admin page, syslog, metrics, time. */
import * as v from 'valibot';
import {
  file,
  host,
  list,
  oneOf,
  port,
  seconds,
  secret,
  server,
  text,
  url,
  yesOrNo,
} from './schema_values.ts';

/** Vendors whose files are also asked for by name. */
export const COMPAT = ['yealink', 'snom', 'grandstream', 'cisco-spa', 'fanvil'] as const;

/** SHA-256 of a public key or an authority (SPKI, as in RFC 7469 2.4): 32 octets in base64. */
const PIN = /^sha256\/[A-Za-z0-9+/]{43}=$/;
const pin = () =>
  v.pipe(text('sha256/BASE64'), v.regex(PIN, 'sha256/ and 32 octets in base64, 44 characters'));

/** `accounts`, `dial.map` or `/dial/map`. */
const key = () =>
  v.pipe(text('a key'), v.regex(/^\/?[A-Za-z][\w./-]*$/, 'a key, such as accounts or dial.map'));

export const provisioningSchema = v.object({
  mode: v.optional(oneOf(['auto', 'off']), 'auto'),
  url: v.optional(url('https', 'http', 'tftp')),
  // At most often enough that a fleet does not weigh on its server; at least once in 30 days.
  interval: v.optional(seconds(60, 2_592_000), 86_400),
  user: v.optional(text('the name used with the password')),
  password: v.optional(secret()),
  pin: v.optional(pin()),
  allowHttp: v.optional(yesOrNo(), false),
  allowTftp: v.optional(yesOrNo(), false),
  compat: v.optional(v.array(oneOf(COMPAT), 'a list of vendors'), []),
  clientCertificate: v.optional(file('a PEM file with the certificate shown to the server')),
  clientKey: v.optional(file('a PEM file with the key of provisioning.clientCertificate')),
  moveTo: v.optional(url('https')),
  locked: v.optional(v.array(key(), 'a list of keys'), []),
});

export const neighboursSchema = v.object({
  mode: v.optional(oneOf(['auto', 'off']), 'auto'),
});

export const adminSchema = v.object({
  listen: v.optional(oneOf(['auto', 'loopback', 'off']), 'auto'),
  port: v.optional(port(), 8443),
});

export const syslogSchema = v.object({
  server: v.optional(server()),
  transport: v.optional(oneOf(['udp', 'tcp', 'tls']), 'udp'),
  level: v.optional(oneOf(['debug', 'info', 'warn', 'error']), 'info'),
});

export const metricsSchema = v.object({
  token: v.optional(secret()),
});

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

const ZONE = 'a name of the time zone database, such as Europe/Amsterdam';

export const timeSchema = v.object({
  servers: v.optional(list(host('a time server'), 'a list of time servers'), []),
  zone: v.optional(v.pipe(text(ZONE), v.regex(/^[A-Za-z][\w+/-]*$/, ZONE), v.check(isZone, ZONE))),
});

/** Updates of the whole system, where it has two slots (docs/update.md). */
export const updateSchema = v.object({
  mode: v.optional(oneOf(['auto', 'notify', 'off']), 'auto'),
  url: v.optional(url('https')),
  channel: v.optional(
    v.pipe(
      text('the name of a channel'),
      v.regex(/^[\w.-]{1,32}$/, 'letters, digits, dots and dashes, at most 32'),
    ),
    'stable',
  ),
});

export const contactSchema = v.object({
  name: v.pipe(text('a name'), v.nonEmpty('not empty'), v.maxLength(64, 'at most 64 characters')),
  number: v.pipe(text('a number in quotes or a SIP URI'), v.regex(/^\S{1,256}$/, 'a number or a SIP URI')),
});
