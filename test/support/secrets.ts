/**
 * What the firmware says in the tests, kept until the end of the suite, when `npm test` looks for the secrets that were
 * used (tools/leaks.ts). Who starts a telephone with secrets registers them; who hears what it says hands that over. Both
 * cost an append to a file, and nothing at all where nobody collects.
 */
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { isMapping } from '#provisioning/schema_shape.ts';
import { OUTPUTS, SAID, SECRETS } from '../../tools/leaks.ts';

/** Undefined: nobody collects. */
const directory = process.env[OUTPUTS];
/** What costs time to hear is not asked for otherwise. */
export const isCollecting = directory !== undefined;
const mine = (ending: string): string => join(directory ?? '', `${process.pid}-${threadId}${ending}`);
const registered = new Set<string>();

/** `user`: whose it is, for what is made of both. */
export function secret(text: string, user = ''): string {
  const line = JSON.stringify({ secret: text, user });
  if (directory === undefined || registered.has(line)) return text;
  registered.add(line);
  appendFileSync(mine(SECRETS), `${line}\n`);
  return text;
}

/** Every secret of a configuration, or of any part of one. */
export function secretsIn(value: unknown): void {
  if (directory === undefined) return;
  if (Array.isArray(value)) for (const each of value) secretsIn(each);
  if (!isMapping(value)) return;
  const { user = '', authUser = user } = value;
  for (const [key, each] of Object.entries(value)) {
    if (typeof each !== 'string') secretsIn(each);
    else if (key === 'password' || key === 'token') secret(each, String(authUser));
    else {
      const [, name, password] = /^[a-z]+:(?:\/\/)?([^:@/]+):([^@/]+)@/i.exec(each) ?? [];
      if (password !== undefined) secret(password, name);
    }
  }
}

/** `what`: who said it, for the report. */
export function said(what: string, text: string): void {
  if (directory === undefined || text === '') return;
  appendFileSync(mine(SAID), `${JSON.stringify({ what, text })}\n`);
}

/** What anybody may ask a running telephone. */
export const ASKED = ['/status', '/front', '/trace', '/metrics', '/config', '/config/places'];
const ANSWER_MS = 1000;

/** Everything that the telephone of this data directory answers; one that is gone says nothing. */
export async function saidOverSocket(data: string): Promise<void> {
  const socketPath = join(data, 'control.sock');
  if (directory === undefined || !existsSync(socketPath)) return;
  for (const path of ASKED) said(`${path} of ${data}`, await answerTo(socketPath, path));
}

function answerTo(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path, timeout: ANSWER_MS }, (reply) => {
      let text = '';
      reply.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      reply.on('end', () => resolve(text)).on('error', () => resolve(text));
    });
    asked
      .on('timeout', () => asked.destroy())
      .on('error', () => resolve(''))
      .end();
  });
}

/** The memory of configurations has to have secrets, for our eyes alone. */
const STORE = 'provisioning';

/** What lies in a data directory, but for the store where that is closed to others. */
export function saidOnDisk(data: string): void {
  if (directory === undefined || !existsSync(data)) return;
  for (const name of readdirSync(data, { recursive: true, encoding: 'utf8' })) {
    const path = join(data, name);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isFile() !== true) continue;
    const isClosed = name.startsWith(`${STORE}/`) && (found.mode & 0o077) === 0;
    if (!isClosed) said(path, readFileSync(path, 'latin1'));
  }
}
