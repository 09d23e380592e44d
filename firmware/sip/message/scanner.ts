/** A place in a text that moves forward: what the readers of Via, name-addr and challenges share. */
import { isAt, runEnd, SPACE, TOKEN } from './chars.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

export class Scanner {
  readonly text: string;
  at: number;

  constructor(text: string, at = 0) {
    this.text = text;
    this.at = at;
  }

  get atEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** Whether this character stands here. */
  is(code: number): boolean {
    return this.text.charCodeAt(this.at) === code;
  }

  /** Passes white space, folds included. */
  space(): void {
    while (isAt(this.text, this.at, SPACE)) this.at += 1;
  }

  /** Passes one character if it is this one. */
  take(code: number): boolean {
    if (!this.is(code)) return false;
    this.at += 1;
    return true;
  }

  /** Passes one character with white space on both sides (SLASH, SEMI, EQUAL … of RFC 3261 25.1). */
  separator(code: number): boolean {
    const start = this.at;
    this.space();
    if (this.take(code)) {
      this.space();
      return true;
    }
    this.at = start;
    return false;
  }

  /** The run of characters of these classes, maybe empty. */
  run(classes: number): string {
    const start = this.at;
    this.at = runEnd(this.text, start, classes);
    return this.text.slice(start, this.at);
  }

  /** A token, empty when there is none. */
  token(): string {
    return this.run(TOKEN);
  }

  /** The contents of the quoted string that begins here, escapes undone; undefined when it never ends. */
  quoted(): string | undefined {
    const end = quotedEnd(this.text, this.at);
    if (end < 0) return undefined;
    const raw = this.text.slice(this.at + 1, end - 1);
    this.at = end;
    return raw.includes('\\') ? raw.replace(/\\([\s\S])/g, '$1') : raw;
  }
}

/** Behind the closing quote of the string that opens at `at`; -1 when it never closes or none opens. */
export function quotedEnd(text: string, at: number): number {
  if (text.charCodeAt(at) !== QUOTE) return -1;
  for (let next = at + 1; next < text.length; next += 1) {
    const code = text.charCodeAt(next);
    if (code === QUOTE) return next + 1;
    if (code === BACKSLASH) next += 1;
  }
  return -1;
}
