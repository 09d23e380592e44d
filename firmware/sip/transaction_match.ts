import type { SipMessage } from './message.ts';

/** The key of the client transaction for a request of ours, and of the one that a response belongs to (17.1.3). */
export function clientKey(message: SipMessage): string {
  return `${message.via.branch}|${message.cseq.method}`;
}
