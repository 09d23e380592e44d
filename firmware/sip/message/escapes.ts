/** `%HH` of URIs (RFC 3261 19.1.2). */
import { HEX, isAt, runEnd } from './chars.ts';

/** The text with its `%HH` turned into octets; undefined when a `%` has no two hexadecimal digits. */
export function unescaped(text: string): string | undefined {
  let percent = text.indexOf('%');
  if (percent < 0) return text;
  let result = '';
  let from = 0;
  while (percent >= 0) {
    if (!isAt(text, percent + 1, HEX) || !isAt(text, percent + 2, HEX)) return undefined;
    const code = Number.parseInt(text.slice(percent + 1, percent + 3), 16);
    result += text.slice(from, percent) + String.fromCharCode(code);
    from = percent + 3;
    percent = text.indexOf('%', from);
  }
  return result + text.slice(from);
}

/** The text with every character that is not of `classes` as `%HH`. */
export function escaped(text: string, classes: number): string {
  if (runEnd(text, 0, classes) === text.length) return text;
  let result = '';
  for (let i = 0; i < text.length; i += 1) {
    const hex = (text.charCodeAt(i) & 0xff).toString(16).toUpperCase().padStart(2, '0');
    result += isAt(text, i, classes) ? text.charAt(i) : `%${hex}`;
  }
  return result;
}
