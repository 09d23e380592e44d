/**
 * Character classes of RFC 3261 25.1 as one table, and runs over them. Text here is Latin-1 text: one character
 * an octet, so that nothing is lost of what a peer sent.
 */

export const TOKEN = 1;
export const DIGIT = 2;
export const HEX = 4;
/** Letters, digits, hyphen and dot of a host name; the underscore too, for hosts that have one in the field. */
export const HOST = 8;
/** What a user part holds unescaped: unreserved and user-unreserved. */
export const USER = 16;
/** What a password holds unescaped. */
export const PASSWORD = 32;
/** What a URI parameter holds unescaped: paramchar. */
export const PARAMETER = 64;
/** SP, HTAB, and CR and LF of a folded line. */
export const SPACE = 128;
/** What a parameter's value holds outside quotes: hosts and odd extensions are more than tokens. */
export const VALUE = 256;
/** No white space, control character, quote or angle bracket: what may stand in a URI, careless octets included. */
export const VISIBLE = 512;

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const UNRESERVED = `${ALPHANUMERIC}-_.!~*'()`;

const CLASSES: readonly (readonly [mask: number, members: string])[] = [
  [TOKEN, `${ALPHANUMERIC}-.!%*_+\`'~`],
  [DIGIT, '0123456789'],
  [HEX, '0123456789abcdefABCDEF'],
  [HOST, `${ALPHANUMERIC}-._`],
  [USER, `${UNRESERVED}&=+$,;?/`],
  [PASSWORD, `${UNRESERVED}&=+$,`],
  [PARAMETER, `${UNRESERVED}[]/:&+$`],
  [SPACE, ' \t\r\n'],
];

const TABLE = new Uint16Array(256);
for (let code = 0; code < 256; code += 1) {
  const character = String.fromCharCode(code);
  if (code <= 0x20 || code === 0x7f) continue;
  if (!';,"'.includes(character)) TABLE[code] = VALUE;
  if (!'"<>'.includes(character)) TABLE[code] = (TABLE[code] ?? 0) | VISIBLE;
}
for (const [mask, members] of CLASSES) {
  for (const member of members) {
    const code = member.charCodeAt(0);
    TABLE[code] = (TABLE[code] ?? 0) | mask;
  }
}

/** Whether the character at `at` is of one of the classes; false past the end. */
export function isAt(text: string, at: number, classes: number): boolean {
  return at >= 0 && at < text.length && ((TABLE[text.charCodeAt(at)] ?? 0) & classes) !== 0;
}

/** Where the run of characters of these classes that begins at `at` ends. */
export function runEnd(text: string, at: number, classes: number): number {
  const limit = text.length;
  let end = at;
  // Never past the end: the code there would be NaN, and looking NaN up in the table costs more than all the rest.
  while (end < limit && ((TABLE[text.charCodeAt(end)] ?? 0) & classes) !== 0) end += 1;
  return end;
}

/** Whether the whole text, not empty, is of these classes. */
export function isAll(text: string, classes: number): boolean {
  return text.length > 0 && runEnd(text, 0, classes) === text.length;
}

/** The text without white space at both ends. */
export function trimmed(text: string, from = 0, to = text.length): string {
  let start = from;
  let end = to;
  while (start < end && isAt(text, start, SPACE)) start += 1;
  while (end > start && isAt(text, end - 1, SPACE)) end -= 1;
  return text.slice(start, end);
}

/** A decimal number of at most 15 digits, else undefined. */
export function decimal(text: string): number | undefined {
  return text.length <= 15 && isAll(text, DIGIT) ? Number(text) : undefined;
}

/** A port, 1–65535, else undefined. */
export function portOf(text: string): number | undefined {
  const port = decimal(text);
  return port !== undefined && port >= 1 && port <= 65535 ? port : undefined;
}
