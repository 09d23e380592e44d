/**
 * The non-INVITE server transaction: RFC 3261 17.2.2, figure 8, as RFC 4320 narrows it: no provisional response but
 * 100, and that not before the peer repeats its request at long intervals only; so the transaction sends the 100
 * itself when it is time, and the TU's have no arrow. No 408 either: whoever waited has given up by then, and the
 * transaction ends in silence when the peer's Timer F must have fired.
 */
import { type Figure, go, stay } from './transaction.ts';

const final = go('Completed', 'stop 100', 'send response', 'start J');
// RFC 6026 8.8 replaces 17.2.4 for every server transaction, figure 8's arrow to Terminated included.
const unreachable = stay('error to TU');

export const SERVER_REQUEST: Figure = {
  Initial: {
    request: go('Trying', 'request to TU', 'start 100', 'start F'),
  },
  Trying: {
    '2xx': final,
    '300-699': final,
    'timer 100': go('Proceeding', 'send 100'),
    'timer F': go('Terminated'),
  },
  Proceeding: {
    request: stay('send response again'),
    '2xx': final,
    '300-699': final,
    'transport error': unreachable,
    'timer F': go('Terminated'),
  },
  Completed: {
    request: stay('send response again'),
    'transport error': unreachable,
    'timer J': go('Terminated'),
  },
};
