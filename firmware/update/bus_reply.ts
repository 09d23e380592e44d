/** Steps into a reply of D-Bus as `busctl --json=short` prints it, of which nothing is certain. */

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.getOwnPropertyDescriptor(value, key)?.value
    : undefined;
}
