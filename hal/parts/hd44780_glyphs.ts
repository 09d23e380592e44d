/** Which eight glyphs of one's own an HD44780 shall hold, chosen by need. */
import { romCode } from './hd44780_characters.ts';

export const SLOTS = 8;

/** What a slot holds or shall hold; undefined: nobody knows, or nobody cares. */
export type Slots = readonly (string | undefined)[];

/**
 * The characters that the ROM lacks, those that are needed most often first. Who has a slot already keeps it, and
 * those that stand on the glass are given up last: to redraw a slot changes every cell that shows it.
 */
export function chooseGlyphs(cells: readonly string[], slots: Slots, shown: ReadonlySet<number>): Slots {
  const chosen = needed(cells);
  const kept = slots.map((char) => (char !== undefined && chosen.includes(char) ? char : undefined));
  const free = kept.flatMap((char, slot) => (char === undefined ? [slot] : []));
  free.sort((a, b) => Number(shown.has(a)) - Number(shown.has(b)));
  const next = [...kept];
  for (const char of chosen.filter((each) => !kept.includes(each))) next[free.shift() ?? 0] = char;
  // A slot that is not needed now keeps its glyph: it may be wanted again.
  return next.map((char, slot) => char ?? slots[slot]);
}

function needed(cells: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const char of cells) if (romCode(char) === undefined) counts.set(char, (counts.get(char) ?? 0) + 1);
  return [...counts.keys()].sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0)).slice(0, SLOTS);
}
