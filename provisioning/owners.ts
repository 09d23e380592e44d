/**
 * What no server may say, whatever else it configures: names of files and of sound devices (the first line of a file would
 * be sent as a password's digest, `/dev/zero` has no end, and a name of ALSA's may hold a file to write and a program to
 * run), and whom the telephone asks, with which password and how carefully. That is for who has the telephone, its card or
 * its page. `provisioning.pin` and `moveTo` of a server are heard by fetch/instructions.ts, as far as it may say them.
 */
import { FILE_SETTINGS } from './named_files.ts';
import { isMapping, type Mapping } from './schema_shape.ts';
import { pointer } from './walk.ts';

const OWNERS: ReadonlySet<string> = new Set([
  '/board',
  ...FILE_SETTINGS,
  ...['url', 'user', 'password', 'allowHttp', 'allowTftp'].map((key) => `/provisioning/${key}`),
]);

/** Sound that is neither a file nor a device. */
const SOUND = /^(?:default|web|silence|null|tone:[\d.]{1,8})$/;

export interface WithoutOwners {
  readonly value: Mapping;
  /** JSON pointers of what was left out. */
  readonly left: readonly string[];
}

/** A copy with only what a server may say. */
export function withoutOwners(value: Mapping): WithoutOwners {
  const left: string[] = [];
  return { value: mappingWithout(value, [], left), left };
}

function without(value: unknown, path: readonly (string | number)[], left: string[]): unknown {
  if (Array.isArray(value)) return value.map((inner, index) => without(inner, [...path, index], left));
  return isMapping(value) ? mappingWithout(value, path, left) : value;
}

function mappingWithout(value: Mapping, path: readonly (string | number)[], left: string[]): Mapping {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
      const at = pointer([...path, key]);
      if (!OWNERS.has(at) && !isFile(inner) && !isDevice(at, inner))
        return [[key, without(inner, [...path, key], left)]];
      left.push(at);
      return [];
    }),
  );
}

/** `{file: PATH}`; nothing else of the schema has such a key. */
function isFile(value: unknown): boolean {
  return isMapping(value) && Object.hasOwn(value, 'file');
}

function isDevice(at: string, value: unknown): boolean {
  return /^\/audio\//.test(at) && typeof value === 'string' && !SOUND.test(value);
}
