/** Two ends on loopback, each a process, and what a parent can have them do. */
import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command, Place, State } from './sixbed4_end.ts';

const END = new URL('sixbed4_end.ts', import.meta.url).pathname;
/** ms that the last packets may take. */
const SETTLING = 100;
/** ms in which the direct path must be found. */
const PATIENCE = 5000;

export class End {
  readonly #child: ChildProcess;
  #answer = Promise.withResolvers<unknown>();
  #place: Place = { address: '', port: 0 };

  private constructor(args: readonly string[]) {
    this.#child = fork(END, args, {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      serialization: 'advanced',
    });
    this.#child.on('message', (answer) => this.#answer.resolve(answer));
    this.#child.on('exit', () => this.#answer.reject(new Error('an end of the path gave up')));
  }

  /** `args`: those of sixbed4_end.ts. */
  static async start(args: readonly string[]): Promise<End> {
    const end = new End(args);
    end.#place = (await end.#answer.promise) as Place;
    return end;
  }

  get id(): number {
    return this.#child.pid ?? 0;
  }

  /** Where it is reached. */
  get place(): Place {
    return this.#place;
  }

  tell(command: Command & { readonly kind: 'ping' }): Promise<number[]>;
  tell(command: Command & { readonly kind: 'state' }): Promise<State>;
  tell(command: Command & { readonly kind: 'echo' | 'stream' }): Promise<true>;
  tell(command: Command): Promise<unknown> {
    this.#answer = Promise.withResolvers();
    this.#child.send(command);
    return this.#answer.promise;
  }

  stop(): void {
    this.#child.disconnect();
  }
}

/** What a stream came to. */
export interface Streamed {
  /** µs of CPU a packet. */
  readonly sending: number;
  readonly receiving: number;
  /** Of all packets, in percent. */
  readonly loss: number;
}

export class Path {
  readonly #near: End;
  readonly #far: End;

  private constructor(near: End, far: End) {
    this.#near = near;
    this.#far = far;
  }

  /** `args`: those of sixbed4_end.ts. */
  static async open(...args: readonly string[]): Promise<Path> {
    const near = await End.start(args);
    return new Path(near, await End.start(args));
  }

  close(): void {
    this.#near.stop();
    this.#far.stop();
  }

  /** Resolves when no packet goes by the router any more. */
  async straighten(): Promise<void> {
    for (let waited = 0; waited < PATIENCE; waited += SETTLING) {
      const before = await this.relayed();
      await this.ping(2);
      if ((await this.relayed()) === before) return;
      await sleep(SETTLING);
    }
    throw new Error('the path does not become direct');
  }

  /** Packets that the ends have sent or received through the router so far. */
  async relayed(): Promise<number> {
    const [near, far] = await this.#states();
    return near.relayed + far.relayed;
  }

  #states(): Promise<[State, State]> {
    return Promise.all([this.#near.tell({ kind: 'state' }), this.#far.tell({ kind: 'state' })]);
  }

  /** Round-trip times in µs, one after the other. */
  async ping(count: number): Promise<number[]> {
    await this.#far.tell({ kind: 'echo', on: true });
    const times = await this.#near.tell({ kind: 'ping', to: this.#far.place, count });
    await this.#far.tell({ kind: 'echo', on: false });
    return times;
  }

  async stream(rate: number, packets: number): Promise<Streamed> {
    const [near, far] = await this.#states();
    await this.#near.tell({ kind: 'stream', to: this.#far.place, rate, packets });
    await sleep(SETTLING);
    const [nearAfter, farAfter] = await this.#states();
    return {
      sending: (nearAfter.cpu - near.cpu) / packets,
      receiving: (farAfter.cpu - far.cpu) / packets,
      loss: 100 * (1 - (farAfter.received - far.received) / packets),
    };
  }
}
