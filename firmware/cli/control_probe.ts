/** Whether a phone listens on a control socket, at the least cost. */
import { connect } from 'node:net';

/** A phone that stands still counts too: the kernel takes the connection for it. */
export function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
}
