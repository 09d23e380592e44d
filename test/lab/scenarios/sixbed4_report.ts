/** The sixbed4 scenario for people. */
import { table } from '../table.ts';
import { STORIES, sixbed4 } from './sixbed4.ts';
import { isWell, type Tale } from './sixbed4_tale.ts';

/** `--only TEXT`, `--short yes`, `--parallel N`. */
export async function report(options: ReadonlyMap<string, string>): Promise<string> {
  const stories = Object.keys(STORIES).filter((name) => name.includes(options.get('only') ?? ''));
  const pace = { isShort: options.get('short') === 'yes' };
  return tableOf(await sixbed4(stories, pace, Number(options.get('parallel') ?? 3)));
}

export function tableOf(tales: readonly Tale[]): string {
  const rows = tales.flatMap((tale) => [
    [`${isWell(tale) ? '✔' : '✘'} ${tale.story}`, '', ''],
    ...tale.findings.map(({ what, seen, goal, kept }) => [`  ${kept ? ' ' : '✘'} ${what}`, seen, goal]),
  ]);
  return table(['story', 'seen', 'goal'], rows);
}
