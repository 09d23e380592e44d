import type { Front } from '#phone/types.ts';
import { clientOf } from './control_client.ts';
import type { Verb } from './verb.ts';

export const verb: Verb = {
  usage: 'leds [--json]',
  summary: 'the lamps, the bell and the hook',
  options: { json: { type: 'boolean' } },
  async act(given, { terminal }) {
    const { lamps, bell, hook } = await clientOf(given).get<Front>('/front');
    const lines = [...Object.entries(lamps).map(([name, pattern]) => `${name}: ${pattern}`)];
    lines.push(`bell: ${bell ? `rings (${bell.join(' ')} ms)` : 'off'}`, `hook: ${hook}`);
    terminal.out(given.is('json') ? JSON.stringify({ lamps, bell, hook }) : lines.join('\n'));
  },
};
