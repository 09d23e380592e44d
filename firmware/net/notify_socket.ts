/**
 * The way to tell systemd how a service is doing (sd_notify(3)): datagrams to the socket that NOTIFY_SOCKET names. Node
 * has no such sockets, so koffi opens one; where that is missing, systemd's own program sends them.
 */
import { spawn } from 'node:child_process';
import { type Libc, loadLibc } from './libc.ts';

export interface NotifySocket {
  /** `READY=1`, `WATCHDOG=1`, `STOPPING=1`. Never throws: nobody is helped by a telephone that fails for this. */
  tell(state: string): void;
  close(): void;
}

const AF_UNIX = 1;
/** SOCK_DGRAM with SOCK_CLOEXEC and SOCK_NONBLOCK. */
const DATAGRAMS = 2 | 0o2000000 | 0o4000;
/** `sun_path` of unix(7), with its closing zero. Octets. */
const LONGEST = 107;

/**
 * Undefined: nobody wants to hear, and nothing was loaded.
 *
 * @param path of NOTIFY_SOCKET: a file, or with `@` an abstract name
 */
export async function openNotifySocket(path: string | undefined): Promise<NotifySocket | undefined> {
  if (path === undefined || !/^[/@]./.test(path) || Buffer.byteLength(path) > LONGEST) return undefined;
  const libc = await loadLibc();
  return (libc && socketBy(libc, path)) ?? notifyProgram;
}

function socketBy(libc: Libc, path: string): NotifySocket | undefined {
  const fd = libc.socket(AF_UNIX, DATAGRAMS, 0);
  if (fd < 0) return undefined;
  const name = Buffer.from(path);
  // struct sockaddr_un: the family, and the name; an abstract one begins with a zero in place of the @.
  if (path.startsWith('@')) name[0] = 0;
  const address = Buffer.concat([Buffer.of(AF_UNIX, 0), name]);
  if (libc.connect(fd, address, address.length) < 0) {
    libc.close(fd);
    return undefined;
  }
  return {
    tell: (state) => {
      const octets = Buffer.from(state);
      libc.send(fd, octets, octets.length, 0);
    },
    close: () => void libc.close(fd),
  };
}

/** A process for each word: the unit has to allow it (NotifyAccess=all). */
const notifyProgram: NotifySocket = {
  tell: (state) => {
    spawn('systemd-notify', [state], { stdio: 'ignore' }).on('error', () => {});
  },
  close: () => {},
};
