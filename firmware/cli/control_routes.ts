/** What may be asked over the control socket, as a table. */
import type { ServerResponse } from 'node:http';
import type { Control, UpdateDesk } from '#phone/types.ts';
import { halEvent } from './hal_event.ts';

export interface Asked {
  readonly control: Control;
  readonly updates: UpdateDesk | undefined;
  readonly body: Readonly<Record<string, unknown>>;
  readonly query: URLSearchParams;
  readonly response: ServerResponse;
}

/** The result is sent as JSON; undefined: the route answers by itself. What it throws is told to the caller. */
export type Route = (asked: Asked) => unknown;

export const ROUTES: Readonly<Record<string, Route>> = {
  'GET /status': ({ control }) => control.status(),
  'GET /front': ({ control }) => control.front(),
  'GET /metrics': ({ control }) => ({ text: control.metrics() }),
  'GET /config': ({ control }) => control.config(),
  'GET /config/places': ({ control }) => control.configPlaces(),
  'GET /trace': ({ control, query, response }) =>
    query.has('follow') ? follow(control, response) : control.trace(),
  'POST /dial': ({ control, body }) => control.dial(textOf(body, 'number'), { wait: body.wait === true }),
  'POST /answer': ({ control }) => {
    control.answer();
    return {};
  },
  'POST /hangup': ({ control, body }) => ({
    ended: control.hangUp(body.call === undefined ? undefined : textOf(body, 'call')),
  }),
  'POST /update/check': ({ updates }) => deskOf(updates).check(),
  'POST /update/install': ({ updates, body }) =>
    deskOf(updates).install({ source: textOf(body, 'source'), allowOlder: body.allowOlder === true }),
  'POST /operate': ({ control, body }) => {
    control.operate(halEvent(body.event));
    return {};
  },
};

function deskOf(updates: UpdateDesk | undefined): UpdateDesk {
  if (updates !== undefined) return updates;
  throw new Error('this system is not updated here: it does not run from a card with two slots');
}

function textOf(body: Readonly<Record<string, unknown>>, key: string): string {
  const value = body[key];
  if (typeof value === 'string' && value !== '') return value;
  throw new Error(`the request lacks "${key}"`);
}

/** Octets that a reader of the trace may lag behind before it is let go. */
const MOST_BEHIND = 1 << 20;

/** One JSON object a line, old entries first, until the reader goes away. */
function follow(control: Control, response: ServerResponse): undefined {
  response.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
  response.flushHeaders();
  const write = (entry: unknown) => {
    if (response.writableLength > MOST_BEHIND) response.destroy();
    else response.write(`${JSON.stringify(entry)}\n`);
  };
  for (const entry of control.trace()) write(entry);
  const unsubscribe = control.subscribe((news) => {
    if (typeof news === 'object') write(news);
  });
  response.once('close', unsubscribe);
  return undefined;
}
