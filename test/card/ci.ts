/**
 * `node test/card/ci.ts`: builds the card, starts it, cuts its power, and looks at what it writes, when anything that it is made of
 * has changed since that went well on this machine; otherwise it only says so. Prints what took how long. All other stories
 * (`npm run card-lab -- all`) would take a machine of two processors longer than anybody waits for a change.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GONE } from '../../image/build/archive.ts';
import { CHECKOUT, cached } from '../../image/build/places.ts';
import { missingForQemu } from '../../image/qemu/possible.ts';
import { ingredients } from './ingredients.ts';

const TESTED = join(cached(), 'tested');

interface Part {
  readonly name: string;
  /** Nothing can come after it where it fails. */
  readonly isNeeded?: boolean;
  readonly words: readonly string[];
}

const PARTS: readonly Part[] = [
  { name: 'firmware', isNeeded: true, words: ['tools/build.ts'] },
  { name: 'image', isNeeded: true, words: ['image/build/main.ts'] },
  { name: 'boot', isNeeded: true, words: ['image/qemu/boot.ts'] },
  { name: 'power', words: ['test/card/run.ts', 'power'] },
  { name: 'what is written', words: ['test/soak/run.ts', 'image', '--minutes', '1'] },
];

/** Why this machine cannot do it; undefined: it can. Debian's packages that the builder lacks it installs itself. */
function obstacle(): string | undefined {
  const missing = missingForQemu();
  if (missing.length > 0) return `apt-get install ${missing.join(' ')}`;
  if (process.getuid?.() !== 0) return 'building the card takes root';
  if (!existsSync('/usr/bin/apt-get')) return 'the card is built on Debian: its apt and dpkg are needed';
  return undefined;
}

interface Done {
  readonly name: string;
  readonly seconds: number;
  /** Of the process; null: killed. */
  readonly status: number | null;
}

function run({ name, words }: Part): Done {
  const begin = performance.now();
  console.log(`card: ${name} …`);
  const { status } = spawnSync(process.execPath, words, { cwd: CHECKOUT, stdio: 'inherit' });
  return { name, seconds: (performance.now() - begin) / 1000, status };
}

function test(key: string): boolean {
  const done: Done[] = [];
  for (const part of PARTS) {
    const one = run(part);
    done.push(one);
    if (part.isNeeded && one.status !== 0) break;
  }
  for (const { name, seconds, status } of done)
    console.log(`${seconds.toFixed(0).padStart(6)} s  ${status === 0 ? '✔' : '✖'} card: ${name}`);
  const total = done.reduce((sum, { seconds }) => sum + seconds, 0);
  console.log(`${total.toFixed(0).padStart(6)} s  all of the card`);
  const isGood = done.every(({ status }) => status === 0);
  if (isGood) writeFileSync(TESTED, `${key}\n`);
  // Debian has moved on since the list was locked: that is told, and no fault of what is tested.
  const isGone = done.at(-1)?.status === GONE;
  if (isGone) console.log('card: not tested: the mirror lacks what is locked, see above');
  return isGood || isGone;
}

function main(): boolean {
  const hash = createHash('sha256');
  for (const { name, octets } of ingredients(CHECKOUT))
    hash.update(`${name}\0${octets.length}\0`).update(octets);
  const key = hash.digest('hex');
  if (existsSync(TESTED) && readFileSync(TESTED, 'utf8').trim() === key) {
    console.log(
      `card: nothing that it is made of has changed since it was tested here (${key.slice(0, 16)})`,
    );
    return true;
  }
  const why = obstacle();
  if (why !== undefined) {
    console.error(`card: cannot be built and tested here: ${why}`);
    return false;
  }
  return test(key);
}

process.exitCode = main() ? 0 : 1;
