/**
 * `npm run bench`: each measurement in a process of its own, one after the other, on whatever machine this is; so
 * the ratios of one run mean more than its numbers. Exits 1 only if a measurement failed, not if a goal is missed.
 * `npm run bench -- device` measures what a person waits for at telephones in a guest.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { delimiter, join } from 'node:path';
import { noGuestBecause } from '../device/possible.ts';
import { type Contender, type Measurement, PLAN } from './plan.ts';
import { DEVICE_PLAN } from './plan_device.ts';
import { textOf } from './text_of.ts';

const here = new URL('.', import.meta.url).pathname;

/** The rivals' packages, once for each lock file. */
function installRivals(): void {
  const lock = readFileSync(`${here}package-lock.json`, 'utf8');
  const stamp = `${here}node_modules/.installed`;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  console.error('bench: installing sip, jssip and sip.js …');
  const { status } = spawnSync('npm', ['ci', '--loglevel=error'], { cwd: here, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error('the rivals could not be installed; npm said why above');
  writeFileSync(stamp, lock);
}

/** Whether a contender that is a program of the system can be measured here. */
function isThere({ program }: Contender): boolean {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return program === undefined || folders.some((folder) => existsSync(join(folder, program)));
}

type Figures = Readonly<Record<string, unknown>>;

/** What a child found; many figures may come of one. */
const found = new Map<string, Figures>();

/** One of the figures that a child prints as its last line, or undefined with its error on stderr. */
async function measured({ script, args, figure = 'value' }: Contender): Promise<number | undefined> {
  const command = [script, ...args].join(' ');
  const figures = found.get(command) ?? (await figuresOf(script, args));
  found.set(command, figures);
  const value = figures[figure];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

async function figuresOf(script: string, args: readonly string[]): Promise<Figures> {
  const child = spawn(process.execPath, [`${here}${script}`, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [output, errors] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  const last = output.trim().split('\n').at(-1) ?? '';
  if (last.startsWith('{')) return JSON.parse(last) as Figures;
  console.error(`bench: ${script} ${args.join(' ')} failed:\n${errors.trim()}`);
  process.exitCode = 1;
  return {};
}

const number = (value: number | undefined) =>
  value === undefined ? '–' : value.toLocaleString('en', { maximumSignificantDigits: value < 1000 ? 3 : 4 });

/** How the goal was met, in words. */
function verdict({ goal, better, unit }: Measurement, ours: number | undefined): string {
  if (ours === undefined) return 'failed';
  if (goal === undefined) return '';
  const missing = better === 'more' ? goal - ours : ours - goal;
  const bound = `${better === 'more' ? '≥' : '≤'} ${number(goal)}`;
  if (missing <= 0) return `${bound} reached`;
  const word = better === 'more' ? 'below' : 'above';
  const share = goal > 0 ? ` (${number((missing / goal) * 100)} %)` : '';
  return `${bound} missed: ${word} goal by ${number(missing)} ${unit}${share}`;
}

/** `sip 0.0.6 93 (3.7x)`: how many times better we are. */
function compared({ better }: Measurement, other: Contender, ours?: number, theirs?: number): string {
  const { name, isFloor = false } = other;
  if (ours === undefined || theirs === undefined || isFloor) return `${name} ${number(theirs)}`;
  return `${name} ${number(theirs)} (${number(better === 'more' ? ours / theirs : theirs / ours)}x)`;
}

async function measure(measurement: Measurement): Promise<readonly string[]> {
  console.error(`bench: ${measurement.title} …`);
  const ours = await measured(measurement.ours);
  const others: string[] = [];
  for (const other of measurement.others) {
    if (!isThere(other)) {
      others.push(`${other.name} is not installed`);
      continue;
    }
    others.push(compared(measurement, other, ours, await measured(other)));
  }
  return [
    `${measurement.title} (${measurement.unit})`,
    number(ours),
    others.join(', '),
    verdict(measurement, ours),
  ];
}

function print(rows: readonly (readonly string[])[]): void {
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows) {
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  }
}

const ofDevice = process.argv[2] === 'device';
const obstacle = ofDevice ? noGuestBecause() : undefined;
if (obstacle !== undefined) {
  console.error(`bench: no guest can run here: it ${obstacle}`);
  process.exit(2);
}
if (!ofDevice) installRivals();
const heading = ofDevice ? '' : 'others (x: how many times better ours is)';
const rows: (readonly string[])[] = [['', 'ours', heading, 'goal']];
for (const measurement of ofDevice ? DEVICE_PLAN : PLAN) rows.push(await measure(measurement));
console.log(`\n${cpus()[0]?.model.trim() ?? 'CPU'}, ${cpus().length} cores, Node ${process.versions.node}\n`);
print(rows);
