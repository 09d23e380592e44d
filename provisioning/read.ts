/** From the text of a configuration file to a configuration, or to a sentence that says what is wrong where. */
import * as v from 'valibot';
import { type Config, configSchema } from './schema.ts';
import { isMapping } from './schema_shape.ts';
import { pointer, walk, withoutNulls } from './walk.ts';

export type ReadResult =
  | {
      readonly config: Config;
      readonly warnings: readonly string[];
      /** What the file itself says, nulls too: the rest of `config` are defaults. */
      readonly given: unknown;
    }
  /** `/net/sipPort: expected a port number, got text`; the file is refused as a whole. */
  | { readonly error: string };

/** A configuration is a few kilobytes; more than this is a mistake or an attack. Characters. */
const LARGEST = 1 << 20;
/** Expansions of YAML aliases; the bomb of nested aliases needs thousands. */
const MOST_ALIASES = 32;

/** Reads YAML or JSON (which is YAML). Never throws. */
export async function readConfig(text: string): Promise<ReadResult> {
  if (text.length > LARGEST) return { error: `the file is larger than ${LARGEST} characters` };
  const parsed = await parseText(text);
  if ('error' in parsed) return parsed;
  return checkConfig(parsed.value);
}

/** The same for a value that is already parsed. */
export function checkConfig(raw: unknown): ReadResult {
  const value = withoutNulls(raw ?? {});
  const { unknown, notMapping } = walk(configSchema, value);
  const [wrong] = notMapping;
  if (wrong !== undefined) return { error: `${wrong || '/'}: expected a mapping (key: value), got a list` };
  const result = v.safeParse(configSchema, value);
  if (!result.success) return { error: result.issues.map(sentenceOf).join('; ') };
  const warnings = unknown.map((path) => `${path}: unknown key, ignored`);
  return { config: result.output, warnings, given: raw ?? {} };
}

type Parsed = { readonly value: unknown } | { readonly error: string };

async function parseText(text: string): Promise<Parsed> {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return parseYaml(text);
  }
}

async function parseYaml(text: string): Promise<Parsed> {
  // Loaded only when needed: a phone without a file, or with a JSON file, starts sooner.
  const { parseDocument } = await import('./yaml.ts');
  try {
    const document = parseDocument(text, { prettyErrors: true, logLevel: 'error' });
    const [fault] = document.errors;
    if (fault) return { error: faultText(fault.message) };
    return { value: document.toJS({ maxAliasCount: MOST_ALIASES }) };
  } catch (error) {
    // Nesting beyond the stack, or more aliases than allowed.
    return { error: faultText(error instanceof Error ? error.message : String(error)) };
  }
}

/** One line; a message about an alias may quote a password that begins with `*` and lacks its quotes. */
function faultText(message: string): string {
  if (/alias/i.test(message) && !/excessive/i.test(message)) {
    return 'not readable as YAML: an alias without an anchor; text that begins with * needs quotes';
  }
  return `not readable as YAML: ${(message.split('\n')[0] ?? '').replace(/:$/, '')}`;
}

function sentenceOf(issue: v.BaseIssue<unknown>): string {
  const path = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)));
  const where = pointer(path) || '/';
  if (issue.kind === 'schema' && issue.received === 'undefined') return `${where}: is missing`;
  return `${where}: expected ${issue.message}, got ${describe(issue.input, where)}`;
}

/** The value itself where it helps, only its kind where it may be a secret. */
function describe(input: unknown, where: string): string {
  if (Array.isArray(input)) return 'a list';
  if (isMapping(input)) return 'a mapping';
  const kind = { string: 'text', number: 'a number', boolean: 'a truth value' }[typeof input as string];
  if (kind === undefined) return typeof input;
  return /password|token|url/i.test(where) ? kind : `${kind}: ${JSON.stringify(input).slice(0, 80)}`;
}
