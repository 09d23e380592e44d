/** Text on a display of fixed columns. What comes from the network is shown, never obeyed. */

/** Columns of the display. */
export const COLUMNS = 20;

/**
 * Controls, line breaks, lone surrogates, and the format characters that turn or hide text; ZWJ and variation
 * selectors stay, because graphemes are built with them.
 */
const UNSEEN =
  /[\p{Cc}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}]/gu;
/** East Asian wide letters and pictures take two columns. */
const WIDE =
  /[\p{Emoji_Presentation}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]/u;
const INVISIBLE_MARKS = /^[\p{M}\u200d]+$/u;

/** Marks beyond these belong to no language; they would paint over other lines. */
const MAX_CODE_POINTS = 8;
/** Longer names are cut before they are looked at. */
const MAX_TEXT = 512;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** One line of plain text: unseen characters go, blanks run together. */
export function plain(text: string): string {
  return text.slice(0, MAX_TEXT).toWellFormed().replace(UNSEEN, ' ').replace(/\s+/g, ' ').trim();
}

/** Columns that `text` takes. */
export function width(text: string): number {
  let columns = 0;
  for (const { segment } of graphemes.segment(text)) columns += columnsOf(segment);
  return columns;
}

/** The first `columns` columns of `text`, cut between graphemes. */
export function cut(text: string, columns = COLUMNS): string {
  let taken = '';
  let used = 0;
  for (const { segment } of graphemes.segment(plain(text))) {
    used += columnsOf(segment);
    if (used > columns) break;
    taken += [...segment].slice(0, MAX_CODE_POINTS).join('');
  }
  return taken.trimEnd();
}

/** `left` and `right` at the two ends of a line; `left` gives way. */
export function spread(left: string, right: string): string {
  const end = cut(right);
  const room = COLUMNS - width(end) - (end === '' ? 0 : 1);
  const start = cut(left, Math.max(0, room));
  const gap = COLUMNS - width(start) - width(end);
  return end === '' ? start : `${start}${' '.repeat(Math.max(0, gap))}${end}`;
}

/** The last columns of a text that grows. */
export function tail(text: string): string {
  return text.slice(-COLUMNS);
}

function columnsOf(grapheme: string): number {
  if (INVISIBLE_MARKS.test(grapheme)) return 1;
  return WIDE.test(grapheme) ? 2 : 1;
}

/**
 * Whom a URI means, as it is shown: without scheme and parameters, for which twenty columns have no room. On the LAN
 * the number says who it is: what a telephone is called there it was given by its maker.
 */
export function addressShown(uri: string): string {
  const address = uri.replace(/^(?:sips?|tel):/i, '').replace(/[;?].*$/s, '');
  return address.replace(/^([^@]+)@[^@:]+\.local(?::\d+)?$/i, '$1');
}
