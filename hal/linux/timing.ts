/** The clock of a running telephone. */
import type { Timing } from './part.ts';

export const SYSTEM_TIMING: Timing = {
  now: () => performance.now(),
  after: (ms, action) => {
    const timer = setTimeout(action, Math.max(0, ms));
    return () => clearTimeout(timer);
  },
  pause: (ms) => {
    const end = performance.now() + ms;
    while (performance.now() < end);
  },
};
