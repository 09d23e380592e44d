/** One TCP connection to a host of many addresses: IPv6 first, families in turn, each with a head start (RFC 8305). */
import { connect, type Socket } from 'node:net';
import { parseIp } from '#address/ip.ts';

/** ms before the next address is tried too (RFC 8305 5). */
const HEAD_START = 250;
const MOST_ADDRESSES = 8;

/** IPv6 and IPv4 in turn, each family in the order in which it came (RFC 8305 4). */
export function inTurn(addresses: readonly string[]): readonly string[] {
  const of = (family: 4 | 6) => addresses.filter((one) => parseIp(one)?.family === family);
  const [six, four] = [of(6), of(4)];
  const pairs = Array.from({ length: Math.max(six.length, four.length) }, (_, i) => [six[i], four[i]]);
  return pairs.flat().filter((one) => one !== undefined);
}

/** Rejects with the first error when none of them can be reached, or with that of `signal`. */
export function raceConnect(
  addresses: readonly string[],
  port: number,
  signal: AbortSignal,
): Promise<Socket> {
  const waiting = inTurn(addresses).slice(0, MOST_ADDRESSES);
  const open = new Set<Socket>();
  return new Promise((resolve, reject) => {
    let firstError: Error | undefined;
    let timer: NodeJS.Timeout | undefined;
    const finish = (winner: Socket | undefined, error?: Error): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
      for (const socket of open) if (socket !== winner) socket.destroy();
      if (winner === undefined) reject(error ?? new Error('there is no address to connect to'));
      else resolve(winner);
    };
    const aborted = (): void => finish(undefined, new Error('it took too long'));
    const next = (): void => {
      clearTimeout(timer);
      const address = waiting.shift();
      if (address === undefined) {
        if (open.size === 0) finish(undefined, firstError);
        return;
      }
      const socket = connect({ host: address, port });
      open.add(socket);
      socket.once('connect', () => {
        socket.removeAllListeners('error');
        finish(socket);
      });
      socket.on('error', (error) => {
        firstError ??= error;
        open.delete(socket);
        next();
      });
      timer = setTimeout(next, HEAD_START);
    };
    if (signal.aborted) return aborted();
    signal.addEventListener('abort', aborted, { once: true });
    next();
  });
}
