/** nginx with a certificate that vouches for itself, on a host of the laboratory; its log tells who asked for what. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Issued, selfSigned } from '../../support/authority.ts';
import { type PeerProcess, until } from '../../support/process.ts';
import { bracketed } from '../addressing.ts';

/** Where it runs: a host, or the box of a home. */
export interface Machine {
  run(program: string, args: readonly string[], env?: NodeJS.ProcessEnv): PeerProcess;
  readonly addresses: readonly string[];
}

export class WebServer {
  readonly #machine: Machine;
  readonly #directory: string;
  #process: PeerProcess | undefined;
  #keys = 0;

  private constructor(machine: Machine, directory: string) {
    this.#machine = machine;
    this.#directory = directory;
  }

  /** At ports 80 and 443 of every address. `names`: further ones for its certificate. */
  static async start(machine: Machine, directory: string, names: readonly string[] = []): Promise<WebServer> {
    mkdirSync(join(directory, 'html'), { recursive: true });
    const server = new WebServer(machine, directory);
    await server.withNewKey(names);
    return server;
  }

  /** Another machine in its place: another key and certificate. */
  async withNewKey(names: readonly string[] = []): Promise<void> {
    const base = join(this.#directory, `key${++this.#keys}`);
    await this.serve(await selfSigned(base, [...names, ...this.#machine.addresses]));
  }

  async serve({ certificate, key }: Issued): Promise<void> {
    await this.stop();
    const directory = this.#directory;
    writeFileSync(
      join(directory, 'nginx.conf'),
      configuration(directory, this.#machine.addresses, certificate, key),
    );
    writeFileSync(join(directory, 'access.log'), '');
    const nginx = this.#machine.run('nginx', ['-p', directory, '-c', join(directory, 'nginx.conf')]);
    this.#process = nginx;
    const listening = async () => {
      const look = this.#machine.run('ss', ['-Hlnt', 'sport = :443']);
      await look.exit(5000);
      return look.output.trim().split('\n').filter(Boolean).length >= this.#machine.addresses.length;
    };
    await until('nginx listens', listening, 8000, () => nginx.output);
  }

  /** `h/dca632000002.json` */
  put(name: string, text: string): void {
    const path = join(this.#directory, 'html', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  remove(name: string): void {
    rmSync(join(this.#directory, 'html', name), { force: true });
  }

  /** `200 GET /h/dca632000002.json`, one for each request. */
  get asked(): readonly string[] {
    return readFileSync(join(this.#directory, 'access.log'), 'utf8').split('\n').filter(Boolean);
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
    this.#process = undefined;
  }
}

function configuration(
  directory: string,
  addresses: readonly string[],
  certificate: string,
  key: string,
): string {
  const listen = addresses.flatMap((address) => [
    `listen ${bracketed(address)}:80;`,
    `listen ${bracketed(address)}:443 ssl;`,
  ]);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${directory}/tmp;`,
  );
  return [
    // Its workers would be nobody, who may not look into our directory.
    `user root; daemon off; worker_processes 1; pid ${directory}/nginx.pid; error_log ${directory}/error.log;`,
    'events {}',
    "http { log_format asked '$status $request_method $request_uri';",
    `access_log ${directory}/access.log asked; ${temporary.join(' ')} default_type text/plain;`,
    `server { ${listen.join(' ')} root ${directory}/html;`,
    `ssl_certificate ${certificate}; ssl_certificate_key ${key}; } }`,
    '',
  ].join('\n');
}
