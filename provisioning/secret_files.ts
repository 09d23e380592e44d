/** Secrets that stand in files of their own: `{file: PATH}`. */
import { isMapping, type Mapping } from './schema_shape.ts';
import { pointer } from './walk.ts';

export interface SecretFile {
  /** JSON pointer of the secret. */
  readonly at: string;
  /** As the configuration names it. */
  readonly file: string;
}

/** All files that hold secrets of `value`. */
export function secretFiles(value: unknown, path: readonly (string | number)[] = []): readonly SecretFile[] {
  if (Array.isArray(value)) return value.flatMap((inner, index) => secretFiles(inner, [...path, index]));
  if (!isMapping(value)) return [];
  const file = secretFile(value);
  if (file !== undefined) return [{ at: pointer(path), file }];
  return Object.entries(value).flatMap(([key, inner]) => secretFiles(inner, [...path, key]));
}

/** A copy with the secrets themselves, by the name of their file; those of other files stay where they are. */
export function withSecrets<T>(value: T, secrets: ReadonlyMap<string, string>): T;
export function withSecrets(value: unknown, secrets: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((inner: unknown) => withSecrets(inner, secrets));
  if (!isMapping(value)) return value;
  const file = secretFile(value);
  if (file !== undefined) return secrets.get(file) ?? value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withSecrets(inner, secrets)]));
}

/** A secret is the first line of its file. */
export function secretIn(text: string): string {
  return text.split(/\r?\n/, 1)[0] ?? '';
}

/** `{file: PATH}` and nothing else: no other mapping of the schema has such a key. */
function secretFile(value: Mapping): string | undefined {
  const { file, ...others } = value;
  return typeof file === 'string' && Object.keys(others).length === 0 ? file : undefined;
}
