/** Errors of the kind that Node makes of those of the system. */
import { constants } from 'node:os';

/** `ECONNREFUSED` → -111, as libuv has it; an unknown code is EIO. */
export function errnoOf(code: string): number {
  return -((constants.errno as Record<string, number>)[code] ?? constants.errno.EIO);
}

export function errorOf(code: string, message: string): NodeJS.ErrnoException {
  return Object.assign(new Error(message), { code });
}
