/** Challenges and credentials: a scheme and `name=value` between commas (RFC 3261 25.1, RFC 7235 2.1). */
import { isAt, TOKEN } from '../message/chars.ts';
import { Scanner } from '../message/scanner.ts';

export interface AuthFields {
  /** Lower-case. */
  readonly scheme: string;
  /** Lower-case names; values without quotes, octet text; the first of a name counts. */
  readonly params: ReadonlyMap<string, string>;
}

const COMMA = 0x2c;
const EQUAL = 0x3d;
const QUOTE = 0x22;

/** Exactly one challenge or one set of credentials; undefined: the text is none. */
export function parseAuthFields(text: string): AuthFields | undefined {
  const [only, ...more] = parseAuthFieldsList(text);
  return more.length === 0 ? only : undefined;
}

/**
 * Every challenge in one header field. A token that `=` does not follow begins the next one. Reading stops where
 * the text is no list of parameters; what came before counts.
 */
export function parseAuthFieldsList(text: string): readonly AuthFields[] {
  const list: AuthFields[] = [];
  const scanner = new Scanner(text);
  let params: Map<string, string> | undefined;
  while (skipCommas(scanner)) {
    const name = scanner.token().toLowerCase();
    if (name === '') break;
    if (scanner.separator(EQUAL)) {
      const value = readValue(scanner);
      if (value === undefined || params === undefined) break;
      if (!params.has(name)) params.set(name, value);
    } else {
      params = new Map();
      list.push({ scheme: name, params });
      scanner.space();
      if (!scanner.atEnd && !isAt(text, scanner.at, TOKEN) && !scanner.is(COMMA)) break;
    }
  }
  return list;
}

/** True when something is left behind commas and white space. */
function skipCommas(scanner: Scanner): boolean {
  scanner.space();
  while (scanner.take(COMMA)) scanner.space();
  return !scanner.atEnd;
}

/** A quoted string, or the run up to a comma or white space: base64 and the like are no tokens. */
function readValue(scanner: Scanner): string | undefined {
  if (scanner.is(QUOTE)) return scanner.quoted();
  const start = scanner.at;
  while (!scanner.atEnd && !' \t\r\n,"'.includes(scanner.text.charAt(scanner.at))) scanner.at += 1;
  return scanner.at === start ? undefined : scanner.text.slice(start, scanner.at);
}
