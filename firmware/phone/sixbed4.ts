/** What a person is told about 6bed4: why there is a tunnel, or why there is none and what to do. */
import type { FallbackReason } from '#address/fallback.ts';
import type { TextKey } from './texts.ts';

/**
 * `asking`: no router has answered yet, and may still. `unanswered`: none answers. `not-there`: this telephone has no
 * tunnel at all.
 */
export type Sixbed4Reason = FallbackReason | 'asking' | 'unanswered' | 'not-there';

/** A sentence, and one line of the display. */
const WORDS: Readonly<Record<Sixbed4Reason, readonly [note: string, line: TextKey]>> = {
  'switched-off': ['it is switched off (net.sixbed4.mode)', 'sixbed4SwitchedOff'],
  'not-there': ['this telephone carries no tunnel', 'sixbed4NotBuiltIn'],
  'no-ipv4': ['there is no IPv4 to tunnel through', 'noIpv4'],
  native: ['native IPv6 is there', 'sixbed4NotNeeded'],
  looking: ['looking for a 6bed4 router', 'sixbed4SeeksRouter'],
  'no-router': ['no 6bed4 router is known; set net.sixbed4.routers', 'noSixbed4Router'],
  asking: ['asking a 6bed4 router', 'sixbed4AsksRouter'],
  unanswered: ['no 6bed4 router answers', 'sixbed4RouterSilent'],
  missing: ['there is no native IPv6', 'ipv6BySixbed4'],
  silent: ['nobody answers over native IPv6', 'ipv6BySixbed4'],
  always: ['beside native IPv6 (net.sixbed4.mode)', 'sixbed4BesideIpv6'],
  handover: ['native IPv6 has come; what is under way may end over 6bed4', 'sixbed4Ends'],
};

/** `routers`: those that are asked, `192.0.2.1:25790`. */
export function noteOf(why: Sixbed4Reason, routers: readonly string[] = []): string {
  return why === 'asking' && routers.length > 0 ? `asking ${routers.join(', ')} …` : WORDS[why][0];
}

/** Which text of the display says it. */
export function lineOf(why: Sixbed4Reason): TextKey {
  return WORDS[why][1];
}
