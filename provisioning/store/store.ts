/**
 * What the telephone remembers of its configuration, in DIR/provisioning (0700, files 0600):
 *
 *   state.json      which generation is in force, which was good last, the trial, what was given up, and who
 *                   is pinned
 *   HASH.json       the layers of a generation as they were received, under the hash of what they say
 *   HASH.pem        a file that layers name and that lay beside their drop file
 *   local.json      what a person changed on the telephone or its page
 *
 * state.json is the pointer: a generation is written first, after the files that it names, then the pointer, then what
 * nobody points at is removed. Cut off anywhere, the old state or the new one is there, whole.
 */
import { chmod, mkdir, readdir, readFile, unlink } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Standing } from '#provisioning/fetch/types.ts';
import { generationId, type ReceivedLayer } from '#provisioning/generation.ts';
import { type Generation, type Kept, NOTHING, NOTHING_KEPT } from '#provisioning/lifecycle/types.ts';
import { namedFiles } from '#provisioning/named_files.ts';
import type { Mapping } from '#provisioning/schema_shape.ts';
import { Turns } from '#provisioning/turns.ts';
import { UNFINISHED, writeAtomic } from './atomic_file.ts';
import { isKeptFile } from './kept_files.ts';
import { parseLayers, parseLocal, parseState, type State } from './stored.ts';

const STATE = 'state.json';
const LOCAL = 'local.json';
const GENERATION = /^[0-9a-f]{64}\.json$/;

/** A change that could not be written: what was there before is still there. */
export class StoreError extends Error {
  override name = 'StoreError';
  /** `full`: no space is left, or the quota is used up. */
  readonly code: 'full' | 'unwritable';

  constructor(path: string, cause: unknown) {
    const number = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    const isFull = number === 'ENOSPC' || number === 'EDQUOT';
    const why = cause instanceof Error ? cause.message : String(cause);
    super(
      isFull
        ? `no space is left for ${path}: the settings before stay; make room on the disk`
        : `cannot write ${path}: ${why}; the settings before stay`,
      { cause },
    );
    this.code = isFull ? 'full' : 'unwritable';
  }
}

interface Also {
  /** Of `kept.inForce`, where the store does not have them. */
  readonly layers?: readonly ReceivedLayer[];
  /** Content of files that the layers name, by their path (kept_files.ts). */
  readonly files?: ReadonlyMap<string, Uint8Array>;
  /** null: nobody is pinned any more. */
  readonly standing?: Standing | null;
}

export class ConfigurationStore {
  readonly #dir: string;
  readonly #warn: (text: string) => void;
  #state: State = { kept: NOTHING_KEPT };
  #local: Mapping = {};
  readonly #generations = new Map<string, readonly ReceivedLayer[]>();
  /** Changes go one after the other. */
  readonly #turns = new Turns();

  private constructor(dir: string, warn: (text: string) => void) {
    this.#dir = dir;
    this.#warn = warn;
  }

  /** `data`: the data directory. What cannot be read is told and passed over; rejects only where no directory can be. */
  static async open(data: string, warn: (text: string) => void): Promise<ConfigurationStore> {
    // What is kept by its path is found whatever the working directory is then.
    const dir = resolve(data, 'provisioning');
    await mkdir(dir, { recursive: true, mode: 0o700 });
    await chmod(dir, 0o700);
    const store = new ConfigurationStore(dir, warn);
    await store.#read();
    return store;
  }

  /** Where it keeps all of it; an absolute path. */
  get folder(): string {
    return this.#dir;
  }

  get kept(): Kept {
    return this.#state.kept;
  }

  /** The pinned server, with what is known of its files. */
  get standing(): Standing | undefined {
    return this.#state.standing;
  }

  /** What a person changed: the layer `local`. */
  get local(): Mapping {
    return this.#local;
  }

  /** The layers of the generation in force or of the last good one; none of any other. */
  layersOf({ id }: Generation): readonly ReceivedLayer[] {
    return this.#generations.get(id) ?? [];
  }

  /**
   * Carries out a `keep` of the lifecycle, together with what else changes at this moment: all of it is kept, or none.
   * Who keeps `standing` by itself before the layers that it is about would be told by the server that nothing is new.
   * StoreError.
   */
  keep(kept: Kept, { layers = this.layersOf(kept.inForce), files, standing }: Also = {}): Promise<void> {
    return this.#turns.take(async () => {
      for (const [path, octets] of files ?? []) await this.#put(path, octets);
      const { id } = kept.inForce;
      if (id !== NOTHING.id) await this.#writeGeneration(id, layers);
      const { standing: before, ...state } = this.#state;
      const pinned = standing === undefined ? before : standing;
      await this.#writeState({ ...state, kept, ...(pinned && { standing: pinned }) });
      await this.#removeUnused();
    });
  }

  /** StoreError. */
  keepStanding(standing: Standing): Promise<void> {
    return this.#turns.take(() => this.#writeState({ ...this.#state, standing }));
  }

  /** StoreError. */
  keepLocal(local: Mapping): Promise<void> {
    return this.#turns.take(async () => {
      await this.#write(LOCAL, local);
      this.#local = local;
    });
  }

  /** Everything is forgotten, the pointer first. */
  forget(): Promise<void> {
    return this.#turns.take(async () => {
      await this.#writeState({ kept: NOTHING_KEPT });
      await this.#write(LOCAL, {});
      this.#local = {};
      await this.#removeUnused();
    });
  }

  async #writeGeneration(id: string, layers: readonly ReceivedLayer[]): Promise<void> {
    if (generationId(layers) !== id) throw new Error(`these are not the layers of generation ${id}`);
    const known = JSON.stringify(this.#generations.get(id)) === JSON.stringify(layers);
    if (!known) await this.#write(`${id}.json`, layers);
    this.#generations.set(id, layers);
  }

  async #writeState(state: State): Promise<void> {
    await this.#write(STATE, state);
    this.#state = state;
  }

  async #write(name: string, value: unknown): Promise<void> {
    await this.#put(join(this.#dir, name), `${JSON.stringify(value)}\n`);
  }

  async #put(path: string, content: string | Uint8Array): Promise<void> {
    try {
      await writeAtomic(path, content);
    } catch (error) {
      throw new StoreError(path, error);
    }
  }

  /** Removes what no pointer names; what cannot be removed now is removed another time. */
  async #removeUnused(): Promise<void> {
    const used = this.#used();
    for (const id of this.#generations.keys()) if (!used.has(id)) this.#generations.delete(id);
    const named = this.#named();
    for (const name of await readdir(this.#dir)) {
      const isUnused = GENERATION.test(name) && !used.has(name.slice(0, -'.json'.length));
      const isUnnamed = isKeptFile(name) && !named.has(name);
      if (isUnused || isUnnamed || name.endsWith(UNFINISHED))
        await unlink(join(this.#dir, name)).catch(() => {});
    }
  }

  #used(): ReadonlySet<string> {
    const { inForce, good } = this.#state.kept;
    return new Set([inForce.id, ...(good === undefined ? [] : [good.id])]);
  }

  /** Files that something in use names; by their own names, for links may lead here from elsewhere. */
  #named(): ReadonlySet<string> {
    const layers = [...this.#generations.values()].flat();
    const files = [this.#local, ...layers.map(({ value }) => value)].flatMap(namedFiles);
    return new Set(files.map((path) => basename(path)));
  }

  async #read(): Promise<void> {
    this.#state = (await this.#parsed(STATE, parseState)) ?? this.#state;
    this.#local = (await this.#parsed(LOCAL, parseLocal)) ?? this.#local;
    for (const id of this.#used()) {
      if (id === NOTHING.id) continue;
      const layers = await this.#parsed(`${id}.json`, (text) => parseLayers(text, id), true);
      if (layers !== undefined) this.#generations.set(id, layers);
    }
    this.#passOverDamage();
  }

  /** A generation that is gone cannot be in force: the last good one is, or none. */
  #passOverDamage(): void {
    const { inForce, good, givenUp } = this.#state.kept;
    const isThere = ({ id }: Generation) => id === NOTHING.id || this.#generations.has(id);
    const whole = good !== undefined && isThere(good) ? good : undefined;
    if (isThere(inForce) && whole === good) return;
    const rest = { givenUp, ...(whole === undefined ? {} : { good: whole }) };
    const { trial } = this.#state.kept;
    const kept = isThere(inForce)
      ? { ...rest, inForce, ...(trial === undefined ? {} : { trial }) }
      : { ...rest, inForce: whole ?? NOTHING };
    this.#state = { ...this.#state, kept };
  }

  async #parsed<T>(name: string, parse: (text: string) => T, isNeeded = false): Promise<T | undefined> {
    const path = join(this.#dir, name);
    try {
      return parse(await readFile(path, 'utf8'));
    } catch (error) {
      const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (!isAbsent || isNeeded) this.#warn(`${path} is not used: ${whyOf(error)}`);
      return undefined;
    }
  }
}

/** JSON.parse quotes what it read, which may be a secret. */
function whyOf(error: unknown): string {
  if (error instanceof SyntaxError) return 'it is no JSON';
  return error instanceof Error ? error.message : String(error);
}
