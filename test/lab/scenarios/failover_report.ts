/** The failover scenario for people: the table of what an outage costs. */
import { table } from '../table.ts';
import { allCases, failover, type Result, type Row } from './failover.ts';
import { COLUMNS, type Column, goalOf, isMissed } from './failover_goals.ts';

/** `--limit SECONDS`, `--only TEXT` (rows whose title contains it), `--who us|baresip`, `--deaf yes` (servers
 * ignore OPTIONS), `--parallel N`. */
export async function report(options: ReadonlyMap<string, string>): Promise<string> {
  const limit = Number(options.get('limit') ?? 40) * 1000;
  const who = options.get('who');
  const deaf = options.get('deaf') === 'yes';
  const only = (options.get('only') ?? '').toLowerCase();
  const cases = allCases().filter(({ trouble, method, transport }) =>
    `${trouble.title} ${transport} ${method}`.toLowerCase().includes(only),
  );
  const { rows, branches } = await failover({
    ...{ cases, limit, deaf, parallel: Number(options.get('parallel') ?? 2) },
    who: who === 'us' || who === 'baresip' ? [who] : ['us', 'baresip'],
  });
  const shown = (result: Result): string => {
    if (result === null) return '–';
    return result === undefined ? `> ${limit}` : result.toFixed(result < 100 ? 1 : 0);
  };
  const ours = (row: Row, column: Column): string =>
    `${shown(row[column])} ${row[column] !== null && isMissed(row[column], goalOf(row, column, deaf)) ? '✘' : ' '}`;
  return [
    'Milliseconds from the first packet of the attempt to the request at the server that lives; ✘: our goal is missed',
    '',
    table(
      ['outage', 'request', 'ours, cold  ', 'warm  ', 'just wrong  ', 'baresip'],
      rows.map((row) => [
        row.trouble.title,
        `${row.method} ${row.transport}`,
        ...COLUMNS.map((column) => ours(row, column)),
        shown(row.baresip),
      ]),
    ),
    '',
    branches.length === 0
      ? 'No living server saw a request under two branches.'
      : `Requests under two branches:\n  ${branches.join('\n  ')}`,
  ].join('\n');
}
