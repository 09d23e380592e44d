/** Header fields that are lists: where one element ends and the next begins (RFC 3261 7.3.1). */
import { trimmed } from './chars.ts';
import { quotedEnd } from './scanner.ts';

/**
 * The elements between commas, trimmed, empty ones left out. Commas in quoted strings, angle brackets and
 * comments do not count; what opens and never closes is text like any other.
 */
export function elementsOf(text: string): readonly string[] {
  if (!text.includes(',')) {
    const only = trimmed(text);
    return only === '' ? [] : [only];
  }
  const elements: string[] = [];
  const closes = new Closings(text);
  let start = 0;
  for (let at = 0; at <= text.length; at += 1) {
    if (at === text.length || text.charCodeAt(at) === COMMA) {
      const element = trimmed(text, start, at);
      if (element !== '') elements.push(element);
      start = at + 1;
    } else {
      at = closes.past(at) - 1;
    }
  }
  return elements;
}

const COMMA = 0x2c;
const QUOTE = 0x22;
const OPEN_ANGLE = 0x3c;
const OPEN_COMMENT = 0x28;

/** Finds what closes; once a kind never closes, it is not looked for again, so that the whole stays linear. */
class Closings {
  private readonly text: string;
  private readonly hopeless = new Set<number>();

  constructor(text: string) {
    this.text = text;
  }

  /** Behind what opens at `at`, or behind the one character that stands there. */
  past(at: number): number {
    const code = this.text.charCodeAt(at);
    if (code !== QUOTE && code !== OPEN_ANGLE && code !== OPEN_COMMENT) return at + 1;
    if (this.hopeless.has(code)) return at + 1;
    const end = this.endOf(code, at);
    if (end > 0) return end;
    this.hopeless.add(code);
    return at + 1;
  }

  private endOf(code: number, at: number): number {
    if (code === QUOTE) return quotedEnd(this.text, at);
    if (code === OPEN_ANGLE) return this.text.indexOf('>', at) + 1;
    return commentEnd(this.text, at);
  }
}

/** Behind the comment that opens at `at`, nested ones included; -1 when it never closes. */
function commentEnd(text: string, at: number): number {
  let depth = 0;
  for (let next = at; next < text.length; next += 1) {
    const character = text.charAt(next);
    if (character === '\\') next += 1;
    else if (character === '(') depth += 1;
    else if (character === ')') {
      depth -= 1;
      if (depth === 0) return next + 1;
    }
  }
  return -1;
}
