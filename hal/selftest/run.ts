/** The selftest of a board: with a person who does what is asked, or alone within half a minute. */

import type { BoardProfile } from '../boards/schema.ts';
import { Clockwork } from '../linux/clockwork.ts';
import { SYSTEM_TIMING } from '../linux/timing.ts';
import type { HalEvent, Hardware, PartStatus } from '../types.ts';
import { Script, type ScriptEvent, type ScriptInput } from './script.ts';
import { SOUND_STEPS, type Step, silentTrial, stepsOf } from './steps.ts';

/** The board's sound card, as far as a test needs it. */
export interface SelftestSound {
  /** Opens its devices; what came of it, after a second at most. */
  open(): Promise<readonly PartStatus[]>;
  play(sound: 'tone' | 'echo' | 'nothing'): void;
  /** Rings, or absent, no longer. */
  ring(cadence: readonly number[] | undefined, wav?: string): void;
  close(): Promise<void>;
}

export interface SelftestOutcome {
  /** What failed, each with its part and a reason: `hook: line 4 is in use`. */
  readonly failures: readonly string[];
  /** Parts of which a person has left out at least one step. */
  readonly left: readonly string[];
  /** The person has ended it before the last step. */
  readonly quit: boolean;
}

export interface SelftestOptions {
  readonly board: BoardProfile;
  readonly hardware: Hardware;
  /** Absent: the board has none. */
  readonly sound?: SelftestSound;
  readonly out: (line: string) => void;
  /** Lines that a person types; absent: nobody is there. */
  readonly lines?: AsyncIterable<string>;
}

/** ms: a part that has not been opened by then hangs. */
const OPENING = 6000;
const LOOK = 100;
/** ms for which outputs are tried when nobody watches. */
const TRIAL = 2000;

/** Never rejects for a part's sake. */
export async function runSelftest(options: SelftestOptions): Promise<SelftestOutcome> {
  const { board, hardware, sound, out, lines } = options;
  let hear = (_event: HalEvent): void => {};
  out(`board ${board.name}: ${board.description}`);
  await hardware.start((event) => hear(event));
  try {
    await opened(hardware);
    const sounds = (await sound?.open()) ?? [];
    const steps = stepsOf(board, namesOf(hardware));
    if (lines === undefined) await tryAlone(hardware, steps);
    const failures = report([...hardware.parts(), ...sounds], out);
    if (lines === undefined) return { failures, left: [], quit: false };
    const works = (part: string) => !failures.some((failure) => failure.startsWith(`${part}:`));
    const ears = sounds.length > 0 && works('sound input') && works('sound output') ? SOUND_STEPS : [];
    const script = [...steps, ...ears].filter(({ part }) => works(part));
    const walked = await walk({ ...options, lines }, script, (listener) => {
      hear = listener;
    });
    return { ...walked, failures: [...failures, ...walked.failures] };
  } finally {
    await Promise.all([hardware.stop(), sound?.close()]);
  }
}

const namesOf = (hardware: Hardware): readonly string[] => hardware.parts().map(({ part }) => part);

async function opened(hardware: Hardware): Promise<void> {
  for (let waited = 0; waited < OPENING; waited += LOOK) {
    if (hardware.parts().every(({ note }) => note !== 'not started')) return;
    await pass(LOOK);
  }
}

async function tryAlone(hardware: Hardware, steps: readonly Step[]): Promise<void> {
  for (const command of silentTrial(steps)) hardware.perform(command);
  await pass(TRIAL);
}

function report(parts: readonly PartStatus[], out: (line: string) => void): readonly string[] {
  out('parts');
  for (const { part, state, driver, note } of parts) {
    const how = state === 'ok' ? [driver, note].filter((text) => text !== '').join(': ') : note;
    out(`  ${state.padEnd(7)} ${part.padEnd(18)} ${how}`);
  }
  return parts.filter(({ state }) => state !== 'ok').map(({ part, note }) => `${part}: ${note}`);
}

/** Goes through the steps; what became of them. */
function walk(
  { hardware, sound, out, lines }: SelftestOptions & Required<Pick<SelftestOptions, 'lines'>>,
  steps: readonly Step[],
  listen: (listener: (event: HalEvent) => void) => void,
): Promise<SelftestOutcome> {
  const failures: string[] = [];
  const left = new Set<string>();
  return new Promise((resolve) => {
    const tell = (event: ScriptEvent): void => {
      if (event.kind === 'say') out(event.text);
      else if (event.kind === 'perform') hardware.perform(event.command);
      else if (event.kind === 'play') sound?.play(event.sound);
      else if (event.kind === 'result') {
        out(`  ${event.outcome}`);
        if (event.outcome === 'failed') failures.push(`${event.part}: ${event.what}`);
        if (event.outcome === 'skipped') left.add(event.part);
      } else {
        clockwork.stop();
        resolve({ failures, left: [...left], quit: event.quit });
      }
    };
    const clockwork = new Clockwork<ScriptInput, ScriptEvent>(new Script(steps), SYSTEM_TIMING, tell);
    listen((event) => {
      if (event.kind === 'ringer') sound?.ring(event.cadence, event.wav);
      else clockwork.give({ kind: 'hal', event });
    });
    void read(lines, (text) => clockwork.give({ kind: 'line', text }));
    clockwork.give({ kind: 'start' });
  });
}

/** At the end of the input everything that is left is skipped. */
async function read(lines: AsyncIterable<string>, told: (text: string) => void): Promise<void> {
  for await (const line of lines) told(line);
  told('q');
}

function pass(ms: number): Promise<void> {
  return new Promise((resolve) => {
    SYSTEM_TIMING.after(ms, resolve);
  });
}
