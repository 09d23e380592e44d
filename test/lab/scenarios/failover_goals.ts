/** What an outage may cost us, in ms from the first packet to the request at the server that lives. */
import type { Row } from './failover.ts';

const COLD = 300;
/** A datagram that is refused by ICMP says so at once. */
const COLD_BY_ICMP = 50;
const WARM = 10;
const JUST_WRONG = 1000;

/** Sentences about the cells that cost more, one for each. */
export function missedGoals(row: Row): readonly string[] {
  const { trouble, method, transport } = row;
  const refused = trouble.refusal === 'icmp' && transport === 'udp';
  const goals = [
    ['cold', row.cold, refused ? COLD_BY_ICMP : COLD],
    ['warm', row.warm, WARM],
    ['just wrong', row.wrong, JUST_WRONG],
  ] as const;
  return goals.flatMap(([when, ms, goal]) =>
    typeof ms === 'number' && ms < goal
      ? []
      : [
          `${trouble.title}, ${method} ${transport}, ${when}: ${ms?.toFixed(1) ?? 'not reached'}, goal ${goal}`,
        ],
  );
}
