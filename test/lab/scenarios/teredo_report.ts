/** The teredo scenario for people: each rule, and whether it was kept. */
import { teredo } from './teredo.ts';

export async function report(): Promise<string> {
  const checks = await teredo();
  const width = Math.max(...checks.map(({ rule }) => rule.length));
  return checks
    .map(({ rule, kept, seen }) => `${kept ? '✔' : '✘'} ${rule.padEnd(width)}  ${seen}`)
    .join('\n');
}
