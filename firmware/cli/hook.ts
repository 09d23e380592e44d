import { clientOf } from './control_client.ts';
import { UsageError, type Verb } from './verb.ts';

const EVENTS: Readonly<Record<string, object>> = {
  on: { kind: 'hook', state: 'on' },
  off: { kind: 'hook', state: 'off' },
  flash: { kind: 'flash' },
};

export const verb: Verb = {
  usage: 'hook off|on|flash',
  summary: 'lifts, hangs up or flashes the hook of the simulated handset',
  words: [1, 1],
  async act(given) {
    const event = EVENTS[given.words[0] ?? ''];
    if (!event) throw new UsageError('usage: dualtone hook off|on|flash');
    await clientOf(given).post('/operate', { event });
  },
};
