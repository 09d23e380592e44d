import { clientOf } from './control_client.ts';
import type { Verb } from './verb.ts';

export const verb: Verb = {
  usage: 'answer',
  summary: 'answers what rings, as lifting the handset does',
  async act(given) {
    await clientOf(given).post('/answer', {});
  },
};
