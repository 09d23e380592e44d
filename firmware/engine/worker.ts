/** The media thread's entry: commands come over the parent's port, events go back; sound of the page has its own port. */
import { setPriority } from 'node:os';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { EngineCommand } from '#media/types.ts';
import { MediaEngine } from './engine.ts';
import { WebSound } from './web_sound.ts';

/** What the main thread sends: a command, or that it is over. */
export type ToWorker = EngineCommand | { readonly kind: 'stop' };

export interface WorkerStart {
  readonly sound: MessagePort;
}

/** This thread before all others of the program, garbage collectors included, when there is much to do. */
const NICE = -15;

if (parentPort !== null) {
  comeFirst();
  serve(parentPort, workerData as WorkerStart);
}

/** On Linux 0 is the calling thread. Only root and CAP_SYS_NICE may do it; others do without. */
function comeFirst(): void {
  try {
    setPriority(0, NICE);
  } catch {}
}

function serve(parent: MessagePort, { sound }: WorkerStart): void {
  const engine = new MediaEngine(new WebSound(sound), (event) => parent.postMessage(event));
  parent.on('message', (message: ToWorker) => {
    if (message.kind !== 'stop') {
      engine.obey(message);
      return;
    }
    engine.close();
    parent.close();
  });
}
