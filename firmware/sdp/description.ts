/**
 * A session description (RFC 8866), read strictly and written. The order of lines is the grammar's; what has no
 * meaning here (attributes, protocols and formats that we do not know) is kept as it stands. A description that
 * breaks the grammar is no description: the reader says in which line and why, and never throws.
 *
 * Lenient only where the field leaves no choice: lines may end with LF alone (section 5), `s=` may be empty (the
 * examples of RFC 3264 are), blank lines may follow the last one, IPv6 may stand in brackets (SIPp 3.6.1).
 */
import {
  type Attribute,
  type Bandwidth,
  type Connection,
  FieldFault,
  formatAttribute,
  formatConnection,
  formatMediaLine,
  formatOrigin,
  type MediaLine,
  type Origin,
  parseAttribute,
  parseBandwidth,
  parseConnection,
  parseMediaLine,
  parseOrigin,
} from './fields.ts';

/** One `m=` line and what belongs to it. */
export interface Media extends MediaLine {
  readonly information?: string;
  /** More than one only for the layers of a multicast session. */
  readonly connections: readonly Connection[];
  readonly bandwidths: readonly Bandwidth[];
  readonly key?: string;
  readonly attributes: readonly Attribute[];
}

/** `t=` with the `r=` and `z=` lines behind it; seconds since 1900, 0: unbounded. */
export interface Timing {
  readonly start: string;
  readonly stop: string;
  readonly repeats: readonly string[];
  readonly zones?: string;
}

export interface Description {
  readonly origin: Origin;
  /** `s=` */
  readonly name: string;
  readonly information?: string;
  readonly uri?: string;
  readonly emails: readonly string[];
  readonly phones: readonly string[];
  readonly connection?: Connection;
  readonly bandwidths: readonly Bandwidth[];
  /** At least one. */
  readonly timings: readonly Timing[];
  readonly key?: string;
  readonly attributes: readonly Attribute[];
  readonly media: readonly Media[];
}

export type Parsed =
  | { readonly ok: true; readonly description: Description }
  /** `line` counts from 1. */
  | { readonly ok: false; readonly line: number; readonly reason: string };

const MAX_TEXT = 65_536;
const MAX_LINES = 1_000;
const MAX_LINE = 8_192;
const MAX_MEDIA = 64;

export function parseDescription(text: string): Parsed {
  if (text.length > MAX_TEXT) return { ok: false, line: 1, reason: `more than ${MAX_TEXT} characters` };
  const lines = text.split('\n', MAX_LINES + 2);
  while (lines.length > 1 && /^\r?$/.test(lines.at(-1) ?? '')) lines.pop();
  if (lines.length > MAX_LINES) return { ok: false, line: MAX_LINES, reason: `more than ${MAX_LINES} lines` };
  const reader = new LineReader(lines);
  const description = readDescription(reader);
  return reader.fault ?? { ok: true, description };
}

type Fault = Extract<Parsed, { ok: false }>;

/** Walks over the lines. After the first fault it stands at the end, so whoever reads on finds nothing and stops. */
class LineReader {
  readonly #lines: readonly string[];
  #next = 0;
  #type = '';
  #value = '';
  fault: Fault | undefined;

  constructor(lines: readonly string[]) {
    this.#lines = lines;
    this.#look();
  }

  #look(): void {
    const raw = this.#lines[this.#next] ?? '';
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    this.#type = line[1] === '=' ? (line[0] ?? '') : '';
    this.#value = line.slice(2);
    if (this.#next >= this.#lines.length) return;
    if (this.#type === '') this.fail('not of the form x=value');
    else if (line.length > MAX_LINE) this.fail(`more than ${MAX_LINE} characters`);
    else if (line.includes('\r') || line.includes('\0')) this.fail('CR or NUL inside the line');
  }

  fail(reason: string): void {
    this.fault ??= { ok: false, line: Math.min(this.#next + 1, this.#lines.length), reason };
    this.#type = '';
  }

  isAt(type: string): boolean {
    return this.#type === type;
  }

  /** The value of the line, if it is of this type. */
  optional(type: string): string | undefined {
    if (this.#type !== type) return undefined;
    const value = this.#value;
    if (value === '' && type !== 's') {
      this.fail(`${type}= is empty`);
      return undefined;
    }
    this.#next += 1;
    this.#look();
    return value;
  }

  /** Reads the line, if it is of this type, with a reader of its value. */
  parsed<T>(type: string, parse: (value: string) => T | FieldFault): T | undefined {
    if (this.#type !== type) return undefined;
    const field = parse(this.#value);
    if (field instanceof FieldFault) {
      this.fail(field.reason);
      return undefined;
    }
    this.#next += 1;
    this.#look();
    return field;
  }

  /** Reads lines of this type while they come. */
  all<T>(type: string, parse: (value: string) => T | FieldFault): T[] {
    const fields: T[] = [];
    while (this.#type === type) {
      const field = this.parsed(type, parse);
      if (field !== undefined) fields.push(field);
    }
    return fields;
  }

  /** Fails unless every line was read. */
  end(): void {
    if (this.fault === undefined && this.#next < this.#lines.length)
      this.fail(`${this.#type}= cannot stand here`);
  }
}

const NO_ORIGIN: Origin = {
  username: '-',
  sessionId: '0',
  sessionVersion: '0',
  netType: 'IN',
  addressType: 'IP4',
  address: '0.0.0.0',
};

function readDescription(lines: LineReader): Description {
  if (lines.parsed('v', parseVersion) === undefined) lines.fail('v= expected');
  const origin = lines.parsed('o', parseOrigin) ?? NO_ORIGIN;
  if (origin === NO_ORIGIN) lines.fail('o= expected');
  const name = lines.optional('s');
  if (name === undefined) lines.fail('s= expected');
  const session = {
    origin,
    name: name ?? '',
    ...optionals({ information: lines.optional('i'), uri: lines.optional('u') }),
    emails: lines.all('e', parseText),
    phones: lines.all('p', parseText),
    ...optionals({ connection: lines.parsed('c', parseConnection) }),
    bandwidths: lines.all('b', parseBandwidth),
    timings: readTimings(lines),
    ...optionals({ key: lines.optional('k') }),
    attributes: lines.all('a', parseAttribute),
    media: readMedia(lines),
  };
  lines.end();
  return session;
}

function readTimings(lines: LineReader): Timing[] {
  const timings: Timing[] = [];
  if (!lines.isAt('t')) lines.fail('t= expected');
  while (lines.isAt('t')) {
    const times = lines.parsed('t', parseTimes);
    const repeats = lines.all('r', parseText);
    if (times !== undefined)
      timings.push({ ...times, repeats, ...optionals({ zones: lines.optional('z') }) });
  }
  return timings;
}

function readMedia(lines: LineReader): Media[] {
  const media: Media[] = [];
  while (lines.isAt('m')) {
    if (media.length === MAX_MEDIA) lines.fail(`more than ${MAX_MEDIA} media`);
    const line = lines.parsed('m', parseMediaLine);
    if (line === undefined) break;
    media.push({
      ...line,
      ...optionals({ information: lines.optional('i') }),
      connections: lines.all('c', parseConnection),
      bandwidths: lines.all('b', parseBandwidth),
      ...optionals({ key: lines.optional('k') }),
      attributes: lines.all('a', parseAttribute),
    });
  }
  return media;
}

function parseVersion(value: string): string | FieldFault {
  return value === '0' ? value : new FieldFault(`version ${value.slice(0, 9)} is unknown`);
}

function parseText(value: string): string | FieldFault {
  return value === '' ? new FieldFault('empty value') : value;
}

function parseTimes(value: string): { start: string; stop: string } | FieldFault {
  const [, start, stop] = /^(\d{1,20}) (\d{1,20})$/.exec(value) ?? [];
  return start === undefined || stop === undefined ? new FieldFault('t= needs two numbers') : { start, stop };
}

/** Leaves out what is undefined. */
function optionals<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

/** Writes a description with CRLF behind every line. `parseDescription` reads the same value back. */
export function formatDescription(session: Description): string {
  const lines = ['v=0', `o=${formatOrigin(session.origin)}`, `s=${session.name}`];
  const put = (type: string, values: readonly (string | undefined)[]) => {
    for (const value of values) if (value !== undefined) lines.push(`${type}=${value}`);
  };
  put('i', [session.information]);
  put('u', [session.uri]);
  put('e', session.emails);
  put('p', session.phones);
  put('c', [session.connection && formatConnection(session.connection)]);
  put(
    'b',
    session.bandwidths.map(({ type, value }) => `${type}:${value}`),
  );
  for (const { start, stop, repeats, zones } of session.timings) {
    put('t', [`${start} ${stop}`]);
    put('r', repeats);
    put('z', [zones]);
  }
  put('k', [session.key]);
  put('a', session.attributes.map(formatAttribute));
  for (const media of session.media) {
    put('m', [formatMediaLine(media)]);
    put('i', [media.information]);
    put('c', media.connections.map(formatConnection));
    put(
      'b',
      media.bandwidths.map(({ type, value }) => `${type}:${value}`),
    );
    put('k', [media.key]);
    put('a', media.attributes.map(formatAttribute));
  }
  return `${lines.join('\r\n')}\r\n`;
}
