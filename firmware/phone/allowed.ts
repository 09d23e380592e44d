/** Which numbers may be dialled (`dial.allow`): of a telephone in a hall, or in a child's room. */
import { parseUri } from '#sip/message/uri.ts';

/** RFC 3966 5.1.1, and blanks, which people type. */
const VISUAL_SEPARATORS = /[\s().-]/g;
const NUMBER = /^\+?[\d*#]+$/;

/**
 * The number behind what is called, by which it is allowed or not: as it was dialled, or that of the URI. Undefined: an
 * address without one, as of a person or of a machine.
 */
export function numberOf(dialled: string, uri: string): string | undefined {
  const plain = dialled.replace(VISUAL_SEPARATORS, '');
  if (NUMBER.test(plain)) return plain;
  const parsed = parseUri(uri);
  const user = parsed === undefined || parsed.scheme === 'other' ? undefined : userOf(parsed);
  return user !== undefined && NUMBER.test(user) ? user : undefined;
}

/** `patterns`: `*` is everything, addresses too; `06*` what begins with 06; `112` that number alone. */
export function isAllowed(number: string | undefined, patterns: readonly string[]): boolean {
  if (patterns.includes('*')) return true;
  if (number === undefined) return false;
  return patterns.some((pattern) =>
    pattern.endsWith('*') ? number.startsWith(pattern.slice(0, -1)) : number === pattern,
  );
}

function userOf(uri: Exclude<NonNullable<ReturnType<typeof parseUri>>, { scheme: 'other' }>) {
  return uri.scheme === 'tel' ? uri.number : uri.user;
}
