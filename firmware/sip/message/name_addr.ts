/** From, To, Contact, Route and their like: a display name, a URI, parameters (RFC 3261 20.10, 25.1). */
import { runEnd, TOKEN, trimmed, VISIBLE } from './chars.ts';
import { type Params, quoted, readParams } from './params.ts';
import { Scanner } from './scanner.ts';
import { octetText, plainText } from './text.ts';

export interface NameAddr {
  /** The display name for people (UTF-8, no quotes); empty without one. */
  readonly name: string;
  /** The URI as written, its own parameters included. */
  readonly uri: string;
  /** The header field's parameters, such as `tag`. */
  readonly params: Params;
}

const OPEN = 0x3c;
const QUOTE = 0x22;

/** Reads one element, the whole text; undefined: it is none (`*` is none either). */
export function parseNameAddr(text: string): NameAddr | undefined {
  const scanner = new Scanner(text);
  const value = readNameAddr(scanner);
  return scanner.atEnd ? value : undefined;
}

/** Reads one element up to a comma or the end. */
export function readNameAddr(scanner: Scanner): NameAddr | undefined {
  scanner.space();
  const { text, at } = scanner;
  if (scanner.is(QUOTE)) {
    const name = scanner.quoted();
    scanner.space();
    return name !== undefined && scanner.is(OPEN) ? bracketed(scanner, name) : undefined;
  }
  const open = text.indexOf('<', at);
  if (open < 0 || isBareUri(text, at, open)) return bare(scanner);
  const name = trimmed(text, at, open);
  // Names that need quotes and have none (commas, UTF-8) are common; what they mean is plain.
  if (name.includes('"')) return undefined;
  scanner.at = open;
  return bracketed(scanner, name);
}

/** Whether a scheme stands before the bracket: then the bracket belongs to a parameter or a later element. */
function isBareUri(text: string, at: number, open: number): boolean {
  const end = runEnd(text, at, TOKEN);
  return end > at && end < open && text.charCodeAt(end) === 0x3a;
}

function bracketed(scanner: Scanner, name: string): NameAddr | undefined {
  const { text } = scanner;
  const close = text.indexOf('>', scanner.at);
  if (close < 0) return undefined;
  const uri = text.slice(scanner.at + 1, close);
  scanner.at = close + 1;
  const params = readParams(scanner);
  return params && isUri(uri) ? { name: plainText(name), uri, params } : undefined;
}

/** Without brackets semicolons begin the header field's parameters, and commas and `?` cannot stand in the URI. */
function bare(scanner: Scanner): NameAddr | undefined {
  const { text, at } = scanner;
  let end = at;
  while (end < text.length && !' \t\r\n;,?'.includes(text.charAt(end))) end += 1;
  const uri = text.slice(at, end);
  scanner.at = end;
  const params = readParams(scanner);
  return params && isUri(uri) ? { name: '', uri, params } : undefined;
}

/** A scheme, a colon, something without white space: whose scheme it is does not matter here. */
function isUri(text: string): boolean {
  const colon = runEnd(text, 0, TOKEN);
  return (
    colon > 0 &&
    colon < text.length - 1 &&
    text.charCodeAt(colon) === 0x3a &&
    runEnd(text, colon, VISIBLE) === text.length
  );
}

/** A display name (UTF-8) as octet text in quotes, for the writer; control characters become spaces. */
export function quoteName(name: string): string {
  return quoted(octetText(name));
}

/** The element as octet text. */
export function formatNameAddr(value: NameAddr): string {
  const name = value.name === '' ? '' : `${quoteName(value.name)} `;
  return `${name}<${value.uri}>${value.params}`;
}
