/** The non-INVITE client transaction: RFC 3261 17.1.2, figure 6. */
import { type Figure, go, stay } from './transaction.ts';

const final = go('Completed', 'stop E', 'response to TU', 'start K');
const unreachable = go('Terminated', 'error to TU');
const unanswered = go('Terminated', 'timeout to TU');
/** A probe (probe.ts) that is not waited for any more. */
const release = go('Terminated');

export const CLIENT_REQUEST: Figure = {
  Initial: {
    request: go('Trying', 'send request', 'start E', 'start F'),
  },
  Trying: {
    'timer E': stay('send request', 'restart E'),
    'timer F': unanswered,
    'transport error': unreachable,
    '1xx': go('Proceeding', 'response to TU'),
    '2xx': final,
    '300-699': final,
    abandon: stay('stop E'),
    release,
  },
  Proceeding: {
    'timer E': stay('send request', 'restart E at T2'),
    'timer F': unanswered,
    'transport error': unreachable,
    '1xx': stay('response to TU'),
    '2xx': final,
    '300-699': final,
    abandon: stay('stop E'),
    release,
  },
  Completed: {
    'timer K': go('Terminated'),
  },
};
