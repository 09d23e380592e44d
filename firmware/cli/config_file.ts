/** Reads a configuration file for a verb, of whatever format. */
import { readFile } from 'node:fs/promises';
import { type Place, placesOf } from '#provisioning/explain.ts';
import { mergeLayers } from '#provisioning/layers.ts';
import { readConfig } from '#provisioning/read.ts';
import type { Config } from '#provisioning/schema.ts';
import { isMapping } from '#provisioning/schema_shape.ts';
import type { Layer } from '#provisioning/types.ts';
import { CommandError } from './verb.ts';
import { whyOf } from './why.ts';

export interface ConfigFile {
  readonly config: Config;
  readonly warnings: readonly string[];
  /** What the file itself says, as a layer; none: there is no file. */
  readonly layers: readonly Layer[];
}

/** CommandError: cannot be read, or refused. Without `path`: the defaults. */
export async function loadConfig(path: string | undefined): Promise<ConfigFile> {
  if (path === undefined) return { config: mergeLayers([]).config, warnings: [], layers: [] };
  const read = await readAny(await octetsOf(path));
  if ('error' in read) throw new CommandError(`${path} is refused: ${read.error}`);
  const layers: readonly Layer[] = [{ origin: 'drop file', from: path, value: read.value }];
  const { config, refused } = mergeLayers(layers);
  // A file of another maker may be good in itself and lack what a second one has.
  for (const { error } of refused) throw new CommandError(`${path} is refused: ${error}`);
  return { config, warnings: read.warnings, layers };
}

/** Where every value of it comes from, secrets masked. */
export function placesIn({ layers }: ConfigFile): readonly Place[] {
  return placesOf(mergeLayers(layers));
}

interface Read {
  readonly value: Layer['value'];
  readonly warnings: readonly string[];
}

/** Marks of other makers' files. Our own that has one of them is read all the same. */
const FOREIGN = /^\s*<|^#!version|^[\w.]+[ \t]*=|^[a-z]\w*[!&$]:/im;

/** Only who brings a file of another maker waits for its reader. */
async function readAny(octets: Uint8Array): Promise<Read | { readonly error: string }> {
  const text = new TextDecoder().decode(octets);
  if (!FOREIGN.test(text)) return readOwn(text);
  const { readProvisioned } = await import('#provisioning/formats/read_file.ts');
  const read = await readProvisioned(octets);
  if ('error' in read || read.format === 'dualtone') return read;
  const { value, format, unknown, unused, includes, warnings } = read;
  const notes: readonly (readonly [string, readonly string[]])[] = [
    ['keys that are not known here', unknown],
    ['keys that mean nothing to this telephone', unused],
    ['further files, not read', includes],
  ];
  const told = notes
    .filter(([, list]) => list.length > 0)
    .map(([what, list]) => `${what}: ${list.join(', ')}`);
  return { value, warnings: [`read as a file of ${format}`, ...warnings, ...told] };
}

async function readOwn(text: string): Promise<Read | { readonly error: string }> {
  const read = await readConfig(text);
  if ('error' in read) return read;
  return { value: isMapping(read.given) ? read.given : {}, warnings: read.warnings };
}

async function octetsOf(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new CommandError(`cannot read ${path}: ${whyOf(error)}`);
  }
}
