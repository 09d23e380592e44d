/** The configuration for other eyes: `config show`, the page, bundles for support. */
import { isMapping } from './schema_shape.ts';

export const MASK = '********';

/** Keys whose text is a secret, wherever they stand. */
const SECRET_KEY = /^(?:password|token)$/;

/**
 * A copy of a configuration, or of any part of one, with every secret masked; the name of a secret's file may be seen.
 * `key`: where the part stands.
 */
export function masked<T>(value: T, key?: string): T;
export function masked(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((element) => masked(element, key));
  if (isMapping(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, masked(inner, name)]));
  }
  if (typeof value !== 'string' || value === '') return value;
  return SECRET_KEY.test(key) ? MASK : withoutUserInfo(value, MASK);
}

/**
 * `sip:user:password@proxy` (RFC 3261 19.1.1 advises against it), `https://user:password@server/` (RFC 3986 3.2.1
 * deprecates it): people do it. The text with `put` in place of the password.
 */
export function withoutUserInfo(text: string, put: string): string {
  return text
    .replace(/^(sips?:[^:@]*):[^@]*@/i, `$1:${put}@`)
    .replace(/^([a-z]+:\/\/[^:@/?#]*):[^@/?#]*@/i, `$1:${put}@`);
}
