/**
 * `npm test`: builds, runs every test that this machine can run, says how many were skipped and why. The last line
 * reads `N passed, N failed, N skipped`. With CI_COMPLETE=1 a skip is a failure unless `test/skips.json` gives
 * the reason. Arguments are handed to ava (files, --match …).
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import './build.ts';

interface Outcome {
  passed: number;
  failed: number;
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
const PASSES: readonly (readonly string[])[] = [
  ['test/**/*.test.ts', ...IN_REAL_TIME.map((pattern) => `!${pattern}`)],
  [...IN_REAL_TIME, '--concurrency', '4'],
];

/** Tests that may be skipped even where everything is installed: title prefix → reason. */
const excused: Record<string, string> = JSON.parse(readFileSync('test/skips.json', 'utf8'));
const isExcused = (title: string): boolean => Object.keys(excused).some((prefix) => title.startsWith(prefix));

/** Debian puts servers where not everybody's PATH leads. */
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin` };

/** Runs ava, echoes what a person wants to see of its TAP, counts the rest. */
async function run(args: readonly string[], outcome: Outcome): Promise<void> {
  const ava = spawn('ava', ['--tap', ...args], { stdio: ['ignore', 'pipe', 'inherit'], env });
  const ended = new Promise<number>((resolve, reject) => {
    ava.on('error', reject).on('close', (code) => resolve(code ?? 1));
  });
  const files = new Set<string>();
  const failedBefore = outcome.failed;
  let showDetails = false;
  for await (const line of createInterface({ input: ava.stdout })) {
    const [, failed, title = '', skip] = RESULT.exec(line) ?? [];
    if (title === '') {
      if (showDetails && !/^(1\.\.\d|# (tests|pass|skip|fail) )/.test(line)) console.log(line);
      continue;
    }
    const here = title.split(' › ').slice(0, -1).join('/');
    if (!files.has(here)) console.log(paint(2, here));
    files.add(here);
    showDetails = failed !== undefined;
    if (failed !== undefined) {
      outcome.failed++;
      console.log(paint(31, `  ✘ ${title}`));
    } else if (skip !== undefined) {
      outcome.skipped.push(title);
    } else {
      outcome.passed++;
    }
  }
  if ((await ended) !== 0 && outcome.failed === failedBefore) {
    console.log(paint(31, '  ✘ the test runner ended with an error'));
    outcome.failed++;
  }
}

/** Skipped tests by reason: `… › title (needs x: apt-get install y)`. A test without a reason stands for itself. */
function report(skipped: readonly string[]): void {
  const reasons = Map.groupBy(skipped, (title) => / \((needs .*)\)$/.exec(title)?.[1] ?? title);
  for (const [reason, titles] of reasons) {
    const files = new Set(titles.map((title) => title.split(' › ').slice(0, -1).join('/')));
    console.log(paint(33, `  - skipped ${titles.length} of ${[...files].join(', ')}: ${reason}`));
  }
}

const outcome: Outcome = { passed: 0, failed: 0, skipped: [] };
const asked = process.argv.slice(2);
for (const pass of asked.length > 0 ? [asked] : PASSES) await run(pass, outcome);
report(outcome.skipped);
if (process.env.CI_COMPLETE === '1') {
  for (const title of outcome.skipped.filter((skipped) => !isExcused(skipped))) {
    outcome.failed++;
    console.log(paint(31, `  ✘ skipped although CI_COMPLETE=1 wants every test: ${title}`));
  }
}
console.log(`${outcome.passed} passed, ${outcome.failed} failed, ${outcome.skipped.length} skipped`);
process.exitCode = outcome.failed === 0 && outcome.passed > 0 ? 0 : 1;
