/** `net`, `audio`, `dial`, `security`: how the telephone talks, sounds and dials, and to whom it listens. */
import * as v from 'valibot';
import {
  file,
  ipv4Prefix,
  list,
  oneOf,
  port,
  prefixOrDomain,
  router,
  rtpPorts,
  text,
} from './schema_values.ts';

const sixbed4Schema = v.object({
  mode: v.optional(oneOf(['auto', 'off', 'always']), 'auto'),
  routers: v.optional(list(router(), 'a list of routers'), []),
  port: v.optional(port(), 25790),
  onLink: v.optional(list(ipv4Prefix(), 'a list of IPv4 prefixes'), []),
});

export const netSchema = v.object({
  sipPort: v.optional(port(), 5060),
  tlsPort: v.optional(port(), 5061),
  tlsCa: v.optional(file('a PEM file of authorities that are believed besides those of the system')),
  tlsCertificate: v.optional(file('a PEM file with our certificate and those between it and its authority')),
  tlsKey: v.optional(file('a PEM file with the key of net.tlsCertificate')),
  rtpPorts: v.optional(rtpPorts(), '16384-16583'),
  dnsServers: v.optional(
    list(v.pipe(text('an IP address'), v.ip('an IP address')), 'a list of name servers'),
    [],
  ),
  sixbed4: v.optional(sixbed4Schema, {}),
});

export const audioSchema = v.object({
  input: v.optional(text('default, web, silence, tone:HZ, file:PATH or an ALSA name'), 'default'),
  output: v.optional(text('default, web, null, file:PATH or an ALSA name'), 'default'),
});

/** `*` everything, `06*` what begins with 06, `112` that number alone. */
const ALLOWED = /^(?:[\d*#+]*\*|[\d*#+]+)$/;

export const dialSchema = v.object({
  map: v.optional(text('a dial map')),
  emergency: v.optional(
    v.array(v.pipe(text('a number in quotes'), v.regex(/^[\d*#]+$/, 'digits')), 'a list of numbers'),
    ['112'],
  ),
  allow: v.optional(
    v.array(
      v.pipe(
        text('a number in quotes'),
        v.regex(ALLOWED, 'a number, or the beginning of numbers and a * behind it'),
      ),
      'a list of numbers',
    ),
    ['*'],
  ),
});

export const securitySchema = v.object({
  acceptFrom: v.optional(oneOf(['known', 'anyone']), 'known'),
  allow: v.optional(list(prefixOrDomain(), 'a list of prefixes and domains', 256), []),
});
