/** What a CANCEL or BYE says about itself: the Reason header field (RFC 3326). */
import type { SipMessage } from '../message/message.ts';
import { parseNameAddr } from '../message/name_addr.ts';
import { plainText } from '../message/text.ts';
import type { EndCause } from '../types.ts';

/** The peer's cause: the text of its Reason, else `otherwise`. */
export function causeOf(request: SipMessage, otherwise: string): EndCause {
  for (const value of request.has('reason') ? request.values('reason') : []) {
    // `protocol;cause=200;text="…"` reads like the parameters of a name-addr.
    const text = parseNameAddr(
      `<reason:${value.split(';', 1)[0]}>${value.slice(value.indexOf(';'))}`,
    )?.params.text('text');
    if (text !== undefined) return { by: 'peer', reason: plainText(text) };
  }
  return { by: 'peer', reason: otherwise };
}
