/**
 * A guest: Linux as a process of this machine (User-Mode Linux), whose root is this machine's own, read-only. In it runs
 * one program on the pinned Node, in this checkout, that talks to the test in lines of JSON over the console.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isCollecting, said } from '../support/secrets.ts';

const INIT = fileURLToPath(new URL('./kernel/init.sh', import.meta.url));
const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));

/** Before the JSON of a message, either way; other lines are what kernel and programs print. */
export const MARK = '@@';

/** Niceness. */
const FIRST = -15;

/** The kernel may have begun the line with a message of its own. */
const MESSAGE = /@@(?:end (\d+)|(\{.*\}))$/;

export interface GuestOptions {
  /** Directory of builtKernel(). */
  readonly kernel: string;
  /** Arguments for Node: a script of this checkout, and its own. */
  readonly program: readonly string[];
  /** Loaded first, with parameters: `i2c-stub chip_addr=0x27`. With a slash it is the path of a module. */
  readonly modules?: readonly string[];
  readonly megabytes?: number;
  readonly network?: GuestNetwork;
  /** Milliseconds after which the guest is ended, whatever it does. */
  readonly limit: number;
  readonly onMessage?: (message: unknown) => void;
}

/** The guest's only interface, `vec0`, is the other end of a tap. */
export interface GuestNetwork {
  /** Namespace that has the tap, or will have it. */
  readonly namespace: string;
  readonly tap: string;
  /** With their length, as `fd00::2/64`. */
  readonly addresses: readonly string[];
  readonly gateways?: readonly string[];
}

export class Guest {
  /** Of the program; rejects, with what was printed, when the guest ended otherwise or had to be ended. */
  readonly ended: Promise<number>;
  /** What kernel and programs printed. */
  printed = '';
  /** Directory of this machine that the guest sees as /run/exchange; gone with the guest. */
  readonly exchange: string;
  readonly #child: ChildProcess;
  /** All of it, for the search for secrets. */
  readonly #lines: string[] = [];

  constructor(options: GuestOptions) {
    this.exchange = mkdtempSync(join(tmpdir(), 'dualtone-guest-'));
    writeFileSync(join(this.exchange, 'start.sh'), startScript(options));
    const [command, ...words] = commandLine(options, this.exchange);
    // A group of its own, for the kernel runs as several processes.
    this.#child = spawn(command, words, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    comeFirst(this.#child.pid);
    this.ended = this.#end(options);
    this.ended.catch(() => {});
  }

  /** A message to the program, which reads lines from its standard input. */
  send(message: unknown): void {
    this.#child.stdin?.write(`${MARK}${JSON.stringify(message)}\n`);
  }

  /** Ends the guest at once, as a power failure does. */
  async stop(): Promise<void> {
    const { pid } = this.#child;
    if (pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null) {
      process.kill(-pid, 'SIGKILL');
    }
    await this.ended.catch(() => {});
  }

  async #end({ limit, onMessage }: GuestOptions): Promise<number> {
    let status: number | undefined;
    const line = (text: string): void => {
      const [, end, json] = MESSAGE.exec(text) ?? [];
      if (end !== undefined) status = Number(end);
      else if (json !== undefined) onMessage?.(JSON.parse(json));
      else this.#print(text);
    };
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (text) => line(text.replace(/\r/g, '')));
    }
    const closed = new Promise<'closed'>((resolve, reject) => {
      this.#child.on('error', reject).on('close', () => resolve('closed'));
    });
    const over = new AbortController();
    const outcome = await Promise.race([closed, sleep(limit, 'late' as const, { signal: over.signal })]);
    over.abort();
    said(`the console of the guest ${this.exchange}`, this.#lines.join('\n'));
    if (outcome === 'late' && this.#child.pid !== undefined) {
      process.kill(-this.#child.pid, 'SIGKILL');
      await closed;
    }
    rmSync(this.exchange, { recursive: true, force: true });
    if (outcome === 'late') throw new Error(`the guest was not done after ${limit} ms:\n${this.printed}`);
    if (status === undefined) throw new Error(`the guest did not come to its end:\n${this.printed}`);
    return status;
  }

  #print(line: string): void {
    this.printed = `${this.printed}${line}\n`.slice(-50_000);
    if (isCollecting) this.#lines.push(line);
  }
}

/**
 * A board's processor is its own: what else runs here shall not make gaps in the guest's time. Where the scheduler takes
 * each session for a group, the group's weight counts, else the process's.
 */
function comeFirst(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, FIRST);
    writeFileSync(`/proc/${pid}/autogroup`, String(FIRST));
  } catch {
    // It has ended already, or the kernel knows no such groups.
  }
}

function commandLine(options: GuestOptions, exchange: string): readonly [string, ...string[]] {
  const { kernel, megabytes = 384, network, limit } = options;
  const linux = `${kernel}/linux`;
  const words = [
    `mem=${megabytes}M`,
    ...['rootfstype=hostfs', 'rootflags=/', 'ro', `init=${INIT}`],
    ...[`MODULES=${kernel}`, `PROJECT=${process.cwd()}`, `EXCHANGE=${exchange}`],
    `LIMIT=${Math.ceil(limit / 1000) + 5}`,
    // Its own sockets and process ids, beside those of other guests.
    ...[`uml_dir=${exchange}/`, 'umid=guest'],
    ...['quiet', 'con=null', 'con0=fd:0,fd:1', 'con1=null', 'ssl=null', 'ssl0=null'],
  ];
  if (network === undefined) return [linux, ...words];
  const tap = `vec0:transport=tap,ifname=${network.tap},depth=128,gro=1`;
  return ['ip', 'netns', 'exec', network.namespace, linux, ...words, tap];
}

function startScript({ program, modules = [], network }: GuestOptions): string {
  const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
  return [
    `cd ${quoted(CHECKOUT)}`,
    ...modules.map((module) =>
      module.startsWith('/') ? `insmod ${module}` : `modprobe -d "$MODULES" ${module}`,
    ),
    ...(network === undefined ? [] : networkLines(network)),
    `exec ${[process.execPath, '--no-warnings', ...program].map(quoted).join(' ')}`,
    '',
  ].join('\n');
}

function networkLines({ addresses, gateways = [] }: GuestNetwork): readonly string[] {
  return [
    'ip link set vec0 up',
    ...addresses.map((address) => `ip addr add ${address} dev vec0${address.includes(':') ? ' nodad' : ''}`),
    ...gateways.map((gateway) => `ip route add default via ${gateway}`),
  ];
}
