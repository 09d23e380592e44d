import type { Front } from '#phone/types.ts';
import { clientOf } from './control_client.ts';
import type { Verb } from './verb.ts';

export const verb: Verb = {
  usage: 'screen [--json]',
  summary: 'what the display shows',
  options: { json: { type: 'boolean' } },
  async act(given, { terminal }) {
    const front = await clientOf(given).get<Front>('/front');
    terminal.out(given.is('json') ? JSON.stringify(front) : front.lines.join('\n'));
  },
};
