/**
 * `npm test`: builds, runs every test that this machine can run, says how many were skipped and why. The last line
 * reads `N passed, N failed, N skipped`. With CI_COMPLETE=1 a skip is a failure unless `test/skips.json` gives
 * the reason. Arguments are handed to ava (files, --match …).
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import './build.ts';

interface Outcome {
  passed: number;
  readonly failed: string[];
  readonly skipped: string[];
}

const RESULT = /^(not )?ok \d+ - (.*?)( # SKIP.*)?$/;
const tty = process.stdout.isTTY;
const paint = (code: number, text: string): string => (tty ? `\x1b[${code}m${text}\x1b[0m` : text);

/**
 * Tests whose sound or timing is that of the real world: they come after the others, for a processor that is
 * busy elsewhere makes gaps in any sound. Mostly they wait, so a few at once disturb each other little.
 */
const IN_REAL_TIME = [
  'test/engine/**/*.test.ts',
  'test/agent/**/*.test.ts',
  'test/interop/**/*.test.ts',
  'test/web/**/*.test.ts',
  'test/lab/**/*.test.ts',
];
const THE_OTHERS = ['test/**/*.test.ts', ...IN_REAL_TIME.map((pattern) => `!${pattern}`)];

/** Tests that may be skipped even where everything is installed: title prefix → reason. */
const excused: Record<string, string> = JSON.parse(readFileSync('test/skips.json', 'utf8'));
const isExcused = (title: string): boolean => Object.keys(excused).some((prefix) => title.startsWith(prefix));

/** Debian puts servers where not everybody's PATH leads. */
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin` };

/** Outcomes by file, `room/name` as ava titles them. */
type Outcomes = Map<string, Outcome>;

/** Runs ava and echoes what a person wants to see of its TAP. `only`: the one file that is run. */
async function run(args: readonly string[], only?: string): Promise<Outcomes> {
  const ava = spawn('ava', ['--tap', ...args], { stdio: ['ignore', 'pipe', 'inherit'], env });
  const ended = new Promise<number>((resolve, reject) => {
    ava.on('error', reject).on('close', (code) => resolve(code ?? 1));
  });
  const outcomes: Outcomes = new Map();
  const outcomeOf = (file: string): Outcome => {
    const known = outcomes.get(file);
    if (known !== undefined) return known;
    console.log(paint(2, file));
    const asked = process.argv.slice(2);
const passes = asked.length > 0 ? [await run(asked)] : [await run(THE_OTHERS), await runInRealTime()];
const outcomes = passes.flatMap((pass) => [...pass.values()]);
const skipped = outcomes.flatMap((outcome) => outcome.skipped);
const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
let failed = outcomes.reduce((sum, outcome) => sum + outcome.failed.length, 0);
report(skipped);
if (process.env.CI_COMPLETE === '1') {
  for (const title of skipped.filter((each) => !isExcused(each))) {
    failed++;
    console.log(paint(31, `  ✘ skipped although CI_COMPLETE=1 wants every test: ${title}`));
  }
}
console.log(`${passed} passed, ${failed} failed, ${skipped.length} skipped`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
