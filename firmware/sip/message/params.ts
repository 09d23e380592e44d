/**
 * Parameters `;name=value`: small, ordered, names without regard to case. Values of header parameters are kept
 * without their quotes, values of URI parameters without their escapes; who writes them puts both back.
 */
import { isAll, TOKEN, VALUE } from './chars.ts';
import type { Scanner } from './scanner.ts';

/** `true`: a flag, a name without a value. */
export type ParamValue = string | true;

const SEMICOLON = 0x3b;
const COMMA = 0x2c;
const EQUAL = 0x3d;
const QUOTE = 0x22;

export class Params {
  static readonly none: Params = new Params([], []);

  /** Lower-case. */
  readonly names: readonly string[];
  /** `values[i]` belongs to `names[i]`. */
  readonly values: readonly ParamValue[];

  /** `names` are lower-case. */
  constructor(names: readonly string[], values: readonly ParamValue[]) {
    this.names = names;
    this.values = values;
  }

  static of(entries: Iterable<readonly [name: string, value: ParamValue]>): Params {
    const list = [...entries];
    return new Params(
      list.map(([name]) => name.toLowerCase()),
      list.map(([, value]) => value),
    );
  }

  get size(): number {
    return this.names.length;
  }

  /** The value of the first parameter of this lower-case name. */
  get(name: string): ParamValue | undefined {
    const names = this.names;
    for (let i = 0; i < names.length; i += 1) {
      if (names[i] === name) return this.values[i];
    }
    return undefined;
  }

  has(name: string): boolean {
    return this.names.includes(name);
  }

  /** The value where there is one that is not empty. */
  text(name: string): string | undefined {
    const value = this.get(name);
    return value === true || value === '' ? undefined : value;
  }

  *[Symbol.iterator](): IterableIterator<[name: string, value: ParamValue]> {
    for (const [i, name] of this.names.entries()) yield [name, this.values[i] ?? true];
  }

  /** The same with `name` set, in its old place or at the end. */
  with(name: string, value: ParamValue): Params {
    const entries = [...this];
    const at = this.names.indexOf(name);
    entries.splice(at < 0 ? entries.length : at, at < 0 ? 0 : 1, [name, value]);
    return Params.of(entries);
  }

  without(name: string): Params {
    return Params.of([...this].filter(([other]) => other !== name));
  }

  /** As parameters of a header field, quoted where needed. */
  toString(): string {
    let text = '';
    for (const [name, value] of this) text += value === true ? `;${name}` : `;${name}=${headerValue(value)}`;
    return text;
  }
}

/** Text in quotes, its quotes and backslashes escaped; CR, LF and NUL cannot stand there and become spaces. */
export function quoted(text: string): string {
  return `"${text.replace(/[\r\n\0]/g, ' ').replace(/["\\]/g, '\\$&')}"`;
}

/** What may stand unquoted as a value: a token, or a host (whose brackets and colons are no token). */
function headerValue(value: string): string {
  return isAll(value, TOKEN) || isBareHost(value) ? value : quoted(value);
}

function isBareHost(value: string): boolean {
  return /^\[?[0-9A-Fa-f:.]{2,45}\]?$/.test(value);
}

/**
 * Reads `;name=value` as often as it stands here (generic-param, RFC 3261 25.1), up to a comma or the end.
 * A parameter without a name, or text that is no parameter, makes it undefined.
 */
export function readParams(scanner: Scanner): Params | undefined {
  scanner.space();
  if (!scanner.is(SEMICOLON)) return atListEnd(scanner) ? Params.none : undefined;
  const names: string[] = [];
  const values: ParamValue[] = [];
  while (scanner.take(SEMICOLON)) {
    scanner.space();
    const name = scanner.token();
    if (name === '') return undefined;
    scanner.space();
    const value = scanner.take(EQUAL) ? readValue(scanner) : true;
    if (value === undefined) return undefined;
    names.push(name.toLowerCase());
    values.push(value);
    scanner.space();
  }
  return atListEnd(scanner) ? new Params(names, values) : undefined;
}

function atListEnd(scanner: Scanner): boolean {
  return scanner.atEnd || scanner.is(COMMA);
}

/** A quoted string, or whatever stands before the next separator. */
function readValue(scanner: Scanner): string | undefined {
  scanner.space();
  if (scanner.is(QUOTE)) return scanner.quoted();
  return scanner.run(VALUE);
}
