/**
 * How far a redirection is followed (RFC 9110 15.4): never from https to anything less, a handful of times, never in a
 * circle; and user and password stay with the server that they are for.
 */

/** RFC 9110 15.4 leaves the number to us; who needs more is playing. */
const MOST = 5;
const LONGEST = 2048;

export const REDIRECTIONS: readonly number[] = [301, 302, 303, 307, 308];

/** What is being followed: the URLs asked so far, the first one first. */
export interface Trail {
  readonly urls: readonly [first: string, ...more: string[]];
  /** Whether all of them are one server: only then may user and password be sent. */
  readonly home: boolean;
}

export type Redirection = { readonly trail: Trail } | { readonly refused: string };

export function beginTrail(url: string): Trail {
  return { urls: [url], home: true };
}

/** Where the last of `trail` sends us by its Location. */
export function follow(trail: Trail, location: string | undefined): Redirection {
  const here = new URL(trail.urls.at(-1) ?? trail.urls[0]);
  const there = location === undefined || location.length > LONGEST ? null : URL.parse(location, here.href);
  if (there === null) return { refused: 'redirected to nowhere' };
  Object.assign(there, { username: '', password: '', hash: '' });
  const refused = refusal(trail, here, there);
  if (refused !== undefined) return { refused };
  const home = trail.home && there.origin === here.origin;
  return { trail: { urls: [...trail.urls, there.href], home } };
}

function refusal({ urls }: Trail, here: URL, there: URL): string | undefined {
  if (!['https:', 'http:'].includes(there.protocol)) return `redirected to ${there.protocol}//`;
  if (here.protocol === 'https:' && there.protocol !== 'https:') return 'redirected from https to http';
  if (urls.includes(there.href)) return 'redirected in a circle';
  if (urls.length > MOST) return `redirected more than ${MOST} times`;
  return undefined;
}
