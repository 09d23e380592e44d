/**
 * Hands and eyes of a test inside the guest: it does, one after the other, what comes as messages on standard input, and
 * answers each. For stories in which the test on the host side has a part, as the far end of a call.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { SimulatedChip } from './gpio_sim.ts';
import * as laboratory from './laboratory.ts';
import { MatrixPresser } from './matrix_presser.ts';

const chips = new Map<string, SimulatedChip>();
const pressers = new Map<string, MatrixPresser>();
const programs = new Map<string, ChildProcess>();

function found<T>(map: ReadonlyMap<string, T>, name: string): T {
  const value = map.get(name);
  if (value === undefined) throw new Error(`there is no ${name}`);
  return value;
}

/** What can be asked for; arguments and answers are JSON. */
export const DEEDS = {
  makeChip(label: string, lines: number): null {
    chips.set(label, new SimulatedChip(label, lines));
    return null;
  },
  pull(label: string, line: number, level: 0 | 1): null {
    found(chips, label).pull(line, level);
    return null;
  },
  level: (label: string, line: number): 0 | 1 => found(chips, label).level(line),
  unplugChip(label: string): null {
    found(chips, label).unplug();
    return null;
  },
  plugChip(label: string): null {
    found(chips, label).plug();
    return null;
  },
  /** Fingers for a keypad of this chip, which then know it by the chip's label. */
  makeKeypad(label: string, rows: readonly number[], columns: readonly number[]): null {
    pressers.set(label, new MatrixPresser({ chip: found(chips, label), rows, columns }));
    return null;
  },
  pressMatrix(label: string, row: number, column: number): null {
    found(pressers, label).press(row, column);
    return null;
  },
  releaseMatrix(label: string, row: number, column: number): null {
    found(pressers, label).release(row, column);
    return null;
  },
  characters: laboratory.characters,
  pixels: laboratory.pixels,
  stateOf: laboratory.stateOf,
  pressExpander(one: laboratory.Pin, other: laboratory.Pin): null {
    laboratory.press(one, other);
    return null;
  },
  releaseExpander(one: laboratory.Pin, other: laboratory.Pin): null {
    laboratory.release(one, other);
    return null;
  },
  wireInterrupt(line: 'a' | 'b', label: string, gpio: number): null {
    laboratory.wireInterrupt(line, found(chips, label).pullFile(gpio));
    return null;
  },
  unplug(device: laboratory.LabDevice): null {
    laboratory.unplug(device);
    return null;
  },
  plug(device: laboratory.LabDevice): null {
    laboratory.plug(device);
    return null;
  },
  setBus(state: 'hang' | 'busy' | 'free'): null {
    laboratory.setBus(state);
    return null;
  },
  read: (path: string): string => readFileSync(path, 'utf8'),
  write(path: string, text: string): null {
    writeFileSync(path, text);
    return null;
  },
  /** Starts Node with these arguments; what it prints goes to the console. */
  start(name: string, args: readonly string[]): number {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    programs.set(name, child);
    return child.pid ?? -1;
  },
  /** Its status, or the signal that ended it. */
  async end(name: string, signal: NodeJS.Signals): Promise<number | string> {
    const child = found(programs, name);
    const was = child.exitCode ?? child.signalCode;
    if (was !== null) return was;
    const ended = once(child, 'exit');
    child.kill(signal);
    const [status, by] = await ended;
    return status ?? by;
  },
  /** What a shell prints. */
  async shell(line: string): Promise<string> {
    const child = spawn('sh', ['-c', line], { stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    await once(child, 'close');
    return printed;
  },
} as const;

export type Deeds = typeof DEEDS;

export interface Order {
  readonly serial: number;
  readonly deed: keyof Deeds;
  readonly words: readonly unknown[];
}

export type Answer = { readonly serial: number } & ({ readonly value: unknown } | { readonly error: string });

async function obey({ serial, deed, words }: Order): Promise<Answer> {
  try {
    const act = DEEDS[deed] as (...words: readonly unknown[]) => unknown;
    return { serial, value: await act(...words) };
  } catch (error) {
    return { serial, error: error instanceof Error ? error.message : String(error) };
  }
}

async function main(): Promise<void> {
  process.stdout.write('@@{"ready":true}\n');
  for await (const line of createInterface({ input: process.stdin })) {
    const at = line.indexOf('@@');
    if (at < 0) continue;
    const message: Order | 'leave' = JSON.parse(line.slice(at + 2));
    if (message === 'leave') break;
    process.stdout.write(`@@${JSON.stringify(await obey(message))}\n`);
  }
  for (const child of programs.values()) child.kill('SIGKILL');
  process.exit(0);
}

if (process.argv[1] === import.meta.filename) await main();
