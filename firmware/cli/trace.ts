import type { TraceEntry } from '#phone/types.ts';
import { clientOf } from './control_client.ts';
import { forTerminal } from './terminal_text.ts';
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
  return `${new Date(time).toISOString()} ${transport} ${local} ${arrow} ${remote}\n${forTerminal(text, '\n\t')}`;
}
