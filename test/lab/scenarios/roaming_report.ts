/** The roaming scenario for people: what became of the phone when the network changed. */
import { table } from '../table.ts';
import { roaming, STORY_NAMES } from './roaming.ts';

/** `--only TEXT`, `--parallel N`. */
export async function report(options: ReadonlyMap<string, string>): Promise<string> {
  const stories = STORY_NAMES.filter((name) => name.includes(options.get('only') ?? ''));
  const tales = await roaming(stories, Number(options.get('parallel') ?? 2));
  return table(
    ['story', 'ms', 'goal', 'seen'],
    tales.map(({ story, ms, goal, seen }) => {
      const kept = ms !== undefined && ms <= goal;
      return [`${kept ? '✔' : '✘'} ${story}`, ms?.toFixed(0) ?? '–', String(goal), seen];
    }),
  );
}
