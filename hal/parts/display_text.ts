/**
 * Text for a display of fixed columns: which lines, where there are fewer than the phone sends, and which of the
 * characters that it has, where it lacks one. Whoever composed the lines counted East Asian letters and pictures as
 * two columns, so they stay two here, although no small display can draw them.
 */

/** What stands in a column when nothing better is known. */
const UNKNOWN = '?';
/** Longer lines are nobody's; they are cut before they are looked at. */
const MAX_LINE = 512;

const WIDE =
  /[\p{Emoji_Presentation}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]/u;
const MARKS = /\p{M}|\u200d/gu;

/** Characters that are as good as others, where Unicode does not say so itself. */
const EQUIVALENTS: Readonly<Record<string, string>> = {
  '‐': '-',
  '‑': '-',
  '‒': '–',
  '―': '—',
  '−': '-',
  '‚': ',',
  '‛': '‘',
  '‟': '“',
  '′': "'",
  '″': '"',
  '⁄': '/',
  '∙': '·',
  '●': '•',
  '☏': '☎',
  '📞': '☎',
  '📱': '✆',
  '📧': '✉',
  '📩': '✉',
  '🔔': '♪',
  '♫': '♪',
  '✔': '✓',
  '✅': '✓',
  '✕': '✗',
  '✘': '✗',
  '☆': '★',
  '⭐': '★',
  '➡': '→',
  '⬅': '←',
  '⬆': '↑',
  '⬇': '↓',
};

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** So many lines: where there are more, empty ones give way first, then the last. */
export function fitLines(lines: readonly string[], rows: number): string[] {
  const full = lines.length > rows ? lines.filter((line) => line.trim() !== '') : lines;
  return Array.from({ length: rows }, (_, row) => full[row] ?? '');
}

/**
 * Exactly `columns` characters, each of those that the display `has`. A line that is too long loses its widest gap
 * before it loses its end: what stood at the right edge stays in sight.
 */
export function fitLine(line: string, columns: number, has: (char: string) => boolean): string[] {
  const cells = cellsOf(line, has);
  while (cells.at(-1) === ' ') cells.pop();
  const over = cells.length - columns;
  if (over > 0) narrow(cells, over);
  return Array.from({ length: columns }, (_, column) => cells[column] ?? ' ');
}

function narrow(cells: string[], over: number): void {
  const [gap = ''] =
    cells
      .join('')
      .match(/ {2,}/g)
      ?.sort((a, b) => b.length - a.length) ?? [];
  if (gap !== '') cells.splice(cells.join('').indexOf(gap), Math.min(over, gap.length - 1));
}

function cellsOf(line: string, has: (char: string) => boolean): string[] {
  const text = line.slice(0, MAX_LINE).toWellFormed();
  return Array.from(graphemes.segment(text)).flatMap(({ segment }) => {
    const cells = nearest(segment, has);
    return WIDE.test(segment) && cells.length === 1 ? [...cells, ' '] : cells;
  });
}

/** What the display has for one grapheme: itself, or it without its marks, or what Unicode likens it to. */
function nearest(grapheme: string, has: (char: string) => boolean): string[] {
  const char = grapheme.normalize('NFC').replace(/[\ufe0e\ufe0f]/g, '');
  const alike = EQUIVALENTS[char];
  const simpler = [char, alike ?? '', char.normalize('NFD').replace(MARKS, '')];
  const found = simpler.find((each) => each.length === 1 && has(each));
  if (found !== undefined) return [found];
  if (/^\s$/.test(char)) return [' '];
  const parts = [...char.normalize('NFKD').replace(MARKS, '')].map((part) => (has(part) ? part : UNKNOWN));
  return parts.some((part) => part !== UNKNOWN) ? parts : [UNKNOWN];
}
