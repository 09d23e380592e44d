/** The media thread's entry: commands come over the parent's port, events go back; sound of the page has its own port. */
import { setPriority } from 'node:os';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { Backlog, MOST_FROM_THREAD, MOST_TO_THREAD } from './backlog.ts';
import { MediaEngine } from './engine.ts';
import { LateTunnel } from './late_tunnel.ts';
import { isOfTunnel, type ToWorker, type WorkerStart } from './messages.ts';
import { TunnelHost } from './tunnel_host.ts';
import { WebSound } from './web_sound.ts';

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

function serve(parent: MessagePort, { sound, cells }: WorkerStart): void {
  const arriving = new Backlog(cells.toThread, MOST_TO_THREAD);
  const leaving = new Backlog(cells.fromThread, MOST_FROM_THREAD);
  const opener = new LateTunnel();
  const tunnel = new TunnelHost(opener.open, (event) => {
    if (event.kind !== 'tunnel-datagram' || leaving.enter()) parent.postMessage(event);
  });
  const engine = new MediaEngine(new WebSound(sound), (event) => parent.postMessage(event), tunnel);
  const obey = (message: ToWorker): void => {
    if (message.kind === 'tunnel-send') arriving.leave();
    if (isOfTunnel(message)) {
      opener.whenLoaded(() => tunnel.obey(message));
    } else if (message.kind === 'stand-by') {
      engine.standBy();
    } else if (message.kind === 'still-rings') {
      engine.stillRings();
    } else if (message.kind === 'ping') {
      parent.postMessage({ kind: 'pong' });
    } else if (message.kind === 'stop') {
      engine.close();
      opener.end();
      tunnel.close();
      parent.close();
    } else {
      engine.obey(message);
    }
  };
  parent.on('message', (messages: readonly ToWorker[]) => messages.forEach(obey));
}
