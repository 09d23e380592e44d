/** Our 6bed4 router on a host of the laboratory. */
import type { RouterCounters } from '#router6bed4/counters.ts';
import { type PeerProcess, until } from '../support/process.ts';
import type { Host } from './host.ts';

const PROGRAM = new URL('../../firmware/main.ts', import.meta.url).pathname;
export const ROUTER_PORT = 25_790;

export class SixRouter {
  readonly host: Host;
  readonly #words: readonly string[];
  #process: PeerProcess | undefined;

  private constructor(host: Host, words: readonly string[]) {
    this.host = host;
    this.#words = words;
  }

  /** Listens at the host's IPv4 address. `words`: further options of its command line. */
  static async start(host: Host, words: readonly string[] = []): Promise<SixRouter> {
    const router = new SixRouter(host, words);
    await router.start();
    return router;
  }

  /** As peers are told of it. */
  get end(): string {
    return `${this.host.ipv4}:${ROUTER_PORT}`;
  }

  get id(): number {
    return this.#process?.id ?? -1;
  }

  async start(): Promise<void> {
    const listen = ['--listen', this.end, ...this.#words];
    const running = this.host.run(process.execPath, [PROGRAM, 'router6bed4', ...listen]);
    this.#process = running;
    await until(
      `the router on ${this.host.name} listens`,
      () => running.output.includes(this.end),
      15_000,
      () => running.output,
    );
  }

  /** What it has counted since it started. */
  async counters(): Promise<RouterCounters> {
    const running = this.#process;
    if (running === undefined) throw new Error(`the router on ${this.host.name} does not run`);
    running.output = '';
    running.kill('SIGUSR1');
    const line = await until(
      `the router on ${this.host.name} tells its counters`,
      () => /^(\{.*\})\n/m.exec(running.output)?.[1],
      5000,
      () => running.output,
    );
    return JSON.parse(line);
  }

  /** At once, as by a loss of power. */
  async kill(): Promise<void> {
    this.#process?.kill('SIGKILL');
    await this.#process?.ended;
  }
}
