/** Files that a configuration names by their path. Secrets in files of their own are told apart by `{file: PATH}` (secret_files.ts). */
import { isMapping, type Mapping } from './schema_shape.ts';
import { pointer } from './walk.ts';

const SETTINGS: Readonly<Record<string, readonly string[]>> = {
  net: ['tlsCa', 'tlsCertificate', 'tlsKey'],
  provisioning: ['clientCertificate', 'clientKey'],
};

/** JSON pointers of all settings that are the name of a file. */
export const FILE_SETTINGS: readonly string[] = Object.entries(SETTINGS).flatMap(([room, keys]) =>
  keys.map((key) => pointer([room, key])),
);

/** As the configuration names them, in its order. */
export function namedFiles(value: Mapping): readonly string[] {
  const files: string[] = [];
  eachFile(value, (file) => {
    files.push(file);
    return file;
  });
  return files;
}

/** A copy with other names, by those of now; files that have none keep theirs. */
export function withNamedFiles(value: Mapping, names: ReadonlyMap<string, string>): Mapping {
  return eachFile(value, (file) => names.get(file) ?? file);
}

function eachFile(value: Mapping, name: (file: string) => string): Mapping {
  return mapped(value, (room, inner) => {
    if (!Object.hasOwn(SETTINGS, room) || !isMapping(inner)) return inner;
    return mapped(inner, (key, file) =>
      typeof file === 'string' && SETTINGS[room]?.includes(key) ? name(file) : file,
    );
  });
}

function mapped(value: Mapping, map: (key: string, inner: unknown) => unknown): Mapping {
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, map(key, inner)]));
}
