/** The door of this folder: the octets of a configuration file, in whatever format, become a part of our configuration. */
import { checkConfig, readConfig } from '../read.ts';
import { isMapping, type Mapping } from '../schema_shape.ts';
import type { FileFormat, ProvisionedFile } from '../types.ts';
import { pointer } from '../walk.ts';
import { ciscoSpaDraft, ciscoSpaEntries } from './cisco_spa.ts';
import { compose, type Warn } from './compose.ts';
import type { Draft } from './draft.ts';
import { fanvilDraft, fanvilEntries } from './fanvil.ts';
import { FormatError } from './format_error.ts';
import { grandstreamDraft, grandstreamEntries } from './grandstream.ts';
import { type Recognised, recognise } from './recognise.ts';
import { type Entry, Settings } from './settings.ts';
import { snomDraft, snomEntries } from './snom.ts';
import { decodeText } from './text.ts';
import { yealinkDraft, yealinkEntries, yealinkIncludes } from './yealink.ts';

export interface ReadFile extends ProvisionedFile {
  /** Keys of the file that we know, and have nothing for; in the file's own words. */
  readonly unused: readonly string[];
  /** URLs of the files that a Yealink `.boot` file names in place of settings. */
  readonly includes: readonly string[];
}

/** The file is refused as a whole: nothing of it counts. One line, without values. */
export interface RefusedFile {
  readonly error: string;
}

/**
 * Reads one file. `common` are files of the same server that were fetched before it, for many telephones: vendors split
 * an account over both (Cisco's proxy stands in the common file), so files of one format are read as one, and the later
 * key counts. Never throws; a megabyte takes well below a second.
 */
export async function readProvisioned(
  octets: Uint8Array,
  ...common: readonly Uint8Array[]
): Promise<ReadFile | RefusedFile> {
  try {
    const warnings: string[] = [];
    const warn: Warn = (text) => warnings.push(text);
    const file = opened(octets, warn);
    if (file.format === 'dualtone') return await ours(file.text, warnings);
    const before = common.map((each) => opened(each, warn)).filter(({ format }) => format === file.format);
    return vendors(file.format, [...before, file], warnings);
  } catch (error) {
    if (error instanceof FormatError) return { error: error.message };
    // The stack is the one limit that has no check of its own.
    return {
      error: error instanceof RangeError ? 'the file is nested too deeply' : 'the file cannot be read',
    };
  }
}

type Opened = Recognised & { readonly text: string };

function opened(octets: Uint8Array, warn: Warn): Opened {
  const { text, warnings } = decodeText(octets);
  for (const warning of warnings) warn(warning);
  return { ...recognise(text), text };
}

/** The reader of YAML compares every key of a mapping with every other: a minute for a megabyte. Characters. */
const LARGEST_YAML = 1 << 16;

function isJson(text: string): boolean {
  try {
    return JSON.parse(text) !== undefined;
  } catch {
    return false;
  }
}

/** A body that was cut off, `null`, `{"error": …}`: taken at its word it would cost the telephone its accounts. */
const NOTHING = 'nothing in it is of a configuration: one that is meant to be empty has the key "schema"';

async function ours(text: string, warnings: readonly string[]): Promise<ReadFile | RefusedFile> {
  if (text.length > LARGEST_YAML && !isJson(text)) {
    return { error: `YAML of more than ${LARGEST_YAML} characters is not read: write it as JSON` };
  }
  const read = await readConfig(text);
  if ('error' in read) return { error: read.error };
  const unknown = read.warnings.flatMap((warning) => /^(.*): unknown key, ignored$/.exec(warning)?.[1] ?? []);
  const value = isMapping(read.given) ? read.given : {};
  if (!Object.keys(value).some((key) => !unknown.includes(pointer([key])))) return { error: NOTHING };
  return { format: 'dualtone', value, unknown, unused: [], includes: [], warnings };
}

type VendorFormat = Exclude<FileFormat, 'dualtone'>;

function entriesOf(file: Opened, warn: Warn): readonly Entry[] {
  if (!('root' in file)) return yealinkEntries(file.text, warn);
  if (file.format === 'snom') return snomEntries(file.root);
  if (file.format === 'grandstream') return grandstreamEntries(file.root);
  return file.format === 'fanvil' ? fanvilEntries(file.root) : ciscoSpaEntries(file.root);
}

const DRAFTS: Readonly<
  Record<VendorFormat, (settings: Settings, warn: Warn, entries: readonly Entry[]) => Draft>
> = {
  yealink: yealinkDraft,
  snom: snomDraft,
  grandstream: grandstreamDraft,
  'cisco-spa': ciscoSpaDraft,
  fanvil: fanvilDraft,
};

function vendors(format: VendorFormat, files: readonly Opened[], warnings: string[]): ReadFile | RefusedFile {
  const warn: Warn = (text) => warnings.push(text);
  const includes = format === 'yealink' ? files.flatMap(({ text }) => yealinkIncludes(text)) : [];
  const entries = files.flatMap((file) => entriesOf(file, warn));
  const settings = new Settings(entries);
  const value = compose(DRAFTS[format](settings, warn, entries), warn);
  const error = faultIn(value);
  if (error !== undefined) return { error };
  const { unknown, unused } = settings;
  return { format, value, unknown, unused, includes, warnings: [...new Set(warnings)] };
}

/** What the schema finds wrong; an account without a registrar may still get one from another file. */
function faultIn(value: Mapping): string | undefined {
  const accounts = Array.isArray(value.accounts) ? value.accounts.filter(isMapping) : [];
  const whole = { ...value, accounts: accounts.map((account) => ({ domain: 'invalid', ...account })) };
  const checked = checkConfig(whole);
  return 'error' in checked ? checked.error : undefined;
}
