/** The parts of a valibot schema that the walkers read (its own types are generic to no end). */

/** Any valibot schema or pipe action, as far as it says what it is. */
export interface Schema {
  readonly type: string;
  readonly entries?: unknown;
  readonly item?: unknown;
  readonly wrapped?: unknown;
  readonly options?: unknown;
  readonly pipe?: unknown;
  readonly default?: unknown;
  readonly literal?: unknown;
  readonly requirement?: unknown;
}

export type Mapping = Readonly<Record<string, unknown>>;

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isSchema(value: unknown): value is Schema {
  return isMapping(value) && typeof value.type === 'string';
}

/** The schema inside `optional(…)`; every other schema as it is. */
export function unwrapped(schema: Schema): Schema {
  return isSchema(schema.wrapped) ? unwrapped(schema.wrapped) : schema;
}

/** The actions of a pipe behind its first schema. */
export function actionsOf(schema: Schema): readonly Schema[] {
  return Array.isArray(schema.pipe) ? schema.pipe.slice(1).filter(isSchema) : [];
}

/** The keys of a mapping, if `schema` describes one. */
export function entriesOf(schema: Schema): Readonly<Record<string, Schema>> | undefined {
  const { entries } = unwrapped(schema);
  if (!isMapping(entries)) return undefined;
  return Object.fromEntries(
    Object.entries(entries).flatMap(([key, value]) => (isSchema(value) ? [[key, value]] : [])),
  );
}

/** The schema of a list's elements, if `schema` describes a list. */
export function itemOf(schema: Schema): Schema | undefined {
  const { item } = unwrapped(schema);
  return isSchema(item) ? item : undefined;
}
