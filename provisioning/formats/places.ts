/** Countries and languages by the names that vendors give them. */

const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];

/** Names beside the English ones of Unicode: Yealink's, and Snom's three letters. */
const OTHER_COUNTRIES: Readonly<Record<string, string>> = {
  'great britain': 'GB',
  czech: 'CZ',
  'czech republic': 'CZ',
  'czech etsi': 'CZ',
  usa: 'US',
  uk: 'GB',
  ger: 'DE',
  gbr: 'GB',
  aus: 'AU',
  aut: 'AT',
  can: 'CA',
  chn: 'CN',
  dnk: 'DK',
  esp: 'ES',
  fra: 'FR',
  ind: 'IN',
  ita: 'IT',
  jpn: 'JP',
  mex: 'MX',
  nld: 'NL',
  nor: 'NO',
  nzl: 'NZ',
  swe: 'SE',
  swi: 'CH',
};

let countries: ReadonlyMap<string, string> | undefined;

/** English names and two letters of all countries, in lower case, to two letters. */
function countryNames(): ReadonlyMap<string, string> {
  if (countries) return countries;
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
  const codes = LETTERS.flatMap((first) => LETTERS.map((second) => first + second));
  const found = new Map<string, string>();
  for (const code of codes) {
    const name = names.of(code);
    // Codes of countries that are no more (DD), of groups, and for private use.
    const current = Intl.getCanonicalLocales(`und-${code}`)[0] === `und-${code}`;
    if (name === undefined || !current || /^(?:Q[M-Z]|X[A-Z]|ZZ|EU|EZ|UN)$/.test(code)) continue;
    found.set(code.toLowerCase(), code);
    if (!found.has(name.toLowerCase())) found.set(name.toLowerCase(), code);
  }
  for (const [name, code] of Object.entries(OTHER_COUNTRIES)) found.set(name, code);
  countries = found;
  return found;
}

/** Two letters (ISO 3166) of `Germany`, `GER`, `de`; undefined: no country. */
export function countryNamed(text: string): string | undefined {
  return countryNames().get(text.trim().toLowerCase());
}

/** Languages of desk telephones. */
const LANGUAGES = [
  'en',
  'de',
  'nl',
  'fr',
  'es',
  'it',
  'pt',
  'pl',
  'cs',
  'da',
  'sv',
  'nb',
  'no',
  'fi',
  'tr',
  'ru',
  'hu',
  'el',
  'he',
  'ar',
  'zh',
  'ja',
  'ko',
  'sk',
  'sl',
  'ca',
  'uk',
];

let languages: ReadonlyMap<string, string> | undefined;

/** Without accents, in lower case: vendors write `Francais`. */
const plain = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

function languageNames(): ReadonlyMap<string, string> {
  languages ??= new Map(
    LANGUAGES.flatMap((code) =>
      ['en', code].flatMap((inLanguage): [string, string][] => {
        const name = new Intl.DisplayNames(inLanguage, { type: 'language' }).of(code);
        return name === undefined ? [] : [[plain(name), code]];
      }),
    ),
  );
  return languages;
}

/** RFC 5646: `nl` of `nl`, `Dutch`, `Nederlands`, `nl_NL`; undefined: no language that we know. */
export function languageNamed(text: string): string | undefined {
  const [, code = '', region = ''] = /^([A-Za-z]{2})(?:[_-]([A-Za-z]{2}))?$/.exec(text) ?? [];
  if (!LANGUAGES.includes(code.toLowerCase())) return languageNames().get(plain(text));
  return region === '' ? code.toLowerCase() : `${code.toLowerCase()}-${region.toUpperCase()}`;
}
