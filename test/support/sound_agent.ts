/**
 * Media engines in a process of their own, for tests of sound: libasound reads its configuration from the
 * environment, which threads of one process share. `SoundAgents` is the parent's side.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { type Engine, startEngine } from '#engine/client.ts';
import type { AudioDevices, EngineCommand, EngineEvent, SessionParameters } from '#media/types.ts';
import { standStill } from './stand_still.ts';

type ToAgents =
  | { readonly name: string; readonly devices: AudioDevices }
  | { readonly name: string; readonly command: EngineCommand }
  | { readonly standStill: number }
  | 'stop'
  | 'cpu';
type FromAgents = { readonly name: string; readonly event: EngineEvent } | { readonly cpuMs: number };

const FILE = new URL(import.meta.url).pathname;
const PORTS = [24_000, 27_999] as const;
const PCMA = { name: 'PCMA', payloadType: 8, rate: 8000 };

/** Engines by name. */
export class SoundAgents {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #events = new Map<string, EngineEvent[]>();
  readonly #waiting = new Set<() => void>();
  #cpu: (ms: number) => void = () => {};
  stderr = '';

  constructor(env: NodeJS.ProcessEnv) {
    this.#child = fork(FILE, { env, execArgv: [], stdio: ['ignore', 'inherit', 'pipe', 'ipc'] });
    this.#ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr = (this.stderr + chunk.toString()).slice(-20_000);
    });
    this.#child.on('message', (message: FromAgents) => {
      if ('cpuMs' in message) this.#cpu(message.cpuMs);
      else this.events(message.name).push(message.event);
      for (const look of [...this.#waiting]) look();
    });
  }

  start(name: string, devices: AudioDevices): void {
    this.#say({ name, devices });
  }

  command(name: string, command: EngineCommand): void {
    this.#say({ name, command });
  }

  /** What an engine said, oldest first. */
  events(name: string): EngineEvent[] {
    const events = this.#events.get(name) ?? [];
    this.#events.set(name, events);
    return events;
  }

  /** The first event from number `from` on that `wanted` accepts. */
  until(name: string, wanted: (event: EngineEvent) => boolean, from = 0, ms = 15_000): Promise<EngineEvent> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        this.#waiting.delete(look);
        reject(
          new Error(`${name} said only ${JSON.stringify(this.events(name).slice(from))}\n${this.stderr}`),
        );
      }, ms);
      const look = (): void => {
        const found = this.events(name).slice(from).find(wanted);
        if (found === undefined) return;
        clearTimeout(late);
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Both lift and talk over loopback. */
  async join(a: string, b: string): Promise<void> {
    const ports = [];
    for (const name of [a, b]) {
      this.command(name, { kind: 'handset', inUse: true });
      this.command(name, { kind: 'open', session: 'call', rtpPorts: PORTS });
      const opened = await this.until(name, ({ kind }) => kind === 'opened');
      ports.push(opened.kind === 'opened' ? opened.port : 0);
    }
    for (const [at, name] of [a, b].entries()) {
      const parameters = towards(ports[1 - at] ?? 0);
      this.command(name, { kind: 'configure', session: 'call', parameters });
      this.command(name, { kind: 'connect', to: { session: 'call' } });
    }
  }

  /** Their main thread stands still for so many ms. */
  standStill(ms: number): void {
    this.#say({ standStill: ms });
  }

  /** ms of CPU that the process has used. */
  cpu(): Promise<number> {
    return new Promise((resolve) => {
      this.#cpu = resolve;
      this.#say('cpu');
    });
  }

  async stop(): Promise<void> {
    this.#say('stop');
    const impatient = setTimeout(() => this.#child.kill('SIGKILL'), 5000);
    await this.#ended;
    clearTimeout(impatient);
  }

  #say(message: ToAgents): void {
    if (this.#child.connected) this.#child.send(message);
  }
}

function towards(port: number): SessionParameters {
  return {
    remote: { family: 4, address: '127.0.0.1', port },
    codec: PCMA,
    receive: [PCMA],
    direction: 'sendrecv',
    packetTime: 20,
  };
}

function serve(): void {
  const engines = new Map<string, Engine>();
  process.on('message', (message: ToAgents) => {
    if (message === 'cpu') {
      const { user, system } = process.cpuUsage();
      process.send?.({ cpuMs: (user + system) / 1000 } satisfies FromAgents);
    } else if (message === 'stop') {
      void Promise.all([...engines.values()].map((engine) => engine.stop())).then(() => process.disconnect());
    } else if ('standStill' in message) {
      standStill(message.standStill);
    } else if ('devices' in message) {
      const { name, devices } = message;
      const engine = startEngine({ devices });
      engine.onEvent((event) => process.send?.({ name, event } satisfies FromAgents));
      engines.set(name, engine);
    } else engines.get(message.name)?.command(message.command);
  });
}

if (process.send !== undefined && process.argv[1] === FILE) serve();
