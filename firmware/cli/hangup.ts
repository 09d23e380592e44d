import { clientOf } from './control_client.ts';
import type { Verb } from './verb.ts';

export const verb: Verb = {
  usage: 'hangup [ID]',
  summary: 'ends or rejects one call, without ID every call',
  words: [0, 1],
  async act(given, { terminal }) {
    const [call] = given.words;
    const { ended } = await clientOf(given).post<{ ended: number }>(
      '/hangup',
      call === undefined ? {} : { call },
    );
    terminal.out(ended === 1 ? '1 call ended' : `${ended} calls ended`);
  },
};
