/** Reads a board profile, and says what is wrong with one: where, and why. */
import * as v from 'valibot';
import { conflicts, type Problem } from './conflicts.ts';
import { type BoardProfile, boardSchema } from './schema.ts';

export class BoardError extends Error {
  override name = 'BoardError';
  readonly code = 'BOARD_INVALID';
  readonly problems: readonly Problem[];

  /** @param where the profile's file or name */
  constructor(where: string, problems: readonly Problem[]) {
    const [first, ...others] = problems.map(({ path, reason }) =>
      path === '' ? reason : `${path}: ${reason}`,
    );
    super(
      `board profile ${where}: ${first}${others.length > 0 ? ` (and ${others.length} more: ${others.join('; ')})` : ''}`,
    );
    this.problems = problems;
  }
}

/** Throws a BoardError that names every problem of an unfit profile. */
export function readBoard(value: unknown, where: string): BoardProfile {
  const { success, issues, output } = v.safeParse(boardSchema, value);
  if (!success) throw new BoardError(where, issues.map(problemOf));
  const found = output.driver === 'linux' ? conflicts(output) : [];
  if (found.length > 0) throw new BoardError(where, found);
  return output;
}

/** The same of JSON text. */
export function readBoardText(text: string, where: string): BoardProfile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new BoardError(where, [{ path: '', reason: `is no JSON: ${(error as Error).message}` }]);
  }
  return readBoard(value, where);
}

function problemOf(issue: v.BaseIssue<unknown>): Problem {
  const path = (issue.path ?? []).map(({ key }) => `/${String(key)}`).join('');
  if (issue.type === 'strict_object' && issue.expected === 'never')
    return { path, reason: 'is no key of a board profile' };
  if (issue.kind === 'schema' && issue.received === 'undefined') {
    const choice = issue.expected?.includes('|') ? `: one of ${issue.expected}` : '';
    return { path, reason: `is missing${choice}` };
  }
  return { path, reason: issue.message };
}
