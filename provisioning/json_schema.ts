/** The valibot schema as JSON Schema (draft 2020-12), for editors and other people's tools. */
import { configSchema, SCHEMA_NAME } from './schema.ts';
import { actionsOf, entriesOf, isSchema, itemOf, type Schema, unwrapped } from './schema_shape.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** The content of `dualtone.config.schema.json`. Throws on a valibot construct that the table does not know. */
export function configJsonSchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:${SCHEMA_NAME.replace('/', ':')}`,
    title: `Configuration of a Dualtone telephone (${SCHEMA_NAME})`,
    ...jsonSchemaOf(configSchema),
  };
}

/** How each kind of valibot schema is written in JSON Schema. */
const KINDS: Readonly<Record<string, (schema: Schema) => JsonSchema>> = {
  string: () => ({ type: 'string' }),
  number: () => ({ type: 'number' }),
  boolean: () => ({ type: 'boolean' }),
  literal: ({ literal }) => ({ const: literal }),
  picklist: ({ options }) => ({ enum: options }),
  array: (schema) => ({ type: 'array', items: jsonSchemaOf(itemOf(schema) ?? { type: 'never' }) }),
  union: ({ options }) => ({ anyOf: choices(options) }),
  variant: ({ options }) => ({ oneOf: choices(options) }),
  object: (schema) => mapping(schema),
  strict_object: (schema) => ({ ...mapping(schema), additionalProperties: false }),
};

/** How each check behind a type is written; `{}`: JSON Schema has no word for it. */
const CHECKS: Readonly<Record<string, (check: Schema, of: Schema) => JsonSchema>> = {
  integer: () => ({ type: 'integer' }),
  min_value: ({ requirement }) => ({ minimum: requirement }),
  max_value: ({ requirement }) => ({ maximum: requirement }),
  max_length: ({ requirement }, { type }) => ({ [type === 'array' ? 'maxItems' : 'maxLength']: requirement }),
  min_length: ({ requirement }) => ({ minItems: requirement }),
  non_empty: () => ({ minLength: 1 }),
  regex: ({ requirement }) => patternOf(requirement),
  ip: () => ({ anyOf: [{ format: 'ipv4' }, { format: 'ipv6' }] }),
  check: () => ({}),
  to_upper_case: () => ({}),
  transform: () => ({}),
};

/** ECMA-262 patterns in JSON Schema have no flags: letters of both cases stay out of it. */
function patternOf(requirement: unknown): JsonSchema {
  return requirement instanceof RegExp && requirement.flags === '' ? { pattern: requirement.source } : {};
}

function choices(options: unknown): readonly JsonSchema[] {
  return (Array.isArray(options) ? options : []).filter(isSchema).map(jsonSchemaOf);
}

/** Any schema made of the constructs that the tables know; others throw. */
export function jsonSchemaOf(schema: Schema): JsonSchema {
  if (schema.type === 'nullable' && isSchema(schema.wrapped)) {
    return { anyOf: [jsonSchemaOf(schema.wrapped), { type: 'null' }] };
  }
  const inner = unwrapped(schema);
  const kind = KINDS[inner.type];
  if (!kind) throw new Error(`no JSON Schema for ${inner.type}`);
  const checks = actionsOf(inner).map((action) => {
    const check = CHECKS[action.type];
    if (!check) throw new Error(`no JSON Schema for the check ${action.type}`);
    return check(action, inner);
  });
  const fallback =
    schema.type === 'optional' && schema.default !== undefined ? { default: schema.default } : {};
  return Object.assign({}, kind(inner), ...checks, fallback);
}

function mapping(schema: Schema): JsonSchema {
  const entries = entriesOf(schema) ?? {};
  const required = Object.keys(entries).filter((key) => !/optional$/.test(entries[key]?.type ?? ''));
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, jsonSchemaOf(value)])),
    ...(required.length > 0 ? { required } : {}),
  };
}
