/** Runs ava, echoes what a person wants to see of its TAP, and counts by file. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface Outcome {
  passed: number;
  readonly failed: string[];
  readonly skipped: string[];
}

/** By file, as ava titles them: `room/name` for `test/room/name.test.ts`. */
export type Outcomes = Map<string, Outcome>;

const RESULT = /^(not )?ok \d+ - (.*?)( # SKIP.*)?$/;
const SUMMARY = /^(1\.\.\d|# (tests|pass|skip|fail) )/;
const tty = process.stdout.isTTY;

export const paint = (code: number, text: string): string => (tty ? `\x1b[${code}m${text}\x1b[0m` : text);

/** Debian puts servers where not everybody's PATH leads. */
const env = () => ({ ...process.env, PATH: `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin` });

/** `only`: the one file that is run; ava leaves its name out of the titles then. */
export async function runAva(args: readonly string[], only?: string): Promise<Outcomes> {
  const ava = spawn('ava', ['--tap', ...args], { stdio: ['ignore', 'pipe', 'inherit'], env: env() });
  const ended = new Promise<number>((resolve, reject) => {
    ava.on('error', reject).on('close', (code) => resolve(code ?? 1));
  });
  const outcomes: Outcomes = new Map();
  let showDetails = false;
  for await (const line of createInterface({ input: ava.stdout })) {
    const [, failed, title, skip] = RESULT.exec(line) ?? [];
    if (title === undefined) {
      if (showDetails && !SUMMARY.test(line)) console.log(line);
      continue;
    }
    const whole = only === undefined ? title : `${only.replaceAll('/', ' › ')} › ${title}`;
    const outcome = outcomeOf(outcomes, whole.split(' › ').slice(0, -1).join('/'));
    showDetails = failed !== undefined;
    if (failed !== undefined) {
      outcome.failed.push(whole);
      console.log(paint(31, `  ✘ ${whole}`));
    } else if (skip !== undefined) outcome.skipped.push(whole);
    else outcome.passed++;
  }
  if ((await ended) !== 0 && [...outcomes.values()].every(({ failed }) => failed.length === 0)) {
    console.log(paint(31, '  ✘ the test runner ended with an error'));
    outcomeOf(outcomes, only ?? 'ava').failed.push('the test runner ended with an error');
  }
  return outcomes;
}

function outcomeOf(outcomes: Outcomes, file: string): Outcome {
  const known = outcomes.get(file);
  if (known !== undefined) return known;
  console.log(paint(2, file));
  const outcome: Outcome = { passed: 0, failed: [], skipped: [] };
  outcomes.set(file, outcome);
  return outcome;
}
