/**
 * The timers of the four transactions (RFC 3261 section 17 and its table 4; L and M by RFC 6026). All values are in
 * ms. Timer C belongs to proxies only and is not here.
 */

/** The three estimates from which all timers follow (RFC 3261 17.1.1.1). */
export interface Timing {
  /** Round-trip time. */
  readonly T1: number;
  /** Longest interval between retransmissions of non-INVITE requests and of final INVITE responses. */
  readonly T2: number;
  /** Longest time that a message stays in the network. */
  readonly T4: number;
}

export const DEFAULT_TIMING: Timing = { T1: 500, T2: 4000, T4: 5000 };

export type TimerName = 'A' | 'B' | 'D' | 'E' | 'F' | 'G' | 'H' | 'I' | 'J' | 'K' | 'L' | 'M' | '100';

/** First value of each timer. Infinity: not set on this transport; 0: the state is left as soon as it is entered. */
export type TimerTable = Readonly<Record<TimerName, number>>;

export function timerTable(timing: Timing, reliable: boolean): TimerTable {
  const { T1, T4 } = timing;
  const never = Number.POSITIVE_INFINITY;
  return {
    /** INVITE request retransmission; doubles each time. */
    A: reliable ? never : T1,
    /** INVITE transaction timeout. */
    B: 64 * T1,
    /** Wait for retransmissions of the response to INVITE: 32 s at least, since the peer's T1 is unknown. */
    D: reliable ? 0 : Math.max(32_000, 64 * T1),
    /** Non-INVITE request retransmission; doubles up to T2. */
    E: reliable ? never : T1,
    /** Non-INVITE transaction timeout. */
    F: 64 * T1,
    /** Retransmission of the final response to INVITE; doubles up to T2. */
    G: reliable ? never : T1,
    /** Wait for the ACK. */
    H: 64 * T1,
    /** Wait for retransmissions of the ACK. */
    I: reliable ? 0 : T4,
    /** Wait for retransmissions of a non-INVITE request. */
    J: reliable ? 0 : 64 * T1,
    /** Wait for retransmissions of the response to a non-INVITE request. */
    K: reliable ? 0 : T4,
    /** Wait for retransmissions of an accepted INVITE. */
    L: 64 * T1,
    /** Wait for retransmissions of the 2xx to INVITE and for those of other forks. */
    M: 64 * T1,
    /** When a non-INVITE request must get its 100 (RFC 4320 4.1): no letter there, so named by its deed. */
    100: timeUntilT2(timing),
  };
}

/** The moment at which a client's Timer E is reset to T2, counted from its first request: 3.5 s by default. */
function timeUntilT2({ T1, T2 }: Timing): number {
  let elapsed = 0;
  for (let interval = T1; interval < T2; interval *= 2) elapsed += interval;
  return elapsed;
}
