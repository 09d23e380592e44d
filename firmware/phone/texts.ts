/**
 * The language of the display (`language`, RFC 5646). The telephone thinks in English, as its log and its command line
 * do; where something is shown it is said in the language of the people around it, by a table of texts for each.
 * What other telephones and servers say is shown in their own words.
 */
import { de } from './texts/de.ts';
import { en } from './texts/en.ts';
import { fr } from './texts/fr.ts';
import { nl } from './texts/nl.ts';

export type TextKey = keyof typeof en;
export type Texts = Readonly<Record<TextKey, string>>;

const TABLES: Readonly<Record<string, Texts>> = { en, nl, de, fr };

/** The language of the table for this one, whatever its region: `nl`; undefined: there is none, it will be English. */
export function spoken(language: string): string | undefined {
  const [primary = ''] = language.toLowerCase().split('-');
  return Object.hasOwn(TABLES, primary) ? primary : undefined;
}

/** `language`: absent or not spoken: English. */
export function textsOf(language = 'en'): Texts {
  return TABLES[spoken(language) ?? 'en'] ?? en;
}

/** `% missed` and 3: `3 missed`. */
export function filled(text: string, value: string | number): string {
  return text.replace('%', () => String(value));
}

/** An English text of the table, filled or not, in the words of another table; any other text as it is. */
export function translated(english: string, texts: Texts): string {
  if (texts === en) return english;
  const plain = KEYS.get(english);
  if (plain !== undefined) return texts[plain];
  for (const { key, head, tail } of OPEN) {
    const fits = english.startsWith(head) && english.endsWith(tail);
    if (fits && english.length > head.length + tail.length)
      return filled(texts[key], english.slice(head.length, english.length - tail.length));
  }
  return english;
}

const ENTRIES = Object.entries(en) as readonly (readonly [TextKey, string])[];
const KEYS: ReadonlyMap<string, TextKey> = new Map(ENTRIES.map(([key, text]) => [text, key]));
/** Those that are filled, and begin with words of ours: what begins with others' words is not recognized. */
const OPEN = ENTRIES.flatMap(([key, text]) => {
  const [head = '', tail] = text.split('%');
  return tail === undefined || head === '' ? [] : [{ key, head, tail }];
}).sort((a, b) => b.head.length - a.head.length);
