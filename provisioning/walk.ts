/**
 * Looks at a valibot schema from outside: which keys a mapping knows. valibot itself passes over unknown keys
 * and takes a list for a mapping; a person who wrote `sipport:` or `net: [5060]` wants to hear of it.
 */
import type { Mapping, Schema } from './schema_shape.ts';
import { entriesOf, isMapping, itemOf } from './schema_shape.ts';

export interface Findings {
  /** JSON pointers (RFC 6901) of keys that the schema does not know. */
  readonly unknown: string[];
  /** JSON pointers of what should be a mapping and is a list. */
  readonly notMapping: string[];
}

export function pointer(path: readonly (string | number)[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The keys of a JSON pointer. */
export function keysOf(at: string): readonly string[] {
  const keys = at.split('/').slice(1);
  return keys.map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** What stands at `path` in mappings and lists; undefined: nothing. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => {
    const hasKeys = isMapping(inner) || Array.isArray(inner);
    return hasKeys && Object.hasOwn(inner, key) ? Reflect.get(inner, key) : undefined;
  }, value);
}

/** Compares `value` with the keys of `schema`; wrong types of single values are valibot's to find. */
export function walk(schema: Schema, value: unknown): Findings {
  const found: Findings = { unknown: [], notMapping: [] };
  visit(schema, value, [], found);
  return found;
}

function visit(schema: Schema, value: unknown, path: readonly (string | number)[], found: Findings): void {
  const entries = entriesOf(schema);
  if (entries && Array.isArray(value)) found.notMapping.push(pointer(path));
  else if (entries && isMapping(value)) visitMapping(entries, value, path, found);
  const item = itemOf(schema);
  if (item && Array.isArray(value)) {
    for (const [index, element] of value.entries()) visit(item, element, [...path, index], found);
  }
}

function visitMapping(
  entries: Readonly<Record<string, Schema>>,
  value: Mapping,
  path: readonly (string | number)[],
  found: Findings,
): void {
  for (const [key, inner] of Object.entries(value)) {
    const known = Object.hasOwn(entries, key) ? entries[key] : undefined;
    if (known) visit(known, inner, [...path, key], found);
    else found.unknown.push(pointer([...path, key]));
  }
}

/** A key without a value (`net:` in YAML) means the same as no key. Returns a copy without them. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isMapping(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null)
      .map(([key, inner]) => [key, withoutNulls(inner)]),
  );
}

/** A copy with only the keys that `schema` knows, in lists too. */
export function knownIn(schema: Schema, value: unknown): unknown {
  const [entries, item] = [entriesOf(schema), itemOf(schema)];
  if (item !== undefined && Array.isArray(value)) return value.map((element) => knownIn(item, element));
  if (entries === undefined || !isMapping(value)) return value;
  return Object.fromEntries(
    Object.entries(entries).flatMap(([key, inner]) =>
      Object.hasOwn(value, key) ? [[key, knownIn(inner, value[key])]] : [],
    ),
  );
}
