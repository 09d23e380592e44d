/** Counts the packets of all calls: a session tells its own sums, and begins at zero with each call. */
import type { SessionStatistics } from '#media/types.ts';
import type { Metrics } from './metrics.ts';

const COUNTED = {
  sent: 'dualtone_rtp_packets_sent_total',
  received: 'dualtone_rtp_packets_received_total',
  lost: 'dualtone_rtp_packets_lost_total',
} as const;
type Counted = keyof typeof COUNTED;
const KINDS = Object.keys(COUNTED) as readonly Counted[];

/** Sessions whose sums are remembered: more calls at once than any telephone has. */
const MOST_SESSIONS = 32;

export class MediaCounters {
  readonly #metrics: Metrics;
  /** The highest that each session has told. */
  readonly #told = new Map<string, Readonly<Record<Counted, number>>>();

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
    for (const kind of KINDS) metrics.count(COUNTED[kind], {}, 0);
  }

  told(session: string, statistics: SessionStatistics): void {
    const before = this.#told.get(session) ?? { sent: 0, received: 0, lost: 0 };
    const now = { ...before };
    for (const kind of KINDS) {
      // What was lost may turn out to be late, or come twice (RFC 3550 6.4.1); a counter does not go back.
      now[kind] = Math.max(before[kind], statistics[kind]);
      this.#metrics.count(COUNTED[kind], {}, now[kind] - before[kind]);
    }
    this.#told.delete(session);
    this.#told.set(session, now);
    for (const oldest of this.#told.keys()) {
      if (this.#told.size <= MOST_SESSIONS) break;
      this.#told.delete(oldest);
    }
  }
}
