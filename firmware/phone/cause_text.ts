import type { EndCause } from '#sip/types.ts';
import { en } from './texts/en.ts';

const HUNG_UP = { us: en.weHungUp, peer: en.peerHungUp, network: en.ended } as const;

/** Why a call ended, for people. Only a peer's status is told: ours chooses the tone, and nobody sent it. */
export function causeText({ by, status, reason }: EndCause): string {
  if (status !== undefined && by === 'peer') return `${status} ${reason}`.trim();
  // A BYE may carry a reason of its own (RFC 3326); the SIP core's word for its absence is "hung up".
  if (reason !== '' && reason !== 'hung up') return reason;
  return HUNG_UP[by];
}
