/** A small program with one socket on a host of the laboratory, of 6bed4 or plain: orders go in, events come out. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { until } from '../support/process.ts';
import { familyOf } from './addressing.ts';
import type { Host } from './host.ts';
import type { End, Order, Report, Told } from './peers/talk.ts';

const PROGRAM = new URL('peers/six_peer.ts', import.meta.url).pathname;
/** Milliseconds for a program to start on a busy machine. */
const START = 15_000;

export type Event<Kind extends Told['event']> = Extract<Told, { readonly event: Kind }>;

export class Talker {
  readonly host: Host;
  readonly told: Told[] = [];
  readonly #child: ChildProcess;
  #complaints = '';
  #pings = 0;

  private constructor(host: Host, kind: 'six' | 'udp4' | 'udp6', options: object) {
    this.host = host;
    const [program, ...words] = [
      ...host.via,
      process.execPath,
      '--expose-gc',
      PROGRAM,
      kind,
      JSON.stringify(options),
    ];
    this.#child = spawn(program, words, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.on('error', () => {});
    this.#child.stdin?.on('error', () => {});
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#complaints = (this.#complaints + chunk.toString('latin1')).slice(-5000);
    });
    if (this.#child.stdout) {
      createInterface(this.#child.stdout).on('line', (line) => this.told.push(JSON.parse(line)));
    }
    host.adopt(this);
  }

  /** A plain socket, of the host's only family or of IPv4. */
  static async plain(host: Host, bind: Partial<End> = {}): Promise<Talker> {
    const type = host.addresses.some((address) => familyOf(address) === 4) ? 'udp4' : 'udp6';
    const talker = new Talker(host, type, { bind });
    await talker.listening();
    return talker;
  }

  /** A socket of 6bed4 with these options of `openTunnel`, and `bind`, an end; it may have no address yet. */
  static six(host: Host, options: Readonly<Record<string, unknown>>): Talker {
    return new Talker(host, 'six', options);
  }

  /** Waits for the socket's address. */
  async listening(ms = START): Promise<End> {
    return (await this.event('listening', ms)).own;
  }

  /** Its address and port at present. */
  get own(): End {
    const own = this.#last('listening')?.own;
    if (own === undefined) throw new Error(`${this.host.name} is not there yet`);
    return { ...own, address: this.#last('address')?.address ?? own.address };
  }

  do(order: Order): void {
    this.#child.stdin?.write(`${JSON.stringify(order)}\n`);
  }

  /** Round trip, ms; undefined: not within `patience`. */
  async ping(to: End, patience: number, octets = 16): Promise<number | undefined> {
    const id = ++this.#pings;
    const seen = this.told.length;
    this.do({ do: 'ping', to, id, octets });
    const isMine = (told: Event<'pong'>) => told.id === id;
    return this.event('pong', patience, seen, isMine).then(
      ({ ms }) => ms,
      () => undefined,
    );
  }

  /** What it heard since the last report that was to count `anew`. */
  async report(anew = false): Promise<Report> {
    const seen = this.told.length;
    this.do({ do: 'report', anew });
    return this.event('report', 5000, seen);
  }

  /** The first such event after the first `seen` ones. */
  async event<Kind extends Told['event']>(
    kind: Kind,
    ms: number,
    seen = 0,
    isIt: (told: Event<Kind>) => boolean = () => true,
  ): Promise<Event<Kind>> {
    const isOfKind = (told: Told): told is Event<Kind> => told.event === kind;
    return until(
      `${this.host.name} tells of ${kind}`,
      () => this.told.slice(seen).filter(isOfKind).find(isIt),
      ms,
      () => `${JSON.stringify(this.told.slice(-20))}\n${this.#complaints}`,
    );
  }

  async stop(): Promise<number> {
    if (this.#child.exitCode === null && this.#child.signalCode === null && this.#child.pid !== undefined) {
      const closed = once(this.#child, 'close');
      this.#child.kill('SIGKILL');
      await closed;
    }
    return 0;
  }

  #last<Kind extends Told['event']>(kind: Kind): Event<Kind> | undefined {
    return this.told.findLast((told): told is Event<Kind> => told.event === kind);
  }
}
