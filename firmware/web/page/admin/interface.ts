/** The telephone's interface below ./api/, and why it refused. */

export interface Refusal {
  readonly code: string;
  /** For people. */
  readonly error: string;
  /** Seconds before the next try. */
  readonly wait?: number;
}

export class Refused extends Error {
  readonly code: string;
  readonly wait: number;

  constructor({ code, error, wait = 0 }: Refusal) {
    super(error);
    this.code = code;
    this.wait = wait;
  }
}

const UNREACHABLE: Refusal = { code: 'unreachable', error: 'The phone does not answer.' };

export const api = (path: string): string => `./api/${path}`;

/** GET. Rejects with Refused. */
export function fetched<T>(path: string): Promise<T> {
  return asked<T>(path, { method: 'GET' });
}

/** POST of what changes something. Rejects with Refused. */
export function posted<T = unknown>(path: string, body: unknown, csrf = ''): Promise<T> {
  const headers = { 'Content-Type': 'application/json', 'X-Dualtone-CSRF': csrf };
  return asked<T>(path, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function asked<T>(path: string, options: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(api(path), { ...options, cache: 'no-store' });
  } catch {
    throw new Refused(UNREACHABLE);
  }
  const value: unknown = await response.json().catch(() => UNREACHABLE);
  if (!response.ok) throw new Refused(value as Refusal);
  return value as T;
}
