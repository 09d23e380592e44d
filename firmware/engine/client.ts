/**
 * The media engine as the main thread sees it. The thread is started by the first command that needs it, kept for a
 * while for the next call, and then ended (it costs some 20 MB); the settings are kept here and repeated to a new one.
 * As long as the 6bed4 tunnel is open the thread stays. Where the telephone is told to stand by, the thread is started
 * as soon as the telephone has other things behind it, and stays: who lifts the handset hears the dial tone at once.
 */
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { TunnelLink } from '#media/tunnel.ts';
import type { AudioDevices, EngineCommand, EngineEvent } from '#media/types.ts';
import { newCells } from './backlog.ts';
import { type FromWorker, isOfTunnel, type ToWorker, type WorkerStart } from './messages.ts';
import { type Thread, TunnelClient } from './tunnel_client.ts';

/** A handset in a browser, while it is the one in use. */
export interface WebHandset {
  /** A frame of the microphone: 160 samples, 8 kHz. */
  mouth(frame: Int16Array): void;
  close(): void;
}

export interface Engine {
  command(command: EngineCommand): void;
  /** One listener for all events. */
  onEvent(listener: (event: EngineEvent) => void): void;
  /** `deliver` gets frames of 160 samples for the ear. A newer handset takes over from an older one. */
  attachWebSound(deliver: (frame: Int16Array) => void): WebHandset;
  /** The one 6bed4 tunnel. */
  readonly tunnel: TunnelLink;
  /** Resolves as soon as the thread has answered, where there is one. */
  lives(): Promise<void>;
  /** Ends sessions, files and the thread, within 100 ms. */
  stop(): Promise<void>;
}

export interface EngineOptions {
  readonly devices: AudioDevices;
  /** How long a thread without anything to do is kept, ms; default half a minute. */
  readonly keep?: number;
  /** ms after the first command at which the thread is started anyhow, and stays; absent: when it is needed. */
  readonly standBy?: number;
}

const STOP_MS = 100;
const KEEP_MS = 30_000;
/** ms between two signs of life while it rings: it rings on for a second after each. */
const STILL_RINGS_MS = 250;
/** In a checkout the sources run as they are; in the bundle the worker is a file of its own. */
const WORKER = new URL(
  import.meta.url.endsWith('.ts') ? './worker.ts' : './media-worker.js',
  import.meta.url,
);
/** The heap of a thread that allocates next to nothing. */
const LIMITS = { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 4 };

/** What is repeated to a thread that starts. */
const SETTINGS: ReadonlySet<EngineCommand['kind']> = new Set([
  'devices',
  'volume',
  'mute',
  'route',
  'ring',
  'line-keys',
  'handset',
]);

/** Prepares the engine; nothing runs before it is needed. */
export function startEngine(options: EngineOptions): Engine {
  return new EngineClient(options);
}

class EngineClient implements Engine {
  readonly tunnel = new TunnelClient(this.#threadOfTunnel());
  /** The last of each setting, for a thread that starts. */
  readonly #settings = new Map<EngineCommand['kind'], EngineCommand>();
  readonly #open = new Set<string>();
  readonly #keep: number;
  readonly #standByAfter: number | undefined;
  /** Every thread that has not ended yet; those but `#worker` are about to. */
  readonly #threads = new Map<Worker, Promise<void>>();
  #listener: (event: EngineEvent) => void = () => {};
  #worker: Worker | undefined;
  #outbox: ToWorker[] = [];
  /** Who waits for the thread to answer. */
  #asking: (() => void)[] = [];
  #idle: NodeJS.Timeout | undefined;
  #sound: MessagePort | undefined;
  #handset: ((frame: Int16Array) => void) | undefined;
  #standsBy = false;
  #standingBy: NodeJS.Timeout | undefined;
  #lifted = false;
  #rings = false;
  #stillRings: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor({ devices, keep = KEEP_MS, standBy }: EngineOptions) {
    this.#settings.set('devices', { kind: 'devices', devices });
    this.#keep = keep;
    this.#standByAfter = standBy;
  }

  onEvent(listener: (event: EngineEvent) => void): void {
    this.#listener = listener;
  }

  command(command: EngineCommand): void {
    if (this.#stopped) return;
    this.#standByLater();
    const { kind } = command;
    if (SETTINGS.has(kind)) this.#settings.set(kind, command);
    if (kind === 'handset') this.#lifted = command.inUse;
    if (kind === 'ring') this.#setRings(command.ring !== undefined);
    if (kind === 'open') this.#open.add(command.session);
    if (kind === 'close') this.#open.delete(command.session);
    const wanted = kind === 'open' || kind === 'caller-id' || this.#inUse;
    if (this.#worker === undefined && wanted) this.#start();
    this.#post(command);
    this.#watchIdle();
  }

  attachWebSound(deliver: (frame: Int16Array) => void): WebHandset {
    this.#handset = deliver;
    this.#sound?.postMessage(true);
    return {
      mouth: (frame) => {
        if (this.#handset === deliver) this.#sound?.postMessage(frame);
      },
      close: () => {
        if (this.#handset !== deliver) return;
        this.#handset = undefined;
        this.#sound?.postMessage(false);
      },
    };
  }

  get #inUse(): boolean {
    return this.#lifted || this.#rings;
  }

  lives(): Promise<void> {
    if (this.#worker === undefined) return Promise.resolve();
    this.#post({ kind: 'ping' });
    return new Promise((resolve) => this.#asking.push(resolve));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#standingBy);
    clearInterval(this.#stillRings);
    this.tunnel.stop();
    this.#release();
    const impatient = setTimeout(() => {
      for (const thread of this.#threads.keys()) void thread.terminate();
    }, STOP_MS);
    await Promise.all(this.#threads.values());
    clearTimeout(impatient);
  }

  #start(): void {
    const { port1, port2 } = new MessageChannel();
    const cells = newCells();
    const start: WorkerStart = { sound: port2, cells };
    const worker = new Worker(WORKER, { workerData: start, transferList: [port2], resourceLimits: LIMITS });
    this.#worker = worker;
    this.#outbox = [];
    this.#sound = port1;
    port1.on('message', (frame: Int16Array) => this.#handset?.(frame));
    // The thread holds the process; the port of the page need not.
    port1.unref();
    worker.on('message', (event: FromWorker) => {
      if (event.kind === 'pong') this.#answered();
      else if (!isOfTunnel(event)) this.#deliver(event);
      else if (worker === this.#worker) this.tunnel.deliver(event);
    });
    worker.on('error', (error) => this.#crashed(worker, error));
    this.#threads.set(worker, new Promise((resolve) => worker.once('exit', resolve)));
    worker.on('exit', () => this.#gone(worker, port1));
    if (this.#handset !== undefined) port1.postMessage(true);
    for (const setting of this.#settings.values()) this.#post(setting);
    if (this.#standsBy) this.#post({ kind: 'stand-by' });
    this.tunnel.begun(cells);
  }

  /** Who starts slowly has a slow processor, which is needed for other things then. */
  #standByLater(): void {
    if (this.#standByAfter === undefined || this.#standingBy !== undefined) return;
    this.#standingBy = setTimeout(() => this.#standBy(), this.#standByAfter).unref();
  }

  #standBy(): void {
    this.#standsBy = true;
    if (this.#worker === undefined) this.#start();
    else this.#post({ kind: 'stand-by' });
    clearTimeout(this.#idle);
  }

  #setRings(rings: boolean): void {
    this.#rings = rings;
    clearInterval(this.#stillRings);
    if (rings)
      this.#stillRings = setInterval(() => this.#post({ kind: 'still-rings' }), STILL_RINGS_MS).unref();
  }

  /** Lets go of a thread that has had nothing to do for a while. */
  #watchIdle(): void {
    clearTimeout(this.#idle);
    const busy = this.#inUse || this.#open.size > 0 || this.tunnel.open;
    if (this.#worker === undefined || busy || this.#standsBy) return;
    this.#idle = setTimeout(() => this.#release(), this.#keep).unref();
  }

  /** The thread ends by itself; whoever needs one meanwhile gets a new one. */
  #release(): void {
    clearTimeout(this.#idle);
    this.#post({ kind: 'stop' });
    this.#send();
    this.#worker = undefined;
    this.#sound = undefined;
  }

  #post(message: ToWorker): void {
    if (this.#worker === undefined) return;
    this.#outbox.push(message);
    if (this.#outbox.length === 1) queueMicrotask(() => this.#send());
  }

  /** What was said in one breath arrives in one: a handset that is lifted has its tone before its card begins. */
  #send(): void {
    const messages = this.#outbox;
    this.#outbox = [];
    if (messages.length > 0) this.#worker?.postMessage(messages);
  }

  /** The thread as the tunnel uses it. */
  #threadOfTunnel(): Thread {
    return {
      running: () => this.#worker !== undefined,
      start: () => {
        if (!this.#stopped) this.#start();
      },
      post: (command) => this.#post(command),
      reconsider: () => this.#watchIdle(),
    };
  }

  #answered(): void {
    for (const answered of this.#asking.splice(0)) answered();
  }

  #deliver(event: EngineEvent): void {
    if (event.kind === 'failed') this.#open.delete(event.session);
    this.#listener(event);
    this.#watchIdle();
  }

  #crashed(worker: Worker, error: unknown): void {
    if (worker !== this.#worker) return;
    const text = error instanceof Error ? error.message : String(error);
    const lost = [...this.#open];
    this.#open.clear();
    this.#worker = undefined;
    this.#answered();
    for (const session of lost) {
      this.#listener({ kind: 'failed', session, error: `the media thread stopped: ${text}` });
    }
    this.tunnel.broke();
  }

  #gone(worker: Worker, sound: MessagePort): void {
    sound.close();
    this.#threads.delete(worker);
    this.#crashed(worker, 'without a word');
    if (this.#sound === sound) this.#sound = undefined;
  }
}
