/**
 * The telephone as a service of systemd: says when it is ready and when it stops, and in between, where the unit has a
 * watchdog, that it lives. It says so only while its loop runs and its media thread answers: one that hangs is ended by
 * systemd, which puts its outputs to rest and starts it anew.
 */
import { openNotifySocket } from '#net/notify_socket.ts';

export interface Service {
  /** @param lives resolves when everything has answered that has to; without an answer nothing is said */
  ready(lives: () => Promise<unknown>): void;
  /** Calls and registrations are ended now. */
  stopping(): void;
  close(): void;
}

/** Signs of life in the time that systemd waits for one. */
const SIGNS = 3;

/** Undefined: systemd has not started us, or does not want to know. */
export async function serviceOf(environment: NodeJS.ProcessEnv): Promise<Service | undefined> {
  const socket = await openNotifySocket(environment.NOTIFY_SOCKET);
  if (socket === undefined) return undefined;
  const interval = watchdogInterval(environment);
  let timer: NodeJS.Timeout | undefined;
  return {
    ready: (lives) => {
      socket.tell('READY=1');
      if (interval === undefined) return;
      const sign = async () => {
        await lives();
        if (timer !== undefined) socket.tell('WATCHDOG=1');
      };
      timer = setInterval(() => void sign(), interval).unref();
    },
    stopping: () => socket.tell('STOPPING=1'),
    close: () => {
      clearInterval(timer);
      timer = undefined;
      socket.close();
    },
  };
}

/** ms between two signs of life; undefined: nobody waits for them (sd_watchdog_enabled(3)). */
function watchdogInterval({ WATCHDOG_USEC, WATCHDOG_PID }: NodeJS.ProcessEnv): number | undefined {
  const most = Number(WATCHDOG_USEC) / 1000;
  if (!(most > 0) || (WATCHDOG_PID !== undefined && Number(WATCHDOG_PID) !== process.pid)) return undefined;
  return most / SIGNS;
}
