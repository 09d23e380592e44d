/**
 * Versions in the order of Semantic Versioning 2.0.0, 11, with one to three numbers, as RAUC compares a bundle's with
 * `min-bundle-version`: 1.2.0-rc.1 < 1.2.0 < 1.2.1. What follows "+" counts for nothing.
 */

export interface Version {
  readonly numbers: readonly [number, number, number];
  /** Of a pre-release, dot by dot; empty: none. */
  readonly pre: readonly string[];
}

const NUMBER = '0|[1-9]\\d{0,8}';
const WORDS = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*';
const VERSION = new RegExp(
  `^(${NUMBER})(?:\\.(${NUMBER})(?:\\.(${NUMBER}))?)?(?:-(${WORDS}))?(?:\\+${WORDS})?$`,
);
const LONGEST = 64;

/** undefined: none. */
export function parseVersion(text: string): Version | undefined {
  if (text.length > LONGEST) return undefined;
  const found = VERSION.exec(text);
  if (found === null) return undefined;
  const [, major, minor = '0', patch = '0', pre] = found;
  return { numbers: [Number(major), Number(minor), Number(patch)], pre: pre?.split('.') ?? [] };
}

/** Below 0: `one` is older; 0: neither is. */
export function compareVersions(one: Version, other: Version): number {
  for (const [index, number] of one.numbers.entries()) {
    const difference = number - (other.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  // A pre-release is older than what it leads to.
  if (one.pre.length === 0 || other.pre.length === 0) return other.pre.length - one.pre.length;
  for (const [index, word] of one.pre.entries()) {
    const against = other.pre[index];
    if (against === undefined) return 1;
    const difference = compareWords(word, against);
    if (difference !== 0) return difference;
  }
  return one.pre.length - other.pre.length;
}

/** Numbers are older than words, and compared as numbers. */
function compareWords(one: string, other: string): number {
  const [isNumber, otherIsNumber] = [one, other].map((word) => /^\d+$/.test(word));
  if (isNumber && otherIsNumber) {
    const difference = BigInt(one) - BigInt(other);
    return difference === 0n ? 0 : difference < 0n ? -1 : 1;
  }
  if (isNumber !== otherIsNumber) return isNumber ? -1 : 1;
  return one === other ? 0 : one < other ? -1 : 1;
}
