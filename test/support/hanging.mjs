/**
 * Loaded before the program (`node --import`): threads of it can be made to stand still, as a loop without end would
 * make them. SIGVTALRM: the main thread. SIGPROF: the media thread.
 */
import { BroadcastChannel, isMainThread, workerData } from 'node:worker_threads';

function standStill() {
  for (;;);
}

if (isMainThread) {
  process.on('SIGVTALRM', standStill);
  process.on('SIGPROF', () => {
    const channel = new BroadcastChannel('stand still');
    channel.postMessage('');
    channel.close();
  });
} else if (workerData?.cells !== undefined) {
  const channel = new BroadcastChannel('stand still');
  channel.onmessage = standStill;
  channel.unref();
}
