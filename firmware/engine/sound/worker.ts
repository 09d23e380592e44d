/**
 * The sound thread's entry. It is told by shared memory (a thread that blocks in a card hears no message) and tells
 * by messages. Where it has rested for a while it ends by itself, and with it libasound's memory is given back.
 */
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { type Alsa, loadAlsa } from '#hal/linux/sound/alsa.ts';
import { Pcm } from '#hal/linux/sound/pcm.ts';
import type { SoundSetup } from '#media/types.ts';
import { COMMAND, END, REST, type SharedSound } from './cells.ts';
import type { DeviceState } from './device.ts';
import { SoundLoop } from './loop.ts';
import { MixerDesk } from './mixer_desk.ts';

export interface SoundStart {
  readonly shared: SharedSound;
  /** ALSA names; absent: that direction is no card. */
  readonly input: string | undefined;
  readonly output: string | undefined;
  readonly setup: SoundSetup;
  /** How long the thread is kept at rest, ms; Infinity: until it is asked to end. */
  readonly keep: number;
}

/** Before everything else, the media thread included. */
const NICE = -16;
const PERIOD_MS = 10;
/** The buffer, ms: what the thread, or a sound server, may be kept from its work. It costs no delay: the level is held. */
const BUFFER_MS = 160;
/** ms between two rehearsals without a card. */
const AGAIN_MS = 10_000;
const DB_OFF = Number.NEGATIVE_INFINITY;

if (parentPort !== null) {
  comeFirst();
  await serve(workerData as SoundStart, (state) => parentPort?.postMessage(state));
}

/** On Linux 0 is the calling thread. Only root and CAP_SYS_NICE may do it; others do without. */
function comeFirst(): void {
  try {
    setPriority(0, NICE);
  } catch {}
}

async function serve(start: SoundStart, tell: (state: DeviceState) => void): Promise<void> {
  const { cells } = start.shared;
  const alsa = await loadAlsa().catch((error: Error) => error);
  const loop = loopOf(start, alsa, tell);
  // Who stands by and finds no card looks for it again, until it is there or needed.
  while (Atomics.load(cells, COMMAND) === REST && !loop.rehearse())
    Atomics.wait(cells, COMMAND, REST, AGAIN_MS);
  while (Atomics.load(cells, COMMAND) !== END) {
    loop.run();
    const rested = Atomics.wait(cells, COMMAND, REST, start.keep);
    if (rested === 'timed-out' && Atomics.compareExchange(cells, COMMAND, REST, END) === REST) return;
  }
}

function loopOf(start: SoundStart, alsa: Alsa | Error, tell: (state: DeviceState) => void): SoundLoop {
  const { input, output, setup, shared } = start;
  const { period = PERIOD_MS, sidetone = DB_OFF, mixer } = setup;
  const open = (name: string | undefined, direction: 'capture' | 'playback') =>
    name === undefined
      ? undefined
      : () => {
          if (alsa instanceof Error) throw alsa;
          return new Pcm(alsa, { name, direction, periodMs: period, periods: BUFFER_MS / period });
        };
  const desk = mixer && !(alsa instanceof Error) ? new MixerDesk(alsa, mixer, shared.cells) : undefined;
  const options = {
    periodMs: period,
    sidetone: 10 ** (sidetone / 20),
    input: open(input, 'capture'),
    output: open(output, 'playback'),
    ...(desk ? { tend: () => desk.tend() } : {}),
  };
  return new SoundLoop(shared, options, (state) =>
    tell(state.state === 'ok' ? { ...state, note: noteOf(state, start) } : state),
  );
}

function noteOf({ part, xruns = 0 }: DeviceState, start: SoundStart): string {
  const name = start[part] ?? '';
  return xruns === 0 ? name : `${name}: interrupted ${xruns === 1 ? 'once' : `${xruns} times`}`;
}
