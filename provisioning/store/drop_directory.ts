/**
 * Takes in the drop file (drop_file.ts). What is lost when the power goes is never a setting: the store has them before
 * anything is erased, and an erasing that was cut off is finished at the next start.
 */
import { readdir, readFile, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import {
  APPLIED,
  appliedText,
  COMPLAINT,
  type DropDecision,
  decideDrop,
  ERASING,
} from '#provisioning/drop_file.ts';
import { namedFiles, withNamedFiles } from '#provisioning/named_files.ts';
import { secretFiles, secretIn, withSecrets } from '#provisioning/secret_files.ts';
import type { Layer, ProvisionedFile } from '#provisioning/types.ts';
import { syncDirectory, within, writeAtomic } from './atomic_file.ts';
import { keptPath } from './kept_files.ts';

/** Octets; a configuration is a few kilobytes. */
const LARGEST = 1 << 20;

export type ReadFile = (octets: Uint8Array) => Promise<ProvisionedFile | { readonly error: string }>;

export interface DropFile {
  readonly name: string;
  /** Secrets of files beside it are in it; other files beside it are named by the path where the store keeps them. */
  readonly layer: Layer;
  /** What these hold, by this path. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly format: ProvisionedFile['format'];
  readonly unknown: readonly string[];
  readonly warnings: readonly string[];
}

export interface Dropped {
  readonly reset: boolean;
  readonly file?: DropFile;
  /** A file is there and does not count: `dualtone.yaml: /net/sipPort: expected a port number, got text: "x"`. */
  readonly refused?: string;
  readonly warnings: readonly string[];
}

export class DropDirectory {
  readonly #dir: string;
  readonly #read: ReadFile;
  readonly #kept: string;

  /** `kept`: the folder where the store keeps files (kept_files.ts). */
  constructor(dir: string, read: ReadFile, kept: string) {
    this.#dir = dir;
    this.#read = read;
    this.#kept = kept;
  }

  /** What a person laid there. Finishes what was cut off. Never rejects: where there is no such directory, nothing is there. */
  async look(): Promise<Dropped> {
    const decision = decideDrop(await this.#entries());
    const warnings = [...decision.warnings];
    for (const name of decision.erase) await this.#tried(() => this.#erase(name), name, warnings);
    const file = await this.#taken(decision, warnings);
    const refused = typeof file === 'string' ? { refused: `${decision.file}: ${file}` } : {};
    await this.#complain(refused.refused);
    return {
      reset: decision.reset !== undefined,
      ...(typeof file === 'object' ? { file } : {}),
      ...refused,
      warnings,
    };
  }

  /** Left beside the file, or taken away. Where nobody lets us write, the log has it. */
  async #complain(refused: string | undefined): Promise<void> {
    const path = this.#path(COMPLAINT);
    const text = refused === undefined ? '' : `${refused}\n`;
    try {
      const old = await readFile(path, 'utf8').catch(() => '');
      if (old === text) return;
      if (text === '') await unlink(path);
      else await writeAtomic(path, text);
    } catch {}
  }

  /** To be called when the store has its layer: leaves a copy without secrets and erases the rest. Results are warnings. */
  async applied({ name, layer, format }: DropFile): Promise<readonly string[]> {
    const warnings: string[] = [];
    await this.#tried(
      async () => {
        await writeAtomic(this.#path(`${name}${APPLIED}`), await appliedText(name, format, layer.value));
        await rename(this.#path(name), this.#path(`${name}${ERASING}`));
        await this.#erase(`${name}${ERASING}`);
      },
      name,
      warnings,
    );
    return warnings;
  }

  /** To be called when everything is forgotten. Results are warnings. */
  async resetDone(): Promise<readonly string[]> {
    const warnings: string[] = [];
    await this.#tried(
      async () => {
        await unlink(this.#path('dualtone.reset'));
        await syncDirectory(this.#dir);
      },
      'dualtone.reset',
      warnings,
    );
    return warnings;
  }

  async #entries(): Promise<{ name: string; size: number }[]> {
    try {
      const all = await readdir(this.#dir);
      const names = all.filter((name) => name.startsWith('dualtone.') || name.endsWith(ERASING));
      return await Promise.all(
        names.map(async (name) => ({ name, size: (await stat(this.#path(name))).size })),
      );
    } catch {
      return [];
    }
  }

  /** A string: why it is refused. */
  async #taken({ file: name }: DropDecision, warnings: string[]): Promise<DropFile | string | undefined> {
    if (name === undefined) return undefined;
    const from = this.#path(name);
    const content = await this.#content(from);
    if (typeof content === 'string') {
      warnings.push(`${from} is refused: ${content}`);
      return content;
    }
    const secrets = await this.#contents(secretsOf(content), warnings);
    const named = await this.#contents(namedFiles(content.value), warnings);
    const given = withSecrets(
      content.value,
      each(secrets, (octets) => secretIn(`${octets}`)),
    );
    const value = withNamedFiles(
      given,
      each(named, (octets) => keptPath(this.#kept, octets)),
    );
    const files = new Map([...named.values()].map((octets) => [keptPath(this.#kept, octets), octets]));
    return { ...content, name, layer: { origin: 'drop file', from, value }, files };
  }

  /** A string: why not. */
  async #content(path: string): Promise<ProvisionedFile | string> {
    try {
      const result = await this.#read(await octetsOf(path));
      return 'error' in result ? result.error : result;
    } catch (error) {
      return whyOf(error);
    }
  }

  /** What those beside the drop file hold, by path as it names them; of one that cannot be read a warning. */
  async #contents(files: readonly string[], warnings: string[]): Promise<ReadonlyMap<string, Buffer>> {
    const contents = new Map<string, Buffer>();
    for (const file of new Set(files)) {
      const path = resolve(this.#dir, file);
      if (!this.#isBeside(path)) continue;
      await this.#tried(async () => void contents.set(file, await octetsOf(path)), path, warnings);
    }
    return contents;
  }

  /**
   * Renamed before, so that a file of its own name is always whole. It goes last, for it alone tells which files stood
   * beside it: those are gone when it is.
   */
  async #erase(name: string): Promise<void> {
    const content = await this.#content(this.#path(name));
    for (const path of typeof content === 'string' ? [] : this.#beside(content)) {
      const erasing = `${path}${ERASING}`;
      await rename(path, erasing).catch(passingOverAbsence);
      await this.#overwrite(erasing).catch(passingOverAbsence);
    }
    await this.#overwrite(this.#path(name)).catch(passingOverAbsence);
  }

  /** Paths of the files that it names and that stand beside it. */
  #beside(content: ProvisionedFile): readonly string[] {
    const all = [...secretsOf(content), ...namedFiles(content.value)].map((file) => resolve(this.#dir, file));
    return [...new Set(all)].filter((path) => this.#isBeside(path));
  }

  #isBeside(path: string): boolean {
    return dirname(path) === resolve(this.#dir);
  }

  /** With zeros, as far as the medium lets us: a card may keep the old blocks until it needs them. */
  async #overwrite(path: string): Promise<void> {
    const { size } = await stat(path);
    await within(path, 'r+', async (handle) => {
      await handle.write(Buffer.alloc(Math.min(size, LARGEST)), 0, undefined, 0);
      await handle.sync();
    });
    await unlink(path);
    await syncDirectory(this.#dir);
  }

  async #tried(work: () => Promise<void>, name: string, warnings: string[]): Promise<void> {
    try {
      await work();
    } catch (error) {
      warnings.push(`${name}: ${whyOf(error)}`);
    }
  }

  #path(name: string): string {
    return join(this.#dir, name);
  }
}

function secretsOf({ value }: ProvisionedFile): readonly string[] {
  return secretFiles(value).map(({ file }) => file);
}

function each<T>(contents: ReadonlyMap<string, Buffer>, make: (octets: Buffer) => T): ReadonlyMap<string, T> {
  return new Map([...contents].map(([file, octets]) => [file, make(octets)]));
}

async function octetsOf(path: string): Promise<Buffer> {
  if ((await stat(path)).size > LARGEST) throw new Error(`it is larger than ${LARGEST} octets`);
  return readFile(path);
}

function passingOverAbsence(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
}

function whyOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
