/** Counts what the user agent tells: registrations and calls. */
import type { SipEvent } from '#sip/types.ts';
import type { Metrics } from './metrics.ts';

const OUTCOMES = { registered: 'made', failed: 'failed' } as const;

export function countEvent(event: SipEvent, metrics: Metrics): void {
  if (event.kind === 'registration') {
    if (event.state === 'registered' || event.state === 'failed')
      metrics.count('dualtone_registrations_total', { outcome: OUTCOMES[event.state] });
  } else if (event.kind === 'incoming') metrics.count('dualtone_calls_total', { direction: 'in' });
  else if (event.kind === 'ended') {
    const { by, status } = event.cause;
    metrics.count('dualtone_calls_ended_total', { by, status: classOf(status) });
  }
}

/** A peer may choose any of six hundred; `none`: hung up. */
function classOf(status: number | undefined): string {
  return status === undefined ? 'none' : `${Math.floor(status / 100)}xx`;
}
