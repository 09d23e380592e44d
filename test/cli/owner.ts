/** Who owns the settings page of a telephone in a process of its own. */
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PhoneProcess } from '../support/phone_process.ts';
import { until } from '../support/process.ts';
import { secret } from '../support/secrets.ts';

export const OWNER = secret('twelve red l4mps');

export interface Reply {
  readonly status: number;
  readonly body: string;
  readonly cookie: string;
}

/** Of the admin page, as a browser asks it; without a body it is a GET. */
export function ask(
  port: number,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const own = { Origin: `https://127.0.0.1:${port}`, 'Content-Type': 'application/json', ...headers };
    const asked = request(
      {
        ...{ host: '127.0.0.1', port, path: `/admin/api/${path}`, headers: own },
        ...{ method: body === undefined ? 'GET' : 'POST', rejectUnauthorized: false, agent: false },
      },
      (reply) => {
        let text = '';
        reply.setEncoding('utf8').on('data', (part: string) => (text += part));
        const cookie = reply.headers['set-cookie']?.[0]?.split(';', 1)[0] ?? '';
        reply.on('end', () => resolve({ status: reply.statusCode ?? 0, body: text, cookie }));
      },
    );
    asked.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Once more where nobody listened: who claims the page makes it listen on other addresses. */
export async function post(...wish: Parameters<typeof ask>): Promise<Reply> {
  try {
    return await ask(...wish);
  } catch {
    await sleep(200);
    return ask(...wish);
  }
}

async function pinOf(phone: PhoneProcess): Promise<string> {
  const { output } = await phone.verb('screen');
  return /PIN (\d{4} \d{4})/.exec(output)?.[1] ?? '';
}

/** Where the page is since it was opened or moved the `count`th time. */
export const portOf = (phone: PhoneProcess, count = 1): number | undefined =>
  Number(
    [...phone.output.matchAll(/the settings page is at https:\/\/localhost:(\d+)/g)].at(count - 1)?.[1],
  ) || undefined;

/** Claims the page; what its owner shows from then on. */
export async function claimed(phone: PhoneProcess, port: number): Promise<Record<string, string>> {
  await post(port, 'pin', {});
  const pin = await until('the PIN is shown', () => pinOf(phone));
  const { status, body, cookie } = await post(port, 'claim', { pin, password: OWNER });
  if (status !== 200) throw new Error(body);
  return { Cookie: cookie, 'X-Dualtone-CSRF': (JSON.parse(body) as { csrf: string }).csrf };
}
