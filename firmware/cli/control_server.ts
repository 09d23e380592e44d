/** A running phone's ear for the command line: JSON over HTTP on a Unix socket, never TCP. */
import { chmodSync, unlinkSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Control, UpdateDesk } from '#phone/types.ts';
import { isListening } from './control_probe.ts';
import { ROUTES } from './control_routes.ts';
import { createServer } from './http.ts';
import { CommandError } from './verb.ts';

export interface ControlServer {
  close(): Promise<void>;
}

const LARGEST_BODY = 1 << 16;

/**
 * Listens on `path` (mode 0600). Replaces the socket of a killed agent; CommandError when a live one has it.
 * `control` throws, for people, while there is nobody to ask yet; `updates` is undefined where nothing is updated.
 */
export async function startControlServer(
  control: () => Control,
  path: string,
  updates: () => UpdateDesk | undefined = () => undefined,
): Promise<ControlServer> {
  if (await isListening(path)) {
    throw new CommandError(
      `a phone is already running on ${path}; stop it, or choose another directory with --data`,
    );
  }
  removeStale(path);
  const server = createServer((request, response) => void serve({ control, updates }, request, response));
  await listen(server, path);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function removeStale(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // There was none.
  }
}

/** The directory is ours alone (0700), so nobody gets in between bind and chmod. */
function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new CommandError(`cannot listen on ${path}: ${error.message}`)));
    server.listen(path, () => {
      chmodSync(path, 0o600);
      resolve();
    });
  });
}

interface Behind {
  readonly control: () => Control;
  readonly updates: () => UpdateDesk | undefined;
}

async function serve(
  { control, updates }: Behind,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://phone');
    const route = ROUTES[`${request.method} ${pathname}`];
    if (!route) throw new Error(`no such request: ${request.method} ${pathname}`);
    const body = request.method === 'POST' ? await readBody(request) : {};
    const asked = { control: control(), updates: updates(), body, query: searchParams, response };
    const answer = await route(asked);
    if (answer !== undefined) reply(response, 200, answer);
  } catch (error) {
    reply(response, 409, { error: error instanceof Error ? error.message : String(error) });
  }
}

async function readBody(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > LARGEST_BODY) throw new Error('the request is too large');
  }
  const value: unknown = JSON.parse(text || '{}');
  if (typeof value !== 'object' || value === null) throw new Error('the request is no JSON object');
  return value as Readonly<Record<string, unknown>>;
}

function reply(response: ServerResponse, status: number, value: unknown): void {
  if (response.writableEnded || response.destroyed) return;
  const text = JSON.stringify(value);
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}
