import type { CallStatus, Status } from '#phone/types.ts';
import { clientOf } from './control_client.ts';
import { forTerminal } from './terminal_text.ts';
import type { Verb } from './verb.ts';

export const verb: Verb = {
  usage: 'calls [--json]',
  summary: 'calls of the running phone, the newest last',
  options: { json: { type: 'boolean' } },
  async act(given, { terminal }) {
    const { calls } = await clientOf(given).get<Status>('/status');
    terminal.out(given.is('json') ? JSON.stringify(calls) : calls.map(callLine).join('\n') || 'no calls');
  },
};

/** One call for people. */
export function callLine({ id, state, direction, peer, name, cause, media }: CallStatus): string {
  const sound = media ? `, ${media.codec} over ${media.family}` : '';
  const way = direction === 'in' ? 'from' : 'to';
  const who = name === undefined ? peer : `${name} <${peer}>`;
  return forTerminal(`call ${id} ${way} ${who}: ${state}${sound}${cause ? ` (${cause})` : ''}`);
}
