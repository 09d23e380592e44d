/** The command line's side of the control socket. */
import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { controlSocket, dataDir } from './data_dir.ts';
import { request } from './http.ts';
import { CommandError, type Given } from './verb.ts';

export class ControlClient {
  readonly #data: string;
  readonly #path: string;
  readonly #patience: number | undefined;

  /** @param patience ms that the phone may be silent; absent: as long as it takes */
  constructor(data: string, patience?: number) {
    this.#data = data;
    this.#patience = patience;
    this.#path = controlSocket(data);
  }

  /** CommandError: nobody is running there, or the phone says why it cannot. */
  async get<T>(path: string): Promise<T> {
    return (await this.#ask('GET', path)) as T;
  }

  async post<T>(path: string, body: object): Promise<T> {
    return (await this.#ask('POST', path, JSON.stringify(body))) as T;
  }

  /** Calls `each` for every line of an endless answer, until the phone ends. */
  async follow(path: string, each: (value: unknown) => void): Promise<void> {
    const answer = await this.#open('GET', path);
    try {
      for await (const line of createInterface({ input: answer })) each(JSON.parse(line));
    } catch (error) {
      // A phone that ends cuts its answer off in the middle: that is the end of it.
      if (!answer.errored) throw error;
    }
  }

  async #ask(method: string, path: string, body?: string): Promise<unknown> {
    const answer = await this.#open(method, path, body);
    let text = '';
    try {
      for await (const chunk of answer.setEncoding('utf8')) text += chunk;
    } catch {
      throw new CommandError('the phone went away while answering; see its log');
    }
    const value: unknown = JSON.parse(text);
    if (answer.statusCode === 200) return value;
    throw new CommandError(reasonOf(value));
  }

  #open(method: string, path: string, body?: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const timeout = this.#patience;
      const headers = { Connection: 'close' };
      const asking = request({ socketPath: this.#path, method, path, headers, timeout }, resolve);
      asking.once('timeout', () => asking.destroy(new Error('it does not answer; end it first')));
      asking.once('error', (error) => reject(this.#unreachable(error)));
      asking.end(body);
    });
  }

  #unreachable(error: Error): CommandError {
    const code = 'code' in error ? error.code : '';
    if (code === 'ENOENT' || code === 'ECONNREFUSED') {
      return new CommandError(
        `no phone is running with ${this.#data}; start one ("npm start" or "dualtone run"), or name its directory with --data`,
      );
    }
    return new CommandError(`cannot reach the phone at ${this.#path}: ${error.message}`);
  }
}

function reasonOf(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'error' in value) return String(value.error);
  return 'the phone refused without a reason';
}

/** The client for the directory that the command line names. */
export function clientOf(given: Given): ControlClient {
  return new ControlClient(dataDir(given.text('data')));
}
