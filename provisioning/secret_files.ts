/** Secrets that stand in files of their own, `{file: PATH}`, beside a drop file: they are taken in with it. */
import { isMapping, type Mapping } from './schema_shape.ts';

/** Paths of all files that hold secrets of `value`. */
export function secretFiles(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(secretFiles);
  if (!isMapping(value)) return [];
  const path = secretFile(value);
  return path === undefined ? Object.values(value).flatMap(secretFiles) : [path];
}

/** A copy with the secrets themselves; those of other files stay where they are. */
export function withSecrets(value: Mapping, secrets: ReadonlyMap<string, string>): Mapping {
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, replaced(inner, secrets)]));
}

function replaced(value: unknown, secrets: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((inner) => replaced(inner, secrets));
  if (!isMapping(value)) return value;
  const path = secretFile(value);
  return path === undefined ? withSecrets(value, secrets) : (secrets.get(path) ?? value);
}

/** `{file: PATH}` and nothing else: no other mapping of the schema has such a key. */
function secretFile(value: Mapping): string | undefined {
  const { file, ...others } = value;
  return typeof file === 'string' && Object.keys(others).length === 0 ? file : undefined;
}
