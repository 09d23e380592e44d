/** Who sends and who listens on a stream (RFC 8866 6.7, RFC 3264 5.1 and 6.1). */

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

const SENDS: ReadonlySet<Direction> = new Set(['sendrecv', 'sendonly']);
const LISTENS: ReadonlySet<Direction> = new Set(['sendrecv', 'recvonly']);

export function isDirection(name: string): name is Direction {
  return SENDS.has(name as Direction) || LISTENS.has(name as Direction) || name === 'inactive';
}

export function listens(direction: Direction): boolean {
  return LISTENS.has(direction);
}

function directionOf(sends: boolean, hears: boolean): Direction {
  if (sends) return hears ? 'sendrecv' : 'sendonly';
  return hears ? 'recvonly' : 'inactive';
}

/** What is left, as seen from us, of what we want and what the peer wrote as seen from there. */
export function meet(ours: Direction, peers: Direction): Direction {
  return directionOf(SENDS.has(ours) && LISTENS.has(peers), LISTENS.has(ours) && SENDS.has(peers));
}

/** The same with its author not listening. */
export function deafened(direction: Direction): Direction {
  return directionOf(SENDS.has(direction), false);
}
