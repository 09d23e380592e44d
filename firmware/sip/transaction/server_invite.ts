/**
 * The INVITE server transaction: RFC 3261 17.2.1, figure 7 as replaced by RFC 6026 8.6. The 100 goes out at once and
 * not after the 200 ms that the RFC allows: a timer less, and the peer's Timer A is silenced in any case.
 */
import { type Figure, go, stay } from './transaction.ts';

// RFC 6026 8.8: a response that cannot be sent leaves the state, so that a repeated INVITE is still known.
const unreachable = stay('error to TU');

export const SERVER_INVITE: Figure = {
  Initial: {
    request: go('Proceeding', 'send 100', 'request to TU'),
  },
  Proceeding: {
    request: stay('send response again'),
    '1xx': stay('send response'),
    '2xx': go('Accepted', 'send response', 'start L'),
    '300-699': go('Completed', 'send response', 'start G', 'start H'),
    'transport error': unreachable,
  },
  Accepted: {
    '2xx': stay('send response'),
    ACK: stay('ACK to TU'),
    'transport error': unreachable,
    'timer L': go('Terminated'),
  },
  Completed: {
    request: stay('send response again'),
    'timer G': stay('send response again', 'restart G'),
    'timer H': go('Terminated', 'timeout to TU'),
    ACK: go('Confirmed', 'stop G', 'confirmation to TU', 'start I'),
    'transport error': unreachable,
  },
  Confirmed: {
    'timer I': go('Terminated'),
  },
};
