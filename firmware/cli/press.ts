import { setTimeout as pause } from 'node:timers/promises';
import { clientOf } from './control_client.ts';
import { FUNCTION_KEYS, isFunctionKey, isKey } from './hal_event.ts';
import { UsageError, type Verb } from './verb.ts';

/** Milliseconds, as a quick finger does it: Q.24 asks for 40 ms of tone and as much pause at least. */
const HELD = 80;
const BETWEEN = 60;

export const verb: Verb = {
  usage: 'press KEYS|FUNCTION',
  summary: `presses keys of the simulated handset one after the other, 0-9, * and # (in quotes), or one of ${FUNCTION_KEYS.join(', ')}`,
  words: [1, 1],
  async act(given) {
    const events = eventsOf(given.words[0] ?? '');
    const client = clientOf(given);
    for (const event of events) {
      await client.post('/operate', { event: { ...event, down: true } });
      await pause(HELD);
      await client.post('/operate', { event: { ...event, down: false } });
      await pause(BETWEEN);
    }
  },
};

function eventsOf(word: string): readonly object[] {
  if (isFunctionKey(word)) return [{ kind: 'function', key: word }];
  const keys = [...word];
  if (keys.length > 0 && keys.every(isKey)) return keys.map((key) => ({ kind: 'key', key }));
  throw new UsageError(`KEYS are 0-9, * and # (in quotes), FUNCTION one of ${FUNCTION_KEYS.join(', ')}`);
}
