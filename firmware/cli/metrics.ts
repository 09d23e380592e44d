import { clientOf } from './control_client.ts';
import type { Verb } from './verb.ts';

export const verb: Verb = {
  usage: 'metrics',
  summary: 'counters of the running phone in the text format of Prometheus',
  async act(given, { terminal }) {
    const { text } = await clientOf(given).get<{ text: string }>('/metrics');
    terminal.out(text.trimEnd());
  },
};
