import type { TraceEntry } from '#phone/types.ts';
import { clientOf } from './control_client.ts';
import type { Verb } from './verb.ts';

export const verb: Verb = {
  usage: 'trace [--follow] [--json]',
  summary: 'the last SIP messages, secrets removed; --follow goes on until the phone ends',
  options: { follow: { type: 'boolean' }, json: { type: 'boolean' } },
  async act(given, { terminal }) {
    const client = clientOf(given);
    const print = (entry: TraceEntry) =>
      terminal.out(given.is('json') ? JSON.stringify(entry) : textOf(entry));
    if (given.is('follow')) return client.follow('/trace?follow', (value) => print(value as TraceEntry));
    for (const entry of await client.get<TraceEntry[]>('/trace')) print(entry);
  },
};

function textOf({ time, direction, transport, local, remote, text }: TraceEntry): string {
  const arrow = direction === 'in' ? '<-' : '->';
  return `${new Date(time).toISOString()} ${transport} ${local} ${arrow} ${remote}\n${forTerminal(text)}`;
}

/** A peer's octets must not steer the terminal: everything but line ends and tabs loses its control meaning. */
function forTerminal(text: string): string {
  return [...text.replaceAll('\r\n', '\n')]
    .map((character) => {
      const code = character.charCodeAt(0);
      const steers =
        (code < 0x20 && character !== '\n' && character !== '\t') || (code >= 0x7f && code < 0xa0);
      return steers ? `\\x${code.toString(16).padStart(2, '0')}` : character;
    })
    .join('');
}
