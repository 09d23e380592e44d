/** What a person is told about 6bed4: why there is a tunnel, or why there is none and what to do. */
import type { FallbackReason } from '#address/fallback.ts';

/**
 * `asking`: no router has answered yet, and may still. `unanswered`: none answers. `not-there`: this telephone has no
 * tunnel at all.
 */
export type Sixbed4Reason = FallbackReason | 'asking' | 'unanswered' | 'not-there';

/** A sentence, and one line of the display. */
const WORDS: Readonly<Record<Sixbed4Reason, readonly [note: string, line: string]>> = {
  'switched-off': ['it is switched off (net.sixbed4.mode)', '6bed4 switched off'],
  'not-there': ['this telephone carries no tunnel', '6bed4 not built in'],
  'no-ipv4': ['there is no IPv4 to tunnel through', 'No IPv4'],
  native: ['native IPv6 is there', '6bed4 not needed'],
  looking: ['looking for a 6bed4 router', '6bed4 seeks router'],
  'no-router': ['no 6bed4 router is known; set net.sixbed4.routers', 'No 6bed4 router'],
  asking: ['asking a 6bed4 router', '6bed4 asks router'],
  unanswered: ['no 6bed4 router answers', '6bed4 router silent'],
  missing: ['there is no native IPv6', 'IPv6 by 6bed4'],
  silent: ['nobody answers over native IPv6', 'IPv6 by 6bed4'],
  always: ['beside native IPv6 (net.sixbed4.mode)', '6bed4 beside IPv6'],
  handover: ['native IPv6 has come; what is under way may end over 6bed4', '6bed4 ends'],
};

/** `routers`: those that are asked, `192.0.2.1:25790`. */
export function noteOf(why: Sixbed4Reason, routers: readonly string[] = []): string {
  return why === 'asking' && routers.length > 0 ? `asking ${routers.join(', ')} …` : WORDS[why][0];
}

/** Twenty columns at most. */
export function lineOf(why: Sixbed4Reason): string {
  return WORDS[why][1];
}
