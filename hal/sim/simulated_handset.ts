/** A telephone without hardware: its hook, keys and volume are operated by the page, the command line and tests. */

import type { SimulatedBoard } from '../boards/schema.ts';
import type { HalCommand, HalEvent, Hardware, LampPattern, PartStatus } from '../types.ts';

export class SimulatedHandset implements Hardware {
  readonly #parts: readonly string[];
  readonly #lamps = new Map<string, LampPattern>();
  #listener: ((event: HalEvent) => void) | undefined;
  #hook: 'on' | 'off' = 'on';
  #lines: readonly string[] = [];
  #bell: readonly number[] | null = null;

  constructor(profile: Pick<SimulatedBoard, 'parts'>) {
    this.#parts = profile.parts;
  }

  async start(listener: (event: HalEvent) => void): Promise<void> {
    this.#listener = listener;
    listener({ kind: 'hook', state: this.#hook });
  }

  /** Does to the telephone what a hand would. Before `start` and after `stop` only the hook's position is kept. */
  operate(event: HalEvent): void {
    if (event.kind === 'hook') this.#hook = event.state;
    this.#listener?.(event);
  }

  perform(command: HalCommand): void {
    if (command.kind === 'display') this.#lines = command.lines;
    else if (command.kind === 'bell') this.#bell = command.cadence ?? null;
    else if (command.kind === 'lamp') this.#lamps.set(command.name, command.pattern);
  }

  parts(): readonly PartStatus[] {
    return this.#parts.map((part) => ({ part, state: 'ok', driver: 'sim', note: 'simulated' }));
  }

  async stop(): Promise<void> {
    this.#listener = undefined;
    this.#bell = null;
    this.#lines = [];
    this.#lamps.clear();
  }

  /** What the outputs show. */
  get outputs(): {
    readonly lines: readonly string[];
    readonly lamps: Readonly<Record<string, LampPattern>>;
    readonly bell: readonly number[] | null;
  } {
    return { lines: this.#lines, lamps: Object.fromEntries(this.#lamps), bell: this.#bell };
  }
}
