/**
 * `npm test`: builds, runs every test that this machine can run, says how many were skipped and why. The last line
 * reads `N passed, N failed, N skipped`. With CI_COMPLETE=1 a skip is a failure unless `test/skips.json` gives
 * the reason. Arguments are handed to ava (files, --match …).
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import './build.ts';
import { isTelling, leaksIn, OUTPUTS, readOutputs } from './leaks.ts';
import { type Outcomes, paint, runAva } from './run_ava.ts';

/**
 * Tests whose sound or timing is that of the real world: they come after the others, for a processor that is
 * busy elsewhere makes gaps in any sound. Mostly they wait, so a few at once disturb each other little.
 */
const IN_REAL_TIME = [
  'test/engine/**/*.test.ts',
  'test/net/**/*.test.ts',
  'test/cli/**/*.test.ts',
  'test/agent/**/*.test.ts',
  'test/interop/**/*.test.ts',
  'test/web/**/*.test.ts',
  'test/lab/**/*.test.ts',
  'test/telephone/**/*.test.ts',
  'test/hal/stalled_telephone.test.ts',
  'test/image/**/*.test.ts',
  '!test/image/u_boot.test.ts',
];
/** Each starts a machine of its own, which waits more than it computes. */
const IN_GUESTS = ['test/device/**/*.test.ts', 'test/image/u_boot.test.ts'];
const THE_OTHERS = [
  'test/**/*.test.ts',
  ...[...IN_REAL_TIME, ...IN_GUESTS]
    .filter((pattern) => !pattern.startsWith('!'))
    .map((pattern) => `!${pattern}`),
];

/** Tests that may be skipped even where everything is installed: title prefix → reason. */
const excused: Record<string, string> = JSON.parse(readFileSync('test/skips.json', 'utf8'));
const isExcused = (title: string): boolean => Object.keys(excused).some((prefix) => title.startsWith(prefix));

/** A busy machine is enough to fail in real time: what failed beside others is heard once more, alone. */
async function runInRealTime(files: readonly string[], concurrency: number): Promise<Outcomes> {
  const outcomes = await runAva([...files, '--concurrency', String(concurrency)]);
  for (const [file, { failed }] of [...outcomes]) {
    const path = `test/${file}.test.ts`;
    if (failed.length === 0 || !existsSync(path)) continue;
    console.log(paint(33, `once more, alone: ${file}, where ${failed.length} failed beside others`));
    const again = (await runAva([path, '--serial'], file)).get(file);
    if (again !== undefined) outcomes.set(file, again);
  }
  return outcomes;
}

/** Skipped tests by reason: `… › title (needs x: apt-get install y)`. A test without a reason stands for itself. */
function report(skipped: readonly string[]): void {
  const reasons = Map.groupBy(skipped, (title) => / \((needs .*)\)$/.exec(title)?.[1] ?? title);
  for (const [reason, titles] of reasons) {
    const files = new Set(titles.map((title) => title.split(' › ').slice(0, -1).join('/')));
    console.log(paint(33, `  - skipped ${titles.length} of ${[...files].join(', ')}: ${reason}`));
  }
}

/** How many secrets of the tests can be read in what the firmware said, each told with its place. */
function leaks(directory: string): number {
  const { secrets, said } = readOutputs(directory);
  const found = leaksIn(secrets, said);
  for (const { what, form, secret, around } of found.slice(0, 20))
    console.log(paint(31, `  ✘ ${what} says the secret ${secret} ${form}: …${around}…`));
  const octets = said.reduce((sum, { text }) => sum + text.length, 0);
  console.log(
    `secrets: ${secrets.filter(isTelling).length} looked for in ${said.length} outputs (${(octets / 1e6).toFixed(1)} MB), ${found.length} found`,
  );
  return found.length;
}

const outputs = mkdtempSync(join(tmpdir(), 'dualtone-outputs-'));
process.env[OUTPUTS] = outputs;
const asked = process.argv.slice(2);
const passes =
  asked.length > 0
    ? [await runAva(asked)]
    : [await runAva(THE_OTHERS), await runInRealTime(IN_REAL_TIME, 3), await runInRealTime(IN_GUESTS, 2)];
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
failed += leaks(outputs);
rmSync(outputs, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed, ${skipped.length} skipped`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
