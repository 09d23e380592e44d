/** Answers of the admin page's server, and the header fields that all of them carry. */
import type { ServerResponse } from 'node:http';
import { SECURITY_HEADERS } from '../headers.ts';

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** The page is not the handset: it hears nobody. */
const HEADERS: Readonly<Record<string, string>> = {
  ...SECURITY_HEADERS,
  'Permissions-Policy': 'microphone=(), camera=(), geolocation=(), display-capture=()',
};

export function send(response: ServerResponse, { status, headers, body }: Answer, withBody = true): void {
  const octets = Buffer.from(body);
  response.writeHead(status, {
    ...HEADERS,
    'Cache-Control': 'no-store',
    ...headers,
    'Content-Length': String(octets.length),
  });
  response.end(withBody ? octets : undefined);
}

/** Begins a stream of events (HTML, section 9.2). */
export function beginEvents(response: ServerResponse): void {
  response.writeHead(200, {
    ...HEADERS,
    'Cache-Control': 'no-store',
    'Content-Type': 'text/event-stream; charset=utf-8',
  });
}

export function json(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers: { 'Content-Type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(value),
  };
}

/** Why not, with a word that the page knows. */
export type RefusalCode =
  | 'foreign'
  | 'unclaimed'
  | 'claimed'
  | 'no-session'
  | 'wrong'
  | 'locked-out'
  | 'weak-password'
  | 'malformed'
  | 'too-large'
  | 'too-many'
  | 'not-found'
  | 'method'
  | 'impossible';

export function refusal(
  status: number,
  code: RefusalCode,
  error: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return json({ code, error }, status, headers);
}

/** `ms`: how long to wait (RFC 9110 10.2.3: in whole seconds). */
export function later(code: 'locked-out' | 'too-many', ms: number): Answer {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  const error =
    code === 'locked-out'
      ? `Wrong too often. Try again in ${inWords(seconds)}.`
      : `Too many requests. Try again in ${inWords(seconds)}.`;
  return json({ code, error, wait: seconds }, 429, { 'Retry-After': String(seconds) });
}

/** `ms` before the next try. */
export function wrongAnswer(error: string, ms: number): Answer {
  const seconds = Math.ceil(ms / 1000);
  const then = seconds > 0 ? ` Wait ${inWords(seconds)} before the next try.` : '';
  return json({ code: 'wrong', error: error + then, wait: seconds }, 403);
}

function inWords(seconds: number): string {
  if (seconds < 90) return seconds === 1 ? 'a second' : `${seconds} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}
