/**
 * A card, the data partition and what is in memory, as folders; the card's program `drop` works on them as it does on a
 * telephone, and the telephone itself is the real one's part that reads drop files (store and DropDirectory). Power goes before
 * or after any command that changes something: each of these is a small program that counts and, at its number, kills
 * the shell that called it.
 */
import { execFile } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { takeIn } from './drop_telephone.ts';
import { DEVICE } from './staged.ts';

const DROP = join(DEVICE, 'usr/lib/dualtone/drop');
const MAIN = new URL('../../firmware/main.ts', import.meta.url).pathname;
/** Commands of the program that change something on card or data, or prepare it. */
const DEEDS = ['chmod', 'chown', 'cp', 'dd', 'install', 'mkdir', 'mount', 'mv', 'rm', 'sync'];

/** Kills whoever called it, the shell, before or after its deed: what is left is what a power cut leaves. */
const COUNTING = `#!/bin/sh
read -r count <"$CUT_DIR/count"; count=$((count + 1)); echo "$count" >"$CUT_DIR/count"
[ "$CUT_AFTER" = "$count" ] || [ "$CUT_BEFORE" = "$count" ] || PATH=$CUT_PATH exec NAME "$@"
[ "$count" != "$CUT_BEFORE" ] || { kill -9 $PPID; exit 1; }
PATH=$CUT_PATH NAME "$@"
kill -9 $PPID
`;

export interface Cut {
  readonly before?: number;
  readonly after?: number;
}

export class DropCard {
  readonly root: string;
  readonly card: string;
  readonly data: string;
  readonly #tools: string;

  constructor(files: Readonly<Record<string, string | Uint8Array>> = {}) {
    this.root = mkdtempSync(join(tmpdir(), 'dualtone-card-'));
    this.card = join(this.root, 'card');
    this.data = join(this.root, 'data');
    this.#tools = join(this.root, 'tools');
    for (const folder of [this.card, this.data, this.#tools]) mkdirSync(folder);
    mkdirSync(join(this.data, 'dualtone'), { mode: 0o700 });
    writeFileSync(join(this.card, 'config.txt'), 'arm_64bit=1\n');
    this.put(files);
    for (const deed of DEEDS) {
      const path = join(this.#tools, deed);
      // A folder is not mounted anew; everything else is done.
      writeFileSync(path, COUNTING.replaceAll('NAME', deed === 'mount' ? 'true' : deed));
      chmodSync(path, 0o755);
    }
    const converter = join(this.root, 'dualtone');
    writeFileSync(converter, `#!/bin/sh\nexec ${process.execPath} ${MAIN} "$@"\n`, { mode: 0o755 });
  }

  put(files: Readonly<Record<string, string | Uint8Array>>): void {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(this.card, name), content);
  }

  /** All of it; `memory`: also what a power cut would take. */
  copied(memory: boolean): DropCard {
    const copy = new DropCard();
    for (const folder of memory ? ['card', 'data', 'run'] : ['card', 'data'])
      cpSync(join(this.root, folder), join(copy.root, folder), { recursive: true });
    return copy;
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  /** From the start of the system until the telephone is ready and the card is tidy. */
  async start(): Promise<void> {
    this.powerOff();
    await this.stage();
    await this.telephone();
    await this.done();
  }

  powerOff(): void {
    rmSync(join(this.root, 'run'), { recursive: true, force: true });
    for (const folder of ['run', 'run/networkd', 'run/wifi']) mkdirSync(join(this.root, folder));
  }

  /** The number of deeds that were begun: the last of them is the one that was cut. */
  stage(cut: Cut = {}): Promise<number> {
    return this.#drop('stage', cut);
  }

  done(cut: Cut = {}): Promise<number> {
    return this.#drop('done', cut);
  }

  /** It reads what was handed to it, forgets, keeps and erases. */
  telephone(): Promise<readonly string[]> {
    return takeIn(join(this.data, 'dualtone'), join(this.root, 'run/drop'));
  }

  /** Another program in place of the one that reads network-config: it takes a second of a busy machine. */
  convertBy(script: string): void {
    writeFileSync(join(this.root, 'dualtone'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }

  /** Names on the card, besides the firmware's. */
  get names(): readonly string[] {
    return readdirSync(this.card)
      .filter((name) => name !== 'config.txt')
      .sort();
  }

  text(name: string): string {
    return readFileSync(join(this.card, name), 'latin1');
  }

  /** Every octet of the card, names too. */
  get octets(): string {
    return readdirSync(this.card)
      .map((name) => `${name}\n${this.text(name)}`)
      .join('\n');
  }

  /** Of the data partition; undefined: it is not there. */
  kept(path: string): string | undefined {
    const whole = join(this.data, path);
    return existsSync(whole) ? readFileSync(whole, 'utf8') : undefined;
  }

  /** What the telephone's store has of drop files, as text; empty: nothing. */
  get settings(): string {
    const folder = join(this.data, 'dualtone');
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.json'))
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('\n');
  }

  /** The path that the drop file in force names there. */
  named(room: string, key: string): string {
    const folder = join(this.data, 'dualtone/provisioning');
    const layers = readdirSync(folder).filter((name) => /^[0-9a-f]{64}\.json$/.test(name));
    const [path = ''] = layers.flatMap((name) => {
      const [layer] = JSON.parse(readFileSync(join(folder, name), 'utf8'));
      return layer?.value?.[room]?.[key] ?? [];
    });
    return path;
  }

  async #drop(verb: 'stage' | 'done', { before, after }: Cut): Promise<number> {
    writeFileSync(join(this.root, 'count'), '0\n');
    const path = '/usr/sbin:/usr/bin:/sbin:/bin';
    const env = {
      ...this.places,
      PATH: `${this.#tools}:${path}`,
      CUT_PATH: path,
      CUT_DIR: this.root,
      CUT_BEFORE: String(before ?? ''),
      CUT_AFTER: String(after ?? ''),
    };
    await new Promise<void>((resolve) => {
      execFile('sh', [DROP, verb], { timeout: 60_000, env }, () => resolve());
    });
    return Number(readFileSync(join(this.root, 'count'), 'utf8'));
  }

  /** For the program's environment. */
  get places(): Readonly<Record<string, string>> {
    return {
      DUALTONE_CARD: this.card,
      DUALTONE_STAGE: join(this.root, 'run/drop'),
      DUALTONE_MINE: join(this.root, 'run/card'),
      DUALTONE_DATA: this.data,
      DUALTONE_USER: String(process.getuid?.() ?? 0),
      DUALTONE_NETWORKD: join(this.root, 'run/networkd'),
      DUALTONE_WIFI: join(this.root, 'run/wifi'),
      DUALTONE_HERE: join(DEVICE, 'usr/lib/dualtone'),
      DUALTONE: join(this.root, 'dualtone'),
    };
  }
}
