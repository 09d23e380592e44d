/** A running admin page with a fake telephone behind it, and somebody who knocks at its door without a browser. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { type Admin, type AdminOptions, startAdmin } from '#web/admin/admin.ts';
import { said, secret, secretsIn } from '../../support/secrets.ts';
import type { Reply } from '../support.ts';
import { smallPage } from '../support.ts';
import { FakeAdmin, SERVED } from './fake_admin.ts';

export const PASSWORD = 'seven green bicycles';

export interface Served {
  readonly admin: Admin;
  readonly control: FakeAdmin;
  readonly data: string;
  /** Level and text of every log line. */
  readonly log: string[];
  /** Lets the clock of PINs, sessions and lockouts jump. */
  pass(ms: number): void;
  close(): Promise<void>;
}

export function adminPage(): string {
  const pageDir = smallPage();
  mkdirSync(join(pageDir, 'admin'));
  writeFileSync(join(pageDir, 'admin', 'index.html'), '<!doctype html><title>settings</title>');
  return pageDir;
}

/** Serves until the test ends. */
export async function serve(
  t: Pick<ExecutionContext, 'teardown'>,
  options: Partial<AdminOptions> = {},
): Promise<Served> {
  const control = new FakeAdmin();
  const data = mkdtempSync(join(tmpdir(), 'dualtone-admin-'));
  const log: string[] = [];
  let now = 1_000_000;
  const admin = await startAdmin({
    control,
    listen: 'loopback',
    port: 0,
    hasScreen: false,
    data,
    pageDir: adminPage(),
    name: 'Kitchen',
    names: () => ({ dnsNames: ['kitchen.test'], addresses: ['192.0.2.7', '2001:db8::7'] }),
    log: (level, text) => log.push(`${level} ${text}`),
    clock: () => now,
    ...options,
  });
  let closed: Promise<void> | undefined;
  secret(PASSWORD);
  secretsIn(SERVED.value);
  const close = () => {
    if (closed === undefined) said('the log of the admin page', log.join('\n'));
    closed ??= admin.close();
    return closed;
  };
  t.teardown(close);
  return {
    ...{ admin, control, data, log, close },
    pass: (ms) => {
      now += ms;
    },
  };
}

export interface Wish {
  readonly method?: string;
  readonly headers?: Record<string, string | undefined>;
  readonly body?: unknown;
}

/** A browser without a screen: it keeps its cookie and its token, and says where it comes from. */
export class Visitor {
  #port: number;
  cookie = '';
  csrf = '';

  constructor({ admin }: Pick<Served, 'admin'>) {
    this.#port = admin.port;
  }

  /** From now on at this port, as a browser that was sent there. */
  go(port: number): this {
    this.#port = port;
    return this;
  }

  get origin(): string {
    return `https://127.0.0.1:${this.#port}`;
  }

  /** `path` below /admin/api/, or from `/`. */
  ask(path: string, { method = 'GET', headers = {}, body }: Wish = {}): Promise<Reply> {
    const text =
      body === undefined || Buffer.isBuffer(body)
        ? body
        : typeof body === 'string'
          ? body
          : JSON.stringify(body);
    const own = {
      ...(method === 'GET' ? {} : { Origin: this.origin, 'Content-Type': 'application/json' }),
      ...(this.cookie === '' ? {} : { Cookie: this.cookie }),
      ...(this.csrf === '' ? {} : { 'X-Dualtone-CSRF': this.csrf }),
      ...headers,
    };
    const fields = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
    return new Promise((resolve, reject) => {
      const asked = request(
        {
          ...{ host: '127.0.0.1', port: this.#port, method, agent: false, rejectUnauthorized: false },
          path: path.startsWith('/') ? path : `/admin/api/${path}`,
          headers: fields as Record<string, string>,
        },
        (reply) => void read(reply).then((told) => resolve(this.#remember(told)), reject),
      );
      asked.on('error', reject);
      asked.end(text);
    });
  }

  post(path: string, body: unknown = {}, headers: Record<string, string | undefined> = {}): Promise<Reply> {
    return this.ask(path, { method: 'POST', body, headers });
  }

  /** Claims the telephone with the PIN that it shows. */
  async claim({ control }: Pick<Served, 'control'>, password = PASSWORD): Promise<this> {
    await this.post('pin');
    const reply = await this.post('claim', { pin: control.pin, password });
    if (reply.status !== 200) throw new Error(reply.body);
    return this;
  }

  #remember(reply: Reply): Reply {
    said('the admin page', reply.body);
    const [cookie] = reply.headers['set-cookie'] ?? [];
    if (cookie !== undefined) this.cookie = cookie.split(';', 1)[0] ?? '';
    const csrf = reply.body.startsWith('{"csrf"')
      ? (JSON.parse(reply.body) as { csrf: string }).csrf
      : undefined;
    if (csrf !== undefined) this.csrf = csrf;
    return reply;
  }
}

async function read(reply: IncomingMessage): Promise<Reply> {
  const chunks: Buffer[] = [];
  for await (const chunk of reply) chunks.push(Buffer.from(chunk as Buffer));
  return {
    status: reply.statusCode ?? 0,
    headers: reply.headers,
    body: Buffer.concat(chunks).toString('latin1'),
  };
}
