/** Versions of configuration files: free text, compared as people read it. */

/**
 * Below zero: `a` is older. Runs of digits are compared as numbers, the rest as text: 2026-11-20.9 < 2026-11-20.10,
 * and 1.2 < 1.2.1. No version at all is older than any.
 */
export function compareVersions(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  const [left, right] = [partsOf(a), partsOf(b)];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const order = compareParts(left[index] ?? '', right[index] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

function partsOf(version: string): readonly string[] {
  return version.match(/\d+|\D+/g) ?? [];
}

/** Numbers by length and then by digit: they may be longer than any number of JavaScript. */
function compareParts(a: string, b: string): number {
  const [left, right] = [a, b].map((part) => part.replace(/^0+(?=\d)/, ''));
  if (left === undefined || right === undefined || left === right) return 0;
  const areNumbers = /^\d/.test(left) && /^\d/.test(right);
  if (areNumbers && left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : 1;
}
