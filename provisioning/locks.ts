/**
 * Keys that a server keeps to itself (`provisioning.locked`): what a person changes there, on the phone or its page, is
 * kept and not in force while the lock lasts.
 */
import { isMapping, type Mapping } from './schema_shape.ts';
import { pointer } from './walk.ts';

/** `dial.map`, `/dial/map` → the JSON pointer. */
export function pointerOf(key: string): string {
  return key.startsWith('/')
    ? key.replace(/\/+$/, '')
    : pointer(key.split('.').filter((part) => part !== ''));
}

/** Is `at`, or a mapping around it, among the locked keys? The list itself is never a person's to change. */
export function isLocked(at: string, locked: readonly string[]): boolean {
  return ['provisioning.locked', ...locked]
    .map(pointerOf)
    .some((lock) => at === lock || at.startsWith(`${lock}/`));
}

export function lockedIn<T extends { readonly at: string }>(
  statements: readonly T[],
  locked: readonly string[],
): readonly T[] {
  return statements.filter(({ at }) => isLocked(at, locked));
}

/** A copy without the locked keys. */
export function withoutLocked(
  value: Mapping,
  locked: readonly string[],
  path: readonly string[] = [],
): Mapping {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !isLocked(pointer([...path, key]), locked))
      .map(([key, inner]) => [key, isMapping(inner) ? withoutLocked(inner, locked, [...path, key]) : inner]),
  );
}
