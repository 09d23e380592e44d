/**
 * The configuration `dualtone.config/1`: one file, YAML or JSON; empty or absent is valid. The table below is
 * the schema; the JSON Schema next to it is written from it (`node tools/json_schema.ts`).
 */
import * as v from 'valibot';
import { accountSchema } from './schema_account.ts';
import { audioSchema, dialSchema, netSchema, securitySchema } from './schema_net.ts';
import {
  adminSchema,
  contactSchema,
  metricsSchema,
  neighboursSchema,
  provisioningSchema,
  syslogSchema,
  timeSchema,
  updateSchema,
} from './schema_service.ts';
import { list, text } from './schema_values.ts';

export { CODECS } from './schema_account.ts';
export { portRange } from './schema_values.ts';

export const SCHEMA_NAME = 'dualtone.config/1';

export const configSchema = v.object(
  {
    schema: v.optional(v.literal(SCHEMA_NAME, SCHEMA_NAME), SCHEMA_NAME),
    version: v.optional(
      v.pipe(text('the version of this file, in quotes'), v.regex(/^\S{1,64}$/, 'at most 64 characters')),
    ),
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
    language: v.optional(
      v.pipe(
        text('two or three letters'),
        v.regex(/^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/, 'a language (RFC 5646), such as nl or en-GB'),
      ),
    ),
    board: v.optional(v.pipe(text('the name of a board, or a file'), v.nonEmpty('not empty'))),
    accounts: v.optional(list(accountSchema, 'a list of accounts'), []),
    contacts: v.optional(list(contactSchema, 'a list of contacts', 10_000), []),
    net: v.optional(netSchema, {}),
    audio: v.optional(audioSchema, {}),
    dial: v.optional(dialSchema, {}),
    security: v.optional(securitySchema, {}),
    provisioning: v.optional(provisioningSchema, {}),
    neighbours: v.optional(neighboursSchema, {}),
    admin: v.optional(adminSchema, {}),
    syslog: v.optional(syslogSchema, {}),
    metrics: v.optional(metricsSchema, {}),
    time: v.optional(timeSchema, {}),
    update: v.optional(updateSchema, {}),
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
