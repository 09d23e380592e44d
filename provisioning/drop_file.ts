/**
 * The drop file: a person lays a configuration on the card's boot partition, which every computer can write. It is taken
 * in once; what stays behind tells what was read and has no secrets. An empty `dualtone.reset` means factory reset.
 */
import { masked } from './mask.ts';
import { configSchema } from './schema.ts';
import type { Mapping } from './schema_shape.ts';
import type { FileFormat } from './types.ts';
import { knownIn } from './walk.ts';

/** Where Raspberry Pi OS mounts the boot partition. */
export const DROP_DIRECTORY = '/boot/firmware';

/** The first that is there counts. */
const NAMES = ['json', 'yaml', 'yml', 'cfg', 'xml'].map((ending) => `dualtone.${ending}`);
const RESET = 'dualtone.reset';
/** Behind the name of one that was taken in. */
export const APPLIED = '.applied';
/** Says why a drop file was refused, to who looks at the card. */
export const COMPLAINT = 'dualtone.error.txt';
/** Behind the name of one whose content is being overwritten. */
export const ERASING = '.dualtone-erasing';

export interface Entry {
  readonly name: string;
  /** Octets. */
  readonly size: number;
}

export interface DropDecision {
  /** Everything is to be forgotten. */
  readonly reset?: string;
  /** To be taken in. */
  readonly file?: string;
  /** Left over from an erasing that was cut off. */
  readonly erase: readonly string[];
  readonly warnings: readonly string[];
}

/** What is to be done about the files of the partition's root. A reset comes before a file: both at once are a new start. */
export function decideDrop(entries: readonly Entry[]): DropDecision {
  const there = new Map(entries.map(({ name, size }) => [name, size]));
  const [file, ...others] = NAMES.filter((name) => there.has(name));
  const reset = there.get(RESET);
  return {
    ...(reset === 0 ? { reset: RESET } : {}),
    ...(file === undefined ? {} : { file }),
    erase: [...there.keys()].filter((name) => name.endsWith(ERASING)),
    warnings: [
      ...(reset !== undefined && reset > 0 ? [`${RESET} is not empty, and passed over`] : []),
      ...others.map((name) => `${name} is passed over: ${file} counts`),
    ],
  };
}

/** What stays behind: what was understood of the file, without secrets and without anything that was not understood. */
export async function appliedText(name: string, format: FileFormat, value: Mapping): Promise<string> {
  const shown = masked(knownIn(configSchema, value));
  if (name.endsWith('.json')) return `${JSON.stringify(shown, undefined, 2)}\n`;
  const { stringify } = await import('./yaml.ts');
  return `# Read from ${name} (${format}). Secrets are kept in the telephone and nowhere else.\n${stringify(shown)}`;
}
