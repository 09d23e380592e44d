/** `received` and `rport` in the topmost Via of a response, every other octet left alone (RFC 3581 4). */

export interface TopVia {
  /** The address that the request came from, IPv6 without brackets. */
  readonly received?: string;
  /** The port that it came from; written only where the request asked with `rport`. */
  readonly rport?: number;
}

interface Span {
  /** Lower-case name of the parameter. */
  readonly name: string;
  /** At its semicolon. */
  readonly start: number;
  /** Behind its value, before white space. */
  readonly end: number;
}

const QUOTE = 0x22;
const SEMICOLON = 0x3b;
const COMMA = 0x2c;

/**
 * `lines` are the request's Via lines as received. The first via-parm of the first line changes: its own `received`
 * and `rport`, whatever they say, are replaced where they stand; a missing `received` goes to its end.
 */
export function withTopVia(lines: string, top: TopVia | undefined): string {
  if (lines === '' || top === undefined || (top.received === undefined && top.rport === undefined))
    return lines;
  const spans = paramSpans(lines);
  const wanted = new Map<string, string>();
  if (top.received !== undefined) wanted.set('received', `;received=${top.received}`);
  if (top.rport !== undefined && spans.params.some(({ name }) => name === 'rport')) {
    wanted.set('rport', `;rport=${top.rport}`);
  }
  const written = new Set<string>();
  let text = '';
  let from = 0;
  for (const { name, start, end } of spans.params) {
    const replacement = wanted.get(name);
    if (replacement === undefined) continue;
    text += lines.slice(from, start) + (written.has(name) ? '' : replacement);
    written.add(name);
    from = end;
  }
  const received = wanted.get('received');
  if (received === undefined || written.has('received')) return text + lines.slice(from);
  return text + lines.slice(from, spans.end) + received + lines.slice(spans.end);
}

/** The parameters of the first via-parm, and where it ends: before a comma or the line's CRLF and white space. */
function paramSpans(lines: string): { readonly params: readonly Span[]; readonly end: number } {
  const params: Span[] = [];
  const fieldEnd = endOfField(lines);
  let semicolon = -1;
  let inQuotes = false;
  let at = lines.indexOf(':') + 1;
  for (; at < fieldEnd; at += 1) {
    const code = lines.charCodeAt(at);
    if (code === QUOTE) inQuotes = !inQuotes;
    else if (inQuotes && code === 0x5c) at += 1;
    else if (!inQuotes && code === COMMA) break;
    else if (!inQuotes && code === SEMICOLON) {
      if (semicolon >= 0) params.push(spanOf(lines, semicolon, at));
      semicolon = at;
    }
  }
  const limit = Math.min(at, fieldEnd);
  if (semicolon >= 0) params.push(spanOf(lines, semicolon, limit));
  return { params, end: backOverSpace(lines, limit) };
}

function spanOf(lines: string, start: number, limit: number): Span {
  const end = backOverSpace(lines, limit);
  const text = lines.slice(start + 1, end);
  const equal = text.indexOf('=');
  return { name: (equal < 0 ? text : text.slice(0, equal)).trim().toLowerCase(), start, end };
}

/** Before the CRLF of the first line that no fold continues. */
function endOfField(lines: string): number {
  let end = lines.indexOf('\r\n');
  while (end >= 0 && /[ \t]/.test(lines.charAt(end + 2))) end = lines.indexOf('\r\n', end + 2);
  return end < 0 ? lines.length : end;
}

function backOverSpace(lines: string, from: number): number {
  let end = from;
  while (end > 0 && /[ \t\r\n]/.test(lines.charAt(end - 1))) end -= 1;
  return end;
}
