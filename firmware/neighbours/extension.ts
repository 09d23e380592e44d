/** Which number comes next when the one that was wished has an owner. */

const FIRST = 200;
const COUNT = 600;

/**
 * The next of 200–799 behind `lost`, round the end; a number outside of them is followed by `fallback`. Skipped are
 * those in `taken`, until there is nothing else.
 */
export function nextExtension(lost: string, fallback: string, taken: ReadonlySet<string>): string {
  const start = indexOf(lost) ?? (indexOf(fallback) ?? 0) - 1;
  for (let step = 1; step <= COUNT; step++) {
    const candidate = numberAt(start + step);
    if (!taken.has(candidate) && candidate !== lost) return candidate;
  }
  return numberAt(start + 1);
}

function indexOf(extension: string): number | undefined {
  if (!/^\d{3}$/.test(extension)) return undefined;
  const index = Number(extension) - FIRST;
  return index >= 0 && index < COUNT ? index : undefined;
}

function numberAt(index: number): string {
  return String(FIRST + ((index + COUNT) % COUNT));
}
