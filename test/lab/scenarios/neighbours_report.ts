/** The neighbours scenario for people. */
import { neighbours } from './neighbours.ts';

/** `--short yes`. */
export async function report(options: ReadonlyMap<string, string>): Promise<string> {
  const findings = await neighbours(options.get('short') === 'yes');
  const width = Math.max(...findings.map(({ what }) => what.length));
  return findings
    .map(({ what, good, seen }) => `${good ? '✔' : '✘'} ${what.padEnd(width)}  ${seen}`)
    .join('\n');
}
