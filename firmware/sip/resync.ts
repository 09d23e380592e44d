/**
 * `check-sync` and its kin: a server tells the telephone, outside of any dialog and without a subscription, that there
 * is a new configuration (or that it shall start again). No RFC has it, every PBX sends it, and wants 200.
 */

import type { SipMessage } from './message/message.ts';
import { readParams } from './message/params.ts';
import { Scanner } from './message/scanner.ts';

/** `report` asks for our configuration, which nobody gets. */
export type ResyncAction = 'check' | 'reboot' | 'report';

/** Event packages, with what they ask for: Yealink, Poly, Snom; Sipura; Linksys. */
const PACKAGES: Readonly<Record<string, ResyncAction>> = {
  'check-sync': 'check',
  resync: 'check',
  reboot_now: 'reboot',
  restart_now: 'reboot',
  report: 'report',
};

/** What a NOTIFY outside of any dialog asks for; undefined: it is another one. */
export function resyncOf(request: SipMessage): ResyncAction | undefined {
  if (request.method !== 'NOTIFY' || request.toTag !== undefined) return undefined;
  const event = request.first('event') ?? '';
  const end = event.indexOf(';');
  const name = (end < 0 ? event : event.slice(0, end)).trim().toLowerCase();
  const action = Object.hasOwn(PACKAGES, name) ? PACKAGES[name] : undefined;
  if (action !== 'check' || end < 0) return action;
  const reboot = readParams(new Scanner(event.slice(end)))?.text('reboot');
  return reboot?.toLowerCase() === 'true' ? 'reboot' : 'check';
}
