/**
 * What an HD44780 with character ROM A00 (data sheet, table 4) can write by itself, and what stands in for the rest
 * once its eight glyphs of one's own are taken. A00 is the one that nearly every module on sale has; beside ASCII it
 * has Japanese, some Greek and five letters of Latin-1.
 */

const FURTHER: Readonly<Record<string, number>> = {
  '¥': 0x5c,
  '→': 0x7e,
  '←': 0x7f,
  '·': 0xa5,
  '°': 0xdf,
  α: 0xe0,
  ä: 0xe1,
  ß: 0xe2,
  ε: 0xe3,
  µ: 0xe4,
  μ: 0xe4,
  σ: 0xe5,
  ρ: 0xe6,
  '√': 0xe8,
  '¢': 0xec,
  '£': 0xed,
  ñ: 0xee,
  ö: 0xef,
  θ: 0xf2,
  '∞': 0xf3,
  Ω: 0xf4,
  ü: 0xf5,
  Σ: 0xf6,
  π: 0xf7,
  '÷': 0xfd,
  '█': 0xff,
};

/** Where ASCII has these, the ROM has others. */
const NOT_ASCII = '\\~';

/** Code of the character in the ROM. */
export function romCode(char: string): number | undefined {
  const code = char.charCodeAt(0);
  const ascii = char.length === 1 && code >= 0x20 && code <= 0x7d && !NOT_ASCII.includes(char);
  return ascii ? code : FURTHER[char];
}

/** What looks most like it, where taking the marks off does not help. */
const STANDS_FOR: Readonly<Record<string, string>> = {
  ...{ '\\': '/', '~': '-', '¡': '!', '¤': '*', '¦': '|', '§': 'S', '¨': '"', '©': 'c', ª: 'a', '«': '<' },
  ...{ '¬': '-', '®': 'R', '¯': '-', '±': '+', '²': '2', '³': '3', '´': "'", '¶': 'P', '¸': ',', '¹': '1' },
  ...{ º: '°', '»': '>', '¼': '%', '½': '%', '¾': '%', '¿': '?', '×': 'x', Æ: 'A', Ð: 'D', Ø: 'O', Þ: 'P' },
  ...{
    æ: 'ä',
    ð: 'd',
    ø: 'ö',
    þ: 'p',
    ő: 'ö',
    ű: 'ü',
    Đ: 'D',
    đ: 'd',
    Ħ: 'H',
    ħ: 'h',
    ı: 'i',
    Ĳ: 'I',
    ĳ: 'i',
  },
  ...{ ĸ: 'k', Ŀ: 'L', ŀ: 'l', Ł: 'L', ł: 'l', ŉ: 'n', Ŋ: 'N', ŋ: 'n', Œ: 'O', œ: 'ö', Ŧ: 'T', ŧ: 't' },
  ...{ ſ: 's', ȷ: 'j', ẞ: 'ß', '–': '-', '—': '-', '‘': "'", '’': "'", '“': '"', '”': '"', '„': '"' },
  ...{ '•': '·', '…': '.', '‹': '<', '›': '>', '€': 'E', '↑': '^', '↓': 'v', '↗': '→', '↙': '←' },
  ...{ '★': '*', '☎': 'T', '✆': 'T', '✉': 'M', '♪': '!', '✓': 'v', '✗': 'x' },
};

const MARKS = /\p{M}/gu;

/** Code of the nearest character that the ROM has; a question mark for what nobody foresaw. */
export function nearestRomCode(char: string): number {
  const letter = STANDS_FOR[char] ?? char.normalize('NFD').replace(MARKS, '');
  return romCode(char) ?? romCode(letter) ?? 0x3f;
}
