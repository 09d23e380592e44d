/** The INVITE client transaction: RFC 3261 17.1.1, figure 5 as replaced by RFC 6026 8.4. */
import { type Figure, go, stay } from './transaction.ts';

const accepted = go('Accepted', 'stop A', 'response to TU', 'start M');
const refused = go('Completed', 'stop A', 'send ACK', 'response to TU', 'start D');
const unreachable = go('Terminated', 'error to TU');
const unanswered = go('Terminated', 'timeout to TU');

export const CLIENT_INVITE: Figure = {
  Initial: {
    request: go('Calling', 'send request', 'start A', 'start B'),
  },
  Calling: {
    'timer A': stay('send request', 'restart A'),
    'timer B': unanswered,
    'transport error': unreachable,
    '1xx': go('Proceeding', 'stop A', 'stop B', 'response to TU'),
    '2xx': accepted,
    '300-699': refused,
    // RFC 3263 4.3: the same request went elsewhere; a server that wakes up must not be asked as well.
    abandon: stay('stop A'),
  },
  Proceeding: {
    '1xx': stay('response to TU'),
    '2xx': accepted,
    '300-699': refused,
    // 9.1: after a CANCEL the final response has 64*T1 left; without that limit a peer that died while it rang
    // would keep the transaction for ever.
    cancel: stay('start B'),
    abandon: stay('start B'),
    'timer B': unanswered,
  },
  Accepted: {
    '2xx': stay('response to TU'),
    'timer M': go('Terminated'),
  },
  Completed: {
    '300-699': stay('send ACK again'),
    // A proxy passes on a 2xx even after it has passed on a refusal (16.7 step 5): somebody off the hook waits.
    '2xx': stay('stray response to TU'),
    'transport error': unreachable,
    'timer D': go('Terminated'),
  },
};
