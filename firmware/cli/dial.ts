import type { CallStatus } from '#phone/types.ts';
import { callLine } from './calls.ts';
import { clientOf } from './control_client.ts';
import { CommandError, type Verb } from './verb.ts';

export const verb: Verb = {
  usage: 'dial NUMBER|URI [--wait] [--json]',
  summary: 'opens a call; returns when it is under way, with --wait when it is answered or has failed',
  options: { wait: { type: 'boolean' }, json: { type: 'boolean' } },
  words: [1, 1],
  async act(given, { terminal }) {
    const wait = given.is('wait');
    const call = await clientOf(given).post<CallStatus>('/dial', { number: given.words[0], wait });
    if (wait && call.state === 'ended')
      throw new CommandError(`the call failed: ${call.cause ?? 'no reason given'}`);
    terminal.out(given.is('json') ? JSON.stringify(call) : callLine(call));
  },
};
