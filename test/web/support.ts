/** A running page server with a fake phone behind it, and ways to knock at its door. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { WebSocket } from 'ws';
import { startWeb } from '#web/server.ts';
import { FakeControl } from './fake_control.ts';

export const TOKEN = 'correct-horse';

export interface Served {
  readonly control: FakeControl;
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

/** A page small enough to know every octet of, with a secret beside it. */
export function smallPage(): string {
  const outside = mkdtempSync(join(tmpdir(), 'dualtone-page-'));
  const pageDir = join(outside, 'page');
  mkdirSync(join(pageDir, 'assets'), { recursive: true });
  writeFileSync(join(outside, 'secret.html'), 'secret');
  writeFileSync(join(pageDir, 'index.html'), '<!doctype html><title>small</title>');
  writeFileSync(join(pageDir, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  writeFileSync(join(pageDir, 'assets', 'index-abc.js'), '0;');
  writeFileSync(join(pageDir, 'notes.txt'), 'not for serving');
  return pageDir;
}

/** Serves until the test ends. */
export async function serve(t: ExecutionContext, pageDir = smallPage()): Promise<Served> {
  const control = new FakeControl();
  const web = await startWeb({ control, http: { host: '127.0.0.1', port: 0 }, pageDir, token: TOKEN });
  t.teardown(() => web.close());
  return { control, port: Number(new URL(web.url).port), url: web.url, close: web.close };
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** One request exactly as written: no client cleans up its path or Host. */
export function get(
  port: number,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, headers, method, agent: false }, (reply) => {
      let body = '';
      reply.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      reply.on('end', () => resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body }));
    });
    asked.on('error', reject).end();
  });
}

export function cookie(port: number, token = TOKEN): Record<string, string> {
  return { Cookie: `theme=dark; dualtone-${port}=${token}` };
}

/** What a page's WebSocket says and hears; `next` waits for a message that fits. */
export class Page {
  readonly messages: Record<string, unknown>[] = [];
  readonly frames: Buffer[] = [];
  readonly socket: WebSocket;
  readonly closed: Promise<number>;
  #news = Promise.withResolvers<void>();

  constructor(port: number, headers: Record<string, string> = cookie(port)) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, { headers });
    this.closed = new Promise((resolve) => this.socket.on('close', resolve));
    this.socket.on('message', (data: Buffer, binary) => {
      if (binary) this.frames.push(data);
      else this.messages.push(JSON.parse(data.toString()));
      this.#news.resolve();
      this.#news = Promise.withResolvers();
    });
  }

  /** Resolves when the first news are there; rejects with the HTTP status of a refusal. */
  opened(): Promise<this> {
    return new Promise((resolve, reject) => {
      this.socket.on('unexpected-response', (_, reply) => {
        reject(new Error(String(reply.statusCode)));
        this.socket.terminate();
      });
      this.socket.on('error', reject);
      this.socket.once('message', () => resolve(this));
    });
  }

  say(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  async until(done: () => boolean): Promise<void> {
    while (!done()) await this.#news.promise;
  }
}

/** Waits until something holds that no message announces. */
export async function eventually(holds: () => boolean, withinMs = 3000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`did not come to hold within ${withinMs} ms: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
