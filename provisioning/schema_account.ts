/** `accounts`: whose calls the telephone takes and makes. */
import * as v from 'valibot';
import { host, list, oneOf, port, seconds, secret, text, yesOrNo } from './schema_values.ts';

const transport = () => oneOf(['auto', 'udp', 'tcp', 'tls']);

export const CODECS = ['opus', 'g722', 'pcma', 'pcmu'] as const;

export const accountSchema = v.object({
  user: v.pipe(text('the user part of the address; digits alone in quotes'), v.nonEmpty('not empty')),
  domain: host('the domain of the account'),
  password: v.optional(secret(), ''),
  authUser: v.optional(text('the name used with the password; digits alone in quotes')),
  displayName: v.optional(text('the name shown to others')),
  outboundProxy: v.optional(
    v.pipe(text('a SIP URI'), v.regex(/^sips?:\S+$/i, 'a SIP URI, such as sip:proxy.example.net;lr')),
  ),
  port: v.optional(port()),
  transport: v.optional(transport(), 'auto'),
  fallbacks: v.optional(
    list(
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
  // A registrar that lost its memory hears of us again within this time.
  expires: v.optional(seconds(60, 86_400), 600),
  voicemail: v.optional(
    v.pipe(text('the number of the mailbox, in quotes'), v.regex(/^\S{1,128}$/, 'a number or a SIP URI')),
  ),
  mwi: v.optional(v.object({ subscribe: v.optional(yesOrNo(), false) }), {}),
});
