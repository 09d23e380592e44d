/** What an outage may cost us, in ms from the first packet to the request at the server that lives. */
import type { Case, Result, Row } from './failover.ts';

export const COLUMNS = ['cold', 'warm', 'wrong'] as const;
export type Column = (typeof COLUMNS)[number];

/** A datagram that is refused by ICMP is known to be lost at once. */
const COLD = { silence: 300, icmp: 50 } as const;
const WARM = 10;
/** Where servers ignore OPTIONS (deaf), nothing can be probed before the request itself has met silence. */
const JUST_WRONG = { hearing: 1000, deaf: 2000 } as const;

export function goalOf({ trouble, transport }: Case, column: Column, deaf = false): number {
  if (column === 'warm') return WARM;
  if (column === 'wrong') return deaf ? JUST_WRONG.deaf : JUST_WRONG.hearing;
  return transport === 'udp' && trouble.refusal === 'icmp' ? COLD.icmp : COLD.silence;
}

export function isMissed(result: Result, goal: number): boolean {
  return !(typeof result === 'number' && result < goal);
}

export interface Circumstances {
  readonly deaf?: boolean;
  /** ms that the machine may add, since others work on it too. */
  readonly slack?: number;
}

/** Sentences about the cells that cost more, one for each. */
export function missedGoals(row: Row, { deaf = false, slack = 0 }: Circumstances = {}): readonly string[] {
  return COLUMNS.flatMap((column) => {
    const [result, goal] = [row[column], goalOf(row, column, deaf) + slack];
    if (!isMissed(result, goal)) return [];
    const { trouble, method, transport } = row;
    return [
      `${trouble.title}, ${method} ${transport}, ${column}: ${result?.toFixed(1) ?? 'not reached'}, goal ${goal}`,
    ];
  });
}
