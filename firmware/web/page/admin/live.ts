/** The stream of events that keeps the page up to date. */

import type { Status, TraceEntry } from '#phone/types.ts';
import type { LogLine, Moved, NeighbourStatus, ServerReport } from '../../admin/types.ts';
import { tracedOf } from '../traced.ts';
import { api } from './interface.ts';
import { change, current } from './state.ts';

const MOST_TRACED = 500;
const MOST_LINES = 500;

interface Receiver {
  /** Another configuration is in force. */
  config(): void;
  /** The settings are elsewhere. */
  moved(where: Moved): void;
  /** The session is over, or nobody knows. */
  ended(): void;
}

let source: EventSource | undefined;
let lines = 0;

export function follow(receiver: Receiver): void {
  unfollow();
  const opened = new EventSource(api('events'));
  source = opened;
  const on = <T>(name: string, take: (value: T) => void) =>
    opened.addEventListener(name, (event) => take(JSON.parse((event as MessageEvent<string>).data) as T));
  // The phone tells what happened so far anew.
  opened.onopen = () => change({ link: 'open', trace: [], log: [] });
  opened.onerror = () => {
    change({ link: 'lost' });
    if (opened.readyState === EventSource.CLOSED) receiver.ended();
  };
  on<Status>('status', (status) => change({ status }));
  on<readonly NeighbourStatus[]>('neighbours', (neighbours) => change({ neighbours }));
  on<ServerReport>('server', (server) => change({ server }));
  on<readonly TraceEntry[]>('traces', (entries) =>
    change({ trace: [...current().trace, ...entries.map(tracedOf)].slice(-MOST_TRACED) }),
  );
  on<readonly LogLine[]>('lines', (told) => {
    const numbered = told.map((line) => ({ ...line, id: ++lines }));
    change({ log: [...current().log, ...numbered].slice(-MOST_LINES) });
  });
  on('config', () => receiver.config());
  on<Moved>('moved', (where) => receiver.moved(where));
  on('end', () => receiver.ended());
}

export function unfollow(): void {
  source?.close();
  source = undefined;
}
