/**
 * The bell by the package `speaker`, for a machine whose sound card the telephone does not drive itself. Where ALSA has
 * no default device the package aborts its process, so it is only ever loaded in a child.
 */
import { type ChildProcess, fork } from 'node:child_process';
import type { Sounder } from './bell_sounders.ts';
import type { SpeakerReport, SpeakerTask, StillRings } from './bell_speaker_child.ts';
import { HalError } from './error.ts';
import type { PartEvents, Timing } from './part.ts';

/** In a checkout the sources run as they are; in the bundle the child is a file of its own. */
const CHILD = new URL(
  import.meta.url.endsWith('.ts') ? './bell_speaker_child.ts' : './bell-speaker-child.js',
  import.meta.url,
);
/** ms: whoever has not opened the device by then hangs. */
const PATIENCE = 3000;
/** ms between two signs of life: it rings on for a second after each. */
const SIGN = 250;

/**
 * Tries the package out in a child that ends again. Rejects with a HalError: `ABSENT` without the package or a device.
 *
 * @param wav played in a loop while the bell sounds; absent: two gongs
 */
export async function openSpeaker(
  wav: string | undefined,
  timing: Timing,
  events: Pick<PartEvents, 'failed'>,
): Promise<Sounder> {
  const sound = wav === undefined ? {} : { wav };
  await probe(sound, timing);
  let child: ChildProcess | undefined;
  let noMoreSigns = (): void => {};
  const off = (): void => {
    noMoreSigns();
    child?.removeAllListeners();
    child?.kill('SIGKILL');
    child = undefined;
  };
  return {
    driver: 'speaker',
    notes: [],
    on: () => {},
    off,
    cadence: (cadence) => {
      off();
      child = start({ cadence, ...sound }, (error) => {
        off();
        events.failed(error);
      });
      noMoreSigns = giveSigns(child, timing);
    },
    close: async () => off(),
  };
}

/** What is returned ends it. */
function giveSigns(child: ChildProcess, timing: Timing): () => void {
  let callOff = (): void => {};
  const sign = (): void => {
    if (child.connected) child.send('still rings' satisfies StillRings, () => {});
    callOff = timing.after(SIGN, sign);
  };
  sign();
  return () => callOff();
}

function probe(sound: Pick<SpeakerTask, 'wav'>, timing: Timing): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (act: () => void) => {
      callOff();
      child.removeAllListeners();
      child.kill('SIGKILL');
      act();
    };
    const child = start({ cadence: [], ...sound }, (error) => end(() => reject(error)));
    const callOff = timing.after(PATIENCE, () =>
      end(() => reject(new HalError('BUSY', 'the sound device was not opened within 3 s'))),
    );
    child.on('message', (report: SpeakerReport) => {
      if (report.kind === 'ready') end(resolve);
    });
  });
}

/** `ended` is told once, when it ends by itself or says that it cannot go on. */
function start(task: SpeakerTask, ended: (error: HalError) => void): ChildProcess {
  const child = fork(CHILD, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  let told = false;
  const tell = (error: HalError): void => {
    if (told) return;
    told = true;
    child.kill('SIGKILL');
    ended(error);
  };
  child.on('message', (report: SpeakerReport) => {
    if (report.kind === 'failed') tell(new HalError(report.code, report.message));
  });
  child.on('error', (error) => tell(new HalError('IO', `the bell's process: ${error.message}`)));
  child.on('exit', (code, signal) => {
    const how = signal ?? `code ${code}`;
    tell(
      new HalError('ABSENT', `the bell's process ended (${how}): ALSA has no default device, or it is busy`),
    );
  });
  child.send(task, () => {});
  return child;
}
