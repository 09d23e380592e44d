/**
 * A telephone of real parts, by its board profile. Each part is supervised for itself; none of them can stop a call,
 * and nothing here throws. Outputs that could do harm are put to rest before anything else.
 */
import { harmfulOutputs } from '../boards/harmful.ts';
import type { LinuxBoard, PartProfile } from '../boards/schema.ts';
import { textLayout } from '../parts/text_layout.ts';
import type { DisplayShape, HalCommand, HalEvent, Hardware, PartStatus } from '../types.ts';
import { type SystemDrivers, systemDrivers } from './drivers.ts';
import { inTime } from './in_time.ts';
import { type HarmfulOutput, putToRest } from './outputs_at_rest.ts';
import type { Part, PartEvents } from './part.ts';
import { openPart } from './part_table.ts';
import { Supervisor } from './supervisor.ts';

export interface LinuxHandsetOptions {
  readonly board: LinuxBoard;
  /** ISO 3166, two letters. */
  readonly country: string;
  /** Those of this machine by default; tests bring others. */
  readonly drivers?: SystemDrivers;
  readonly rest?: (outputs: readonly HarmfulOutput[]) => Promise<unknown>;
}

/** ms for which the start waits for the parts: who takes longer comes when it comes. */
const START = 1500;
/** ms that buses have to close: one that hangs keeps nobody. */
const CLOSING = 300;

export class LinuxHandset implements Hardware {
  readonly display?: DisplayShape;
  readonly #options: LinuxHandsetOptions;
  readonly #drivers: SystemDrivers;
  readonly #supervisors: readonly Supervisor[];
  /** Commands whose effect lasts, by what they are about. */
  readonly #holding = new Map<string, HalCommand>();
  #listener: ((event: HalEvent) => void) | undefined;
  #hook: 'on' | 'off' | undefined;
  #plugged = false;

  constructor(options: LinuxHandsetOptions) {
    const { board, country } = options;
    this.#options = options;
    this.#drivers = options.drivers ?? systemDrivers(board, country);
    const names = partNames(board.parts);
    this.#supervisors = board.parts.map((profile, index) => this.#supervise(profile, names[index] ?? ''));
    const shape = displayShape(board.parts);
    if (shape !== undefined) this.display = shape;
  }

  /** Never rejects: a part that is not there is a status. */
  async start(listener: (event: HalEvent) => void): Promise<void> {
    this.#listener = listener;
    const { board, rest = putToRest } = this.#options;
    // What could not be reached fails as a part right afterwards, with the same reason.
    await rest(harmfulOutputs(board));
    if (this.#listener === undefined) return;
    const started = Promise.all(this.#supervisors.map((supervisor) => supervisor.start()));
    const { timing } = this.#drivers;
    await new Promise<void>((resolve) => {
      const callOff = timing.after(START, resolve);
      void started.then(() => {
        callOff();
        resolve();
      });
    });
  }

  perform(command: HalCommand): void {
    const subject = subjectOf(command);
    if (subject !== undefined) this.#holding.set(subject, command);
    for (const supervisor of this.#supervisors) supervisor.perform(command);
  }

  parts(): readonly PartStatus[] {
    return this.#supervisors.map(({ status }) => status);
  }

  async stop(): Promise<void> {
    this.#listener = undefined;
    this.#holding.clear();
    await Promise.all(this.#supervisors.map((supervisor) => supervisor.close()));
    await inTime(this.#drivers.close(), CLOSING, this.#drivers.timing);
  }

  #supervise(profile: PartProfile, name: string): Supervisor {
    const { board } = this.#options;
    const drivers = this.#drivers;
    const open = (events: PartEvents): Promise<Part> => openPart(board, profile, drivers, events);
    return new Supervisor({
      name,
      driver: profile.kind,
      open,
      timing: drivers.timing,
      emit: (event) => this.#emit(event),
      holding: () => this.#holding.values(),
    });
  }

  /** A switch that comes back tells where it is; only a change of that is news. */
  #emit(event: HalEvent): void {
    if (event.kind === 'hook') {
      if (event.state === this.#hook) return;
      this.#hook = event.state;
    } else if (event.kind === 'headset') {
      if (event.plugged === this.#plugged) return;
      this.#plugged = event.plugged;
    }
    this.#listener?.(event);
  }
}

/** What a later command about the same replaces; undefined: it is over when it is done. */
function subjectOf(command: HalCommand): string | undefined {
  if (command.kind === 'loop-break' || command.kind === 'call-waiting') return undefined;
  return command.kind === 'lamp' ? `lamp ${command.name}` : command.kind;
}

/** Kinds, with a number where a board has several of one. */
function partNames(parts: readonly PartProfile[]): readonly string[] {
  return parts.map(({ kind }, index) => {
    const alike = parts.filter((part) => part.kind === kind).length;
    const number = parts.slice(0, index).filter((part) => part.kind === kind).length + 1;
    return alike === 1 ? kind : `${kind} ${number}`;
  });
}

function displayShape(parts: readonly PartProfile[]): DisplayShape | undefined {
  for (const part of parts) {
    if (part.kind === 'display-hd44780') return { kind: 'lines', columns: part.columns, lines: part.lines };
    if (part.kind !== 'display-ssd1306') continue;
    const { width, height, font } = part;
    const { columns, rows } = textLayout(width, height, font);
    return { kind: 'pixels', width, height, columns, lines: rows };
  }
  return undefined;
}
