/** The failover scenario for people: the table of what an outage costs. */
import { table } from '../table.ts';
import { allCases, failover, type Result } from './failover.ts';
import { missedGoals } from './failover_goals.ts';

/** `--limit SECONDS`, `--only TEXT` (rows whose title contains it), `--who us|baresip`, `--parallel N`. */
export async function report(options: ReadonlyMap<string, string>): Promise<string> {
  const limit = Number(options.get('limit') ?? 40) * 1000;
  const who = options.get('who');
  const only = (options.get('only') ?? '').toLowerCase();
  const cases = allCases().filter(({ trouble, method, transport }) =>
    `${trouble.title} ${transport} ${method}`.toLowerCase().includes(only),
  );
  const { rows, branches } = await failover({
    ...{ cases, limit, parallel: Number(options.get('parallel') ?? 2) },
    who: who === 'us' || who === 'baresip' ? [who] : ['us', 'baresip'],
  });
  const missed = who === 'baresip' ? [] : rows.flatMap(missedGoals);
  const shown = (result: Result): string => {
    if (result === null) return '–';
    return result === undefined ? `> ${limit}` : result.toFixed(result < 100 ? 1 : 0);
  };
  return [
    'Milliseconds from the first packet of the attempt to the request at the server that lives',
    '',
    table(
      ['outage', 'request', 'ours, cold', 'warm', 'just wrong', 'baresip'],
      rows.map(({ trouble, method, transport, cold, warm, wrong, baresip }) => [
        trouble.title,
        `${method} ${transport}`,
        ...[cold, warm, wrong, baresip].map(shown),
      ]),
    ),
    '',
    ...(missed.length === 0 ? [] : [`Goals missed, in ms:\n  ${missed.join('\n  ')}`, '']),
    branches.length === 0
      ? 'No living server saw a request under two branches.'
      : `Requests under two branches:\n  ${branches.join('\n  ')}`,
  ].join('\n');
}
