/** Finds what a key of a vendor's file means. The table is keymap_table.ts; two small ones stand with their formats. */
import { KEYMAP, type Meaning } from './keymap_table.ts';

export interface Key {
  readonly meaning: Meaning;
  readonly used: boolean;
  /** 1 for the first. */
  readonly account?: number;
}

/** Every pattern of one format and what it means. */
export type Patterns = ReadonlyMap<string, { readonly meaning: Meaning; readonly used: boolean }>;

const USED = new Map<Meaning, boolean>(KEYMAP.map(([meaning, use]) => [meaning, use === 'used']));

/** A format's own small table: `[meaning, patterns apart by blanks]`. */
export function patternsOf(rows: readonly (readonly [Meaning, string])[]): Patterns {
  return new Map(
    rows.flatMap(([meaning, patterns]) =>
      words(patterns).map((pattern) => [pattern, { meaning, used: USED.get(meaning) ?? false }] as const),
    ),
  );
}

const words = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== '');

const YEALINK = patternsOf(KEYMAP.map(([meaning, , yealink]) => [meaning, yealink]));
const SNOM = patternsOf(KEYMAP.map(([meaning, , , snom]) => [meaning, snom]));

/** `P35/P404` → account 1, 2 and those whose numbers follow from account 2’s: 504, 604, 1704, 1804. */
const FURTHER_ACCOUNTS: readonly [account: number, added: (second: number) => number][] = [
  [3, () => 100],
  [4, () => 200],
  // P404 → P1704, but P2412 → P2712: the numbers above 2000 had room.
  [5, (second) => (second < 1000 ? 1300 : 300)],
  [6, (second) => (second < 1000 ? 1400 : 400)],
];

const GRANDSTREAM: ReadonlyMap<string, Key> = new Map(
  KEYMAP.flatMap(([meaning, use, , , grandstream]) =>
    words(grandstream).flatMap((pattern) => {
      const [first = '', second] = pattern.split('/');
      const key = { meaning, used: use === 'used' };
      const perAccount = second !== undefined || meaning.startsWith('accounts[]');
      if (!perAccount) return [[first, key]];
      const one: [string, Key] = [first, { ...key, account: 1 }];
      if (second === undefined) return [one];
      const two = Number(second.slice(1));
      const further = FURTHER_ACCOUNTS.map(([account, added]): [string, Key] => [
        `P${two + added(two)}`,
        { ...key, account },
      ]);
      return [one, [second, { ...key, account: 2 }] as [string, Key], ...further];
    }),
  ),
);

/** What an account's number follows; other numbers count keys, rules, tones. */
const NUMBERS_ACCOUNTS = ['account', 'voice_mail.number'];

/** `static.syslog.server`, `account.2.user_name`. */
export function yealinkKey(key: string): Key | undefined {
  const plain = key.toLowerCase().replace(/^static\./, '');
  const numbered = /^([a-z_.]*?)\.(\d{1,3})(?=\.|$)(.*)$/.exec(plain);
  if (numbered) {
    const [, before = '', digits = '', after = ''] = numbered;
    const found = lookUp(YEALINK, `${before}.#${after}`);
    if (found) return NUMBERS_ACCOUNTS.includes(before) ? { ...found, account: Number(digits) } : found;
  }
  return lookUp(YEALINK, plain);
}

/** `user_name` with `idx="2"`. */
export function snomKey(name: string, idx: number | undefined): Key | undefined {
  const account = idx ?? 1;
  const found = SNOM.get(`${name}#`);
  return found ? { ...found, account } : SNOM.get(name);
}

/** `P35`. */
export function grandstreamKey(name: string): Key | undefined {
  return GRANDSTREAM.get(name.toUpperCase());
}

/** The key itself, or the longest `before.**` that it begins with. */
export function lookUp(patterns: Patterns, key: string): Key | undefined {
  const exact = patterns.get(key);
  if (exact) return exact;
  for (let dot = key.lastIndexOf('.'); dot > 0; dot = key.lastIndexOf('.', dot - 1)) {
    const found = patterns.get(`${key.slice(0, dot)}.**`);
    if (found) return found;
  }
  return undefined;
}
