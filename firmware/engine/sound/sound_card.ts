/**
 * The sound thread as the media thread uses it: started when the handset is in use or rings, or before where it stands
 * by; put to rest afterwards, and asked to end, never ended by force, for it may be inside libasound.
 */
import { Worker } from 'node:worker_threads';
import { SOUND_ROUTES, type SoundRoute, type SoundSetup } from '#media/types.ts';
import { NOWHERE, type Sink } from '../sinks.ts';
import type { Source } from '../sources.ts';
import {
  BEATS,
  COMMAND,
  END,
  LEAD,
  REST,
  ROUTE,
  RUN,
  type SharedSound,
  shareSound,
  VOLUME,
  WAKE,
} from './cells.ts';
import type { DeviceState } from './device.ts';
import { SampleRing } from './ring.ts';
import type { SoundStart } from './worker.ts';

/** In a checkout the sources run as they are; in the bundle the worker is a file of its own. */
const WORKER = new URL(
  import.meta.url.endsWith('.ts') ? './worker.ts' : './sound-worker.js',
  import.meta.url,
);
/** The heap of a thread that allocates next to nothing. */
const LIMITS = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 2 };
/** How long a thread at rest is kept for the next call, ms. */
const KEEP_MS = 20_000;
/** A thread that broke is tried again, ms. */
const AGAIN_MS = 5000;
const FRAME = 160;
/** Frames of the mouth that may wait. */
const MOST_WAITING = 10;

export interface SoundCardOptions {
  /** ALSA names; absent: that direction is no card. */
  readonly input: string | undefined;
  readonly output: string | undefined;
  readonly setup: SoundSetup;
  readonly tell: (state: DeviceState) => void;
  /** The card has counted so many frames of 160 samples. */
  readonly beat: (frames: number) => void;
  /** The card wants so many frames for the ear ahead of its clock. */
  readonly lead: (frames: number) => void;
}

export class SoundCard {
  readonly #options: SoundCardOptions;
  #shared: SharedSound = shareSound();
  #mouth = new SampleRing(this.#shared.mouth);
  #ear = new SampleRing(this.#shared.ear);
  #worker: Worker | undefined;
  #again: NodeJS.Timeout | undefined;
  #running = false;
  #standsBy = false;
  /** Counts starts: a listener of an earlier one goes. */
  #starts = 0;
  #beats = 0;
  #leads = 0;
  #route = -1;
  #volume = -1;

  constructor(options: SoundCardOptions) {
    this.#options = options;
  }

  /** Opens the devices. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    const { cells } = this.#shared;
    const rested = this.#worker !== undefined && Atomics.compareExchange(cells, COMMAND, REST, RUN) === REST;
    if (rested) Atomics.notify(cells, COMMAND);
    else this.#startThread(RUN);
    this.#listen();
  }

  /** From now on the thread is there before it is needed, and stays. At rest it costs no time. */
  standBy(): void {
    this.#standsBy = true;
    if (this.#worker === undefined) this.#startThread(REST);
  }

  /** Closes the devices; the thread stays for a while. */
  rest(): void {
    this.#command(REST);
  }

  /** Closes the devices and lets the thread end, within a period. */
  close(): void {
    this.#command(END);
    this.#worker = undefined;
  }

  set route(route: SoundRoute) {
    this.#route = SOUND_ROUTES.indexOf(route);
    Atomics.store(this.#shared.cells, ROUTE, this.#route);
  }

  /** 0–1, where the route has a control for it. */
  set volume(volume: number) {
    this.#volume = Math.round(volume * 1000);
    Atomics.store(this.#shared.cells, VOLUME, this.#volume);
  }

  /** The microphone; silence while there is none. */
  readonly source: Source = {
    read: (frame) => {
      if (this.#mouth.length > MOST_WAITING * FRAME) this.#mouth.keep(FRAME);
      if (!this.#mouth.read(frame)) frame.fill(0);
    },
    restart: () => {},
  };

  /** The loudspeaker; what it has no room for is lost. */
  readonly sink: Sink = { ...NOWHERE, write: (frame) => void this.#ear.write(frame) };

  #command(command: number): void {
    clearTimeout(this.#again);
    this.#running = false;
    const { cells } = this.#shared;
    Atomics.store(cells, COMMAND, command);
    Atomics.notify(cells, COMMAND);
    // The promise of the last beat is fulfilled, so that nothing waits for ever.
    Atomics.notify(cells, WAKE);
  }

  #startThread(command: typeof REST | typeof RUN): void {
    const shared = shareSound();
    this.#shared = shared;
    this.#mouth = new SampleRing(shared.mouth);
    this.#ear = new SampleRing(shared.ear);
    shared.cells[ROUTE] = this.#route;
    shared.cells[VOLUME] = this.#volume;
    shared.cells[COMMAND] = command;
    const { input, output, setup } = this.#options;
    const keep = this.#standsBy ? Number.POSITIVE_INFINITY : KEEP_MS;
    const start: SoundStart = { shared, input, output, setup, keep };
    const worker = new Worker(WORKER, { workerData: start, resourceLimits: LIMITS });
    this.#worker = worker;
    worker.on('message', (state: DeviceState) => {
      if (worker === this.#worker) this.#options.tell(state);
    });
    worker.on('error', (error) => this.#broke(worker, error.message));
    worker.on('exit', () => this.#broke(worker, 'without a word'));
  }

  /** Whether it ended in its rest, or had to. */
  #broke(worker: Worker, why: string): void {
    if (worker !== this.#worker) return;
    this.#worker = undefined;
    if (!this.#running) return;
    this.#running = false;
    const note = `the sound thread stopped: ${why}`;
    for (const part of this.#parts()) this.#options.tell({ part, state: 'failed', note });
    this.#again = setTimeout(() => this.start(), AGAIN_MS);
  }

  #parts(): readonly DeviceState['part'][] {
    const { input, output } = this.#options;
    return [
      ...(input === undefined ? [] : ['input' as const]),
      ...(output === undefined ? [] : ['output' as const]),
    ];
  }

  /** Wakes with what the thread asks for. */
  #listen(): void {
    const { cells } = this.#shared;
    const start = ++this.#starts;
    this.#beats = Atomics.load(cells, BEATS);
    this.#leads = Atomics.load(cells, LEAD);
    this.#mouth.keep(0);
    const look = (): void => {
      if (!this.#running || start !== this.#starts) return;
      const wakes = Atomics.load(cells, WAKE);
      this.#answer(cells);
      const waiting = Atomics.waitAsync(cells, WAKE, wakes);
      if (waiting.async) void waiting.value.then(look);
      else setImmediate(look);
    };
    look();
  }

  #answer(cells: Int32Array): void {
    const leads = Atomics.load(cells, LEAD);
    const beats = Atomics.load(cells, BEATS);
    const lead = (leads - this.#leads) | 0;
    const frames = (beats - this.#beats) | 0;
    this.#leads = leads;
    this.#beats = beats;
    if (lead > 0) this.#options.lead(lead);
    if (frames > 0) this.#options.beat(frames);
  }
}
