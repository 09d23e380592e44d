/**
 * The local layer as a person edits it on the page: as text, with what is wrong told at its line, or an account list
 * from a form. Secrets go out masked and come back as they were (unmask.ts).
 */

import * as v from 'valibot';
import type { Checked, ConfigView, Edit, Finding, Saved } from './editing.ts';
import { placesOf } from './explain.ts';
import { mergeLayers } from './layers.ts';
import { type LineFinder, lineFinder } from './lines.ts';
import { localChanges } from './local.ts';
import { masked } from './mask.ts';
import { readConfig } from './read.ts';
import { accountSchema } from './schema_account.ts';
import { isMapping, type Mapping } from './schema_shape.ts';
import { Turns } from './turns.ts';
import type { Layer } from './types.ts';

export interface LocalEditorParts {
  /** Every layer but the local one. */
  readonly below: () => readonly Layer[];
  readonly read: () => Promise<Mapping>;
  readonly write: (local: Mapping) => Promise<void>;
  /** Random, another at each start: revisions of an earlier run are none. */
  readonly run: string;
}

const LOCAL = { origin: 'local', from: 'changed on the phone' } as const;

export class LocalEditor {
  readonly #parts: LocalEditorParts;
  #revision = 0;
  readonly #saving = new Turns();

  constructor(parts: LocalEditorParts) {
    this.#parts = parts;
  }

  async view(): Promise<ConfigView> {
    const local = await this.#parts.read();
    const merged = this.#merged(local);
    return {
      effective: masked(merged.config),
      places: placesOf(merged),
      local: await textOf(masked(local)),
      warnings: [...merged.warnings, ...merged.refused.map(({ from, error }) => `${from}: ${error}`)],
      revision: this.#current,
    };
  }

  async check(text: string): Promise<Checked> {
    return this.#examine(text, await this.#parts.read());
  }

  /** One after the other. Rejects where the change cannot be kept. */
  save(edit: Edit, revision: string): Promise<Saved> {
    return this.#saving.take(() => this.#save(edit, revision));
  }

  /** Another layer came into force, or somebody else changed the local one. */
  outdate(): void {
    this.#revision += 1;
  }

  get #current(): string {
    return `${this.#parts.run}-${this.#revision}`;
  }

  async #save(edit: Edit, revision: string): Promise<Saved> {
    if (revision !== this.#current) return { kind: 'outdated' };
    const before = await this.#parts.read();
    const text =
      'text' in edit
        ? edit.text
        : await textOf({ ...masked(before), accounts: edit.accounts.map(withoutDefaults) });
    const { faults, warnings, local } = await this.#examine(text, before);
    if (local === undefined || faults.length > 0) return { kind: 'refused', faults, warnings };
    await this.#parts.write(local);
    this.#revision += 1;
    return { kind: 'saved', warnings };
  }

  async #examine(text: string, before: Mapping): Promise<Checked & { readonly local?: Mapping }> {
    const read = await readConfig(text);
    const lines = await lineFinder(text);
    if ('error' in read) return { faults: faultsIn(read.error, lines), warnings: [] };
    const warnings = read.warnings.map((warning) => findingOf(warning, lines));
    const changed = localChanges(read.given, this.#merged(before).config, this.#merged({}).config);
    if ('error' in changed) return { faults: faultsIn(changed.error, lines), warnings };
    const refused = this.#merged(changed.local).refused.filter(({ origin }) => origin === 'local');
    const faults = refused.flatMap(({ error }) => faultsIn(error, lines));
    return { faults, warnings, local: changed.local };
  }

  #merged(value: Mapping): ReturnType<typeof mergeLayers> {
    return mergeLayers([...this.#parts.below(), { ...LOCAL, value }]);
  }
}

/** YAML; nothing for no change. */
async function textOf(local: Mapping): Promise<string> {
  if (Object.keys(local).length === 0) return '';
  const { stringify } = await import('./yaml.ts');
  return stringify(local);
}

/** A sentence of read.ts names several places, each behind a semicolon. */
function faultsIn(error: string, lines: LineFinder): readonly Finding[] {
  return error.split(/; (?=\/\S*: )/).map((sentence) => findingOf(sentence, lines));
}

/** `/net/sipPort: expected …`, or a fault of the text's own syntax that names its line. */
function findingOf(sentence: string, lines: LineFinder): Finding {
  const [, path, reason] = /^(\/\S*): ([\s\S]*)$/.exec(sentence) ?? [];
  if (path === undefined || reason === undefined) {
    const [, told] = /\bat line (\d+)/.exec(sentence) ?? [];
    return { path: '', reason: sentence, ...(told === undefined ? {} : { line: Number(told) }) };
  }
  const line = lines(path);
  return { path, reason, ...(line === undefined ? {} : { line }) };
}

/** What any account has that says nothing. */
const SILENT = v.parse(accountSchema, { user: 'nobody', domain: 'nowhere.invalid' });
const ESSENTIAL = ['user', 'domain'];

/** An account as a person would write it: a form has all of its keys. */
function withoutDefaults(account: unknown): unknown {
  if (!isMapping(account)) return account;
  const said = Object.entries(account).filter(
    ([key, value]) =>
      ESSENTIAL.includes(key) || JSON.stringify(value) !== JSON.stringify(SILENT[key as keyof typeof SILENT]),
  );
  return Object.fromEntries(said);
}
