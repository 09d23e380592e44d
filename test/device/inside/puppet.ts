/**
 * Hands and eyes of a test inside the guest: it does what comes as messages on standard input, and answers each when it
 * is done; what takes long holds up nothing else. For stories in which the test on the host side has a part, as the far end of a call.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { SimulatedChip } from './gpio_sim.ts';
import * as laboratory from './laboratory.ts';
import { MatrixPresser } from './matrix_presser.ts';
import { type Recorded, Recorder, say } from './sound.ts';
import { type Change, Watcher } from './watcher.ts';

const chips = new Map<string, SimulatedChip>();
const pressers = new Map<string, MatrixPresser>();
const programs = new Map<string, ChildProcess>();
const watchers = new Map<string, Watcher>();
const recorders = new Map<string, Recorder>();

function found<T>(map: ReadonlyMap<string, T>, name: string): T {
  const value = map.get(name);
  if (value === undefined) throw new Error(`there is no ${name}`);
  return value;
}

/** What can be asked for; arguments and answers are JSON. */
export const DEEDS = {
  /** ms of the guest's clock. */
  now: (): number => performance.now(),
  makeChip(label: string, lines: number): null {
    chips.set(label, new SimulatedChip(label, lines));
    return null;
  },
  /** ms of the guest's `performance.now()`. */
  pull(label: string, line: number, level: 0 | 1): number {
    const now = performance.now();
    found(chips, label).pull(line, level);
    return now;
  },
  /** Changes of voltage, each so many ms after the one before: as a dial, or a hook that is tapped, makes them. */
  async pulses(label: string, line: number, steps: readonly (readonly [0 | 1, number])[]): Promise<null> {
    const chip = found(chips, label);
    let due = performance.now();
    for (const [level, ms] of steps) {
      chip.pull(line, level);
      due += ms;
      await sleep(Math.max(0, due - performance.now()));
    }
    return null;
  },
  level: (label: string, line: number): 0 | 1 => found(chips, label).level(line),
  /** Where the voltage of a line can be watched. */
  levelFile: (label: string, line: number): string => found(chips, label).levelFile(line),
  /** Begins to write down what these files say. */
  watch(name: string, files: Readonly<Record<string, string>>): null {
    watchers.get(name)?.close();
    watchers.set(name, new Watcher(files));
    return null;
  },
  unwatch(name: string): null {
    found(watchers, name).close();
    watchers.delete(name);
    return null;
  },
  /** What was written down so far. */
  watched: (name: string): readonly Change[] => found(watchers, name).changes,
  /** Records what the telephone plays on this card into a file of raw samples. */
  record(card: string, file: string): null {
    recorders.set(card, new Recorder(card, file));
    return null;
  },
  recorded: (card: string): Recorded => found(recorders, card).recorded(),
  /** Says raw samples to the telephone; a program as those of `start`. */
  say(name: string, card: string, file: string): null {
    programs.set(name, say(card, file));
    return null;
  },
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
  /** ms of the guest's `performance.now()`. */
  pressMatrix(label: string, row: number, column: number): number {
    found(pressers, label).press(row, column);
    return performance.now();
  },
  releaseMatrix(label: string, row: number, column: number): null {
    found(pressers, label).release(row, column);
    return null;
  },
  characters: laboratory.characters,
  pixels: laboratory.pixels,
  stateOf: laboratory.stateOf,
  /** ms of the guest's `performance.now()`. */
  pressExpander(one: laboratory.Pin, other: laboratory.Pin): number {
    const now = performance.now();
    laboratory.press(one, other);
    return now;
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
  /** When that program has ended, Node is started with these arguments, as systemd does by `ExecStopPost=`. */
  afterwards(name: string, args: readonly string[]): null {
    found(programs, name).once('exit', () => {
      programs.set(
        `after ${name}`,
        spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] }),
      );
    });
    return null;
  },
  /** ms of the guest's clock at which it was sent to a program, by its name here or its id. */
  signal(program: string | number, signal: NodeJS.Signals): number {
    const now = performance.now();
    if (typeof program === 'number') process.kill(program, signal);
    else found(programs, program).kill(signal);
    return now;
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
    void obey(message).then((answer) => process.stdout.write(`@@${JSON.stringify(answer)}\n`));
  }
  for (const child of programs.values()) child.kill('SIGKILL');
  process.exit(0);
}

if (process.argv[1] === import.meta.filename) await main();
