import { setTimeout as pause } from 'node:timers/promises';
import { clientOf } from './control_client.ts';
import { isKey } from './hal_event.ts';
import { UsageError, type Verb } from './verb.ts';

/** Milliseconds, as a quick finger does it: Q.24 asks for 40 ms of tone and as much pause at least. */
const HELD = 80;
const BETWEEN = 60;

export const verb: Verb = {
  usage: 'press KEYS',
  summary: 'presses keys of the simulated handset one after the other: 0-9, * and # (in quotes)',
  words: [1, 1],
  async act(given) {
    const keys = [...(given.words[0] ?? '')];
    if (keys.length === 0 || !keys.every(isKey)) throw new UsageError('KEYS are 0-9, * and # (in quotes)');
    const client = clientOf(given);
    for (const key of keys) {
      await client.post('/operate', { event: { kind: 'key', key, down: true } });
      await pause(HELD);
      await client.post('/operate', { event: { kind: 'key', key, down: false } });
      await pause(BETWEEN);
    }
  },
};
