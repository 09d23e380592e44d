/** The scenario of zero-config for people. */
import { PARTS, zeroConfig } from './zero_config.ts';

/** `--only TEXT`: parts whose name has it; `--short yes`. */
export async function report(options: ReadonlyMap<string, string>): Promise<string> {
  const only = options.get('only') ?? '';
  const parts = PARTS.filter((part) => part.includes(only));
  const findings = await zeroConfig(parts, { short: options.get('short') === 'yes' });
  const width = Math.max(...findings.map(({ what }) => what.length));
  return findings
    .map(({ what, good, seen }) => `${good ? '✔' : '✘'} ${what.padEnd(width)}  ${seen}`)
    .join('\n');
}
