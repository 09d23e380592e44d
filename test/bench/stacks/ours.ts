/**
 * Dualtone's reader and writer as its own user agent uses them: what is echoed is never decoded. This folder is a
 * package of its own, for the rivals' sake, so the doors of the firmware are not in sight here.
 */
import { faultOf } from '../../../firmware/sip/message/fault.ts';
import { readMessage, type SipMessage } from '../../../firmware/sip/message/message.ts';
import { parseUri } from '../../../firmware/sip/message/uri.ts';
import { writeResponse } from '../../../firmware/sip/message/write.ts';
import type { Seen, Stack } from './stack.ts';

function read(octets: Buffer): SipMessage {
  const message = readMessage(octets);
  if (message === undefined) throw new Error('not read');
  return message;
}

export const stack: Stack = {
  parse(octets): Seen {
    const message = read(octets);
    const { via, fromTag, toTag, callId, cseq, contact } = message;
    if (via === undefined || fromTag === undefined || toTag !== undefined || callId === '') {
      throw new Error('not read');
    }
    if (cseq === undefined || contact === undefined || parseUri(message.uri) === undefined) {
      throw new Error('not read');
    }
    return { method: message.method, vias: message.count('via'), body: message.body.length };
  },

  /** With the check of the message by the torture tests, which the others do elsewhere or never. */
  answer(octets) {
    const request = read(octets);
    if (faultOf(request) !== undefined) throw new Error('refused');
    return writeResponse(request, {
      status: 200,
      toTag: 'a6c85cf',
      headers: [
        ['Allow', 'INVITE, ACK, CANCEL, BYE, OPTIONS'],
        ['Accept', 'application/sdp'],
      ],
    }).octets;
  },
};
