/**
 * The tunnel as the main thread sees it. It lives in the media thread, which runs as long as it is open. A thread that
 * breaks is started again after a moment, longer each time; meanwhile the tunnel is `waiting`.
 */
import type { TunnelCommand, TunnelEvent, TunnelLink } from '#media/tunnel.ts';
import { Backlog, MOST_FROM_THREAD, MOST_TO_THREAD, type TunnelCells } from './backlog.ts';
import type { TunnelState } from './tunnel_host.ts';

/** The media thread, whichever it is. */
export interface Thread {
  running(): boolean;
  /** `begun` is called meanwhile. */
  start(): void;
  post(command: TunnelCommand): void;
  /** Whether the tunnel is open has changed, and with it how long the thread is needed. */
  reconsider(): void;
}

const FIRST_RESTART_MS = 250;
const LONGEST_RESTART_MS = 30_000;
/** A thread that lived so long was no part of the trouble before it. */
const STEADY_MS = 60_000;

type TunnelOpen = Extract<TunnelCommand, { kind: 'tunnel-open' }>;
type TunnelSend = Extract<TunnelCommand, { kind: 'tunnel-send' }>;

export class TunnelClient implements TunnelLink {
  readonly #thread: Thread;
  #listener: (event: TunnelEvent) => void = () => {};
  /** Set while the tunnel is open, whether its thread runs or not. */
  #opened: TunnelOpen | undefined;
  readonly #asked = new Set<number>();
  #told: TunnelState = { kind: 'tunnel', state: 'off', addresses: [], direct: 0, relayed: 0 };
  #toThread: Backlog | undefined;
  #fromThread: Backlog | undefined;
  #restart: NodeJS.Timeout | undefined;
  #restartMs = FIRST_RESTART_MS;
  #steady: NodeJS.Timeout | undefined;

  constructor(thread: Thread) {
    this.#thread = thread;
  }

  get open(): boolean {
    return this.#opened !== undefined;
  }

  onEvent(listener: (event: TunnelEvent) => void): void {
    this.#listener = listener;
  }

  command(command: TunnelCommand): void {
    switch (command.kind) {
      case 'tunnel-open':
        this.#opened = command;
        this.#thread.reconsider();
        if (this.#restart === undefined) this.#hand(command);
        break;
      case 'tunnel-close':
        this.#close(command);
        break;
      case 'tunnel-renew':
        if (this.#there) this.#thread.post(command);
        break;
      case 'tunnel-source':
        this.#asked.add(command.request);
        if (this.#there) this.#thread.post(command);
        else queueMicrotask(() => this.#disappoint());
        break;
      case 'tunnel-send':
        this.#send(command);
        break;
    }
  }

  /** A thread has begun. */
  begun(cells: TunnelCells): void {
    this.#toThread = new Backlog(cells.toThread, MOST_TO_THREAD);
    this.#fromThread = new Backlog(cells.fromThread, MOST_FROM_THREAD);
    clearTimeout(this.#steady);
    this.#steady = setTimeout(() => {
      this.#restartMs = FIRST_RESTART_MS;
    }, STEADY_MS).unref();
    if (this.#opened !== undefined && this.#restart === undefined) this.#thread.post(this.#opened);
  }

  /** Something that the thread told. */
  deliver(event: TunnelEvent): void {
    if (event.kind === 'tunnel-datagram') this.#fromThread?.leave();
    if (event.kind === 'tunnel-source') this.#asked.delete(event.request);
    if (event.kind === 'tunnel') this.#told = event;
    this.#listener(event);
  }

  /** The thread broke, and the tunnel with it. */
  broke(): void {
    clearTimeout(this.#steady);
    this.#disappoint();
    if (this.#opened === undefined) return;
    const { direct, relayed } = this.#told;
    this.deliver({ kind: 'tunnel', state: 'waiting', addresses: [], direct, relayed });
    clearTimeout(this.#restart);
    this.#restart = setTimeout(() => this.#reopen(), this.#restartMs).unref();
    this.#restartMs = Math.min(2 * this.#restartMs, LONGEST_RESTART_MS);
  }

  /** For good. */
  stop(): void {
    clearTimeout(this.#restart);
    clearTimeout(this.#steady);
    this.#opened = undefined;
  }

  /** Whether there is a tunnel that can be told something. */
  get #there(): boolean {
    return this.#thread.running() && this.#opened !== undefined && this.#restart === undefined;
  }

  #reopen(): void {
    this.#restart = undefined;
    // A call may have started a thread meanwhile; it was spared the tunnel.
    if (this.#opened !== undefined) this.#hand(this.#opened);
  }

  /** A thread that starts is given it by `begun`. */
  #hand(opened: TunnelOpen): void {
    if (this.#thread.running()) this.#thread.post(opened);
    else this.#thread.start();
  }

  #close(command: TunnelCommand): void {
    const there = this.#there;
    clearTimeout(this.#restart);
    this.#restart = undefined;
    this.#opened = undefined;
    if (there) this.#thread.post(command);
    else if (this.#told.state !== 'off') this.deliver({ ...this.#told, state: 'off', addresses: [] });
    this.#thread.reconsider();
  }

  #send({ octets, ...command }: TunnelSend): void {
    const { ref } = command;
    if (!this.#there) {
      queueMicrotask(() => this.#listener({ kind: 'tunnel-unsent', ref, error: 'there is no tunnel' }));
    } else if (this.#toThread?.enter()) {
      // A copy of its own: what goes to another thread takes the whole memory along that it is a part of.
      this.#thread.post({ ...command, octets: new Uint8Array(octets) });
    }
  }

  /** Answers what nobody will answer any more. */
  #disappoint(): void {
    const asked = [...this.#asked];
    this.#asked.clear();
    for (const request of asked) this.#listener({ kind: 'tunnel-source', request });
  }
}
