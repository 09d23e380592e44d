/** Changes of addresses, routes and links, told by the program `ip` of iproute2: every line it prints is one. */
import { spawn } from 'node:child_process';
import type { WakeUp, WakeUpSource } from './wake_up.ts';

/** Milliseconds before the program is started again, twice as many each time. */
const PAUSE = 1_000;
const MOST_STARTS = 5;

export function byIpMonitor(program = 'ip', pause = PAUSE): WakeUpSource {
  return (events) =>
    new Promise((resolve) => {
      const monitor = new Monitor(program, pause, {
        wake: () => events.wake(),
        started: () => resolve(monitor),
        over: (wasThere) => {
          if (wasThere) events.lost();
          else resolve(undefined);
        },
      });
    });
}

interface MonitorEvents {
  wake(): void;
  started(): void;
  /** `wasThere`: `started` was told before. */
  over(wasThere: boolean): void;
}

class Monitor implements WakeUp {
  readonly name = 'ip monitor';
  readonly #program: string;
  readonly #pause: number;
  readonly #events: MonitorEvents;
  #starts = 0;
  #wasThere = false;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;
  #end: () => void = () => {};

  constructor(program: string, pause: number, events: MonitorEvents) {
    this.#program = program;
    this.#pause = pause;
    this.#events = events;
    this.#start();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#end();
  }

  #start(): void {
    this.#starts += 1;
    const child = spawn(this.#program, ['-o', 'monitor', 'link', 'address', 'route'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    child.unref();
    let gone = false;
    const ended = () => {
      if (!gone) this.#ended();
      gone = true;
    };
    child
      .once('spawn', () => this.#there())
      .once('error', ended)
      .once('exit', ended);
    child.stdout.on('data', () => this.#events.wake());
    this.#end = () => child.kill();
  }

  #there(): void {
    if (this.#wasThere) this.#events.wake();
    else this.#events.started();
    this.#wasThere = true;
  }

  #ended(): void {
    this.#end = () => {};
    if (this.#closed) return;
    if (this.#starts >= MOST_STARTS || !this.#wasThere) {
      this.#closed = true;
      this.#events.over(this.#wasThere);
      return;
    }
    this.#timer = setTimeout(() => this.#start(), this.#pause * 2 ** (this.#starts - 1)).unref();
  }
}
