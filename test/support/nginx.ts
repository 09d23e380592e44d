/** nginx with a configuration of the test's, in a directory of its own; its log tells what was really asked. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { PeerProcess, until } from './process.ts';
import { whereIs } from './programs.ts';

/** Its workers would be nobody, who may not look into our directory. */
const AS_ROOT = process.getuid?.() === 0 ? 'user root; ' : '';

export class Nginx {
  readonly root: string;
  readonly #dir: string;
  #process: PeerProcess | undefined;
  /** Of the server blocks in it, for the log: who asked, what for, with whose password. */
  static readonly LOG =
    'log_format asked \'$server_port $request_method $request_uri $status "$http_authorization" "$http_user_agent"\';';

  /** `dir`: empty, the server's own. */
  constructor(dir: string) {
    this.#dir = dir;
    this.root = join(dir, 'html');
    mkdirSync(this.root, { recursive: true });
  }

  /** Server blocks; `port`: one that listens at the end. Takes the place of what ran before. */
  async serve(servers: string, port: number): Promise<void> {
    await this.stop();
    const dir = this.#dir;
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${dir}/tmp;`,
    );
    writeFileSync(
      join(dir, 'nginx.conf'),
      `${AS_ROOT}daemon off; worker_processes 1; pid ${dir}/pid; error_log ${dir}/error.log; events {}
http { ${Nginx.LOG} access_log ${dir}/access.log asked; ${temporary.join(' ')} root ${this.root};
default_type text/plain; ssl_protocols TLSv1.2 TLSv1.3; ${servers} }`,
    );
    writeFileSync(join(dir, 'access.log'), '');
    const running = new PeerProcess(whereIs('nginx') ?? 'nginx', ['-p', dir, '-c', join(dir, 'nginx.conf')]);
    this.#process = running;
    await until(
      'nginx listens',
      () => isOpen(port),
      10_000,
      () => running.output + this.#error(),
    );
  }

  put(name: string, text: string): void {
    writeFileSync(join(this.root, name), text);
  }

  /** One line for each request. */
  get log(): readonly string[] {
    return readFileSync(join(this.#dir, 'access.log'), 'utf8').trim().split('\n').filter(Boolean);
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
    this.#process = undefined;
  }

  #error(): string {
    try {
      return readFileSync(join(this.#dir, 'error.log'), 'utf8');
    } catch {
      return '';
    }
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}
