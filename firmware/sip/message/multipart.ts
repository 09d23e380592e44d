/**
 * Bodies of several parts (RFC 2046 5.1). Delimiters are whole lines; what stands before the first and behind the
 * last is for nobody. A part that no delimiter ends is not there.
 */
import { trimmed } from './chars.ts';
import { unfolded } from './field_index.ts';
import { readParams } from './params.ts';
import { Scanner } from './scanner.ts';

export interface BodyPart {
  /** Values of Content-Type, Content-Disposition and Content-Transfer-Encoding, empty where they are missing. */
  readonly type: string;
  readonly disposition: string;
  readonly encoding: string;
  /** Octet text. */
  readonly content: string;
}

/** Parts read of one multipart body, and how deep they may be nested. */
const MOST = 32;
const DEEPEST = 4;

const MULTIPART = /^multipart\s*\/\s*([^\s;]+)/i;

/**
 * The parts of a body (octet text) of this Content-Type that are no multipart themselves, the preferred first: of
 * alternatives that is the last one (RFC 2046 5.1.4). Empty: it is no multipart, or cannot be read as one.
 */
export function partsOf(type: string, body: string, depth = 0): readonly BodyPart[] {
  const kind = MULTIPART.exec(type)?.[1]?.toLowerCase();
  const boundary = kind === undefined ? undefined : boundaryOf(type);
  if (boundary === undefined || depth === DEEPEST) return [];
  const parts = pieces(body, boundary)
    .map(partOf)
    .flatMap((part) => (MULTIPART.test(part.type) ? partsOf(part.type, part.content, depth + 1) : part));
  return kind === 'alternative' ? parts.toReversed() : parts;
}

function boundaryOf(type: string): string | undefined {
  const semicolon = type.indexOf(';');
  return semicolon < 0 ? undefined : readParams(new Scanner(type, semicolon))?.text('boundary');
}

/** What stands between two delimiter lines. */
function pieces(body: string, boundary: string): readonly string[] {
  // The line end before a delimiter is part of it; the first one has none where nothing stands before it.
  const text = `\r\n${body}`;
  const delimiter = `\r\n--${boundary}`;
  const found: string[] = [];
  let start = -1;
  for (let at = text.indexOf(delimiter); at >= 0; at = text.indexOf(delimiter, at + 2)) {
    const behind = at + delimiter.length;
    const isLast = text.startsWith('--', behind);
    const end = runOfBlanks(text, isLast ? behind + 2 : behind);
    if (end < text.length && !text.startsWith('\r\n', end)) continue;
    if (start >= 0) found.push(text.slice(start, at));
    if (isLast || found.length === MOST) break;
    start = end + 2;
  }
  return found;
}

function runOfBlanks(text: string, from: number): number {
  let end = from;
  while (text.charCodeAt(end) === 0x20 || text.charCodeAt(end) === 0x09) end += 1;
  return end;
}

function partOf(text: string): BodyPart {
  const blank = text.startsWith('\r\n') ? -2 : text.indexOf('\r\n\r\n');
  const head = blank === -1 ? text : text.slice(0, Math.max(0, blank));
  return {
    type: fieldOf(head, 'content-type'),
    disposition: fieldOf(head, 'content-disposition'),
    encoding: fieldOf(head, 'content-transfer-encoding'),
    content: blank === -1 ? '' : text.slice(blank + 4),
  };
}

function fieldOf(head: string, name: string): string {
  const value = new RegExp(`^${name}[ \\t]*:(.*(?:\\r\\n[ \\t].*)*)`, 'im').exec(head)?.[1] ?? '';
  return unfolded(trimmed(value));
}
