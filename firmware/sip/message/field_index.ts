/**
 * Where the header fields of a message stand, found in one pass (RFC 3261 7.3.1). An index is a flat list of four
 * numbers a field: HeaderId, start of its line, start of its value (-1: no header field at all), end before CRLF.
 */
import { runEnd, SPACE, TOKEN, trimmed } from './chars.ts';
import { headerIdAt, UNKNOWN } from './headers.ts';

/** Numbers a field. */
export const STRIDE = 4;

/** Finds every field behind the start line; a line without a name or a colon gets value start -1. */
export function indexFields(text: string, headEnd: number): readonly number[] {
  const index: number[] = [];
  let colon = -1;
  let start = text.indexOf('\r\n') + 2;
  while (start < headEnd) {
    let end = text.indexOf('\r\n', start);
    while (end + 2 < headEnd && isFold(text, end + 2)) end = text.indexOf('\r\n', end + 2);
    if (colon < start) {
      colon = text.indexOf(':', start);
      if (colon < 0) colon = headEnd;
    }
    if (colon >= end) {
      index.push(UNKNOWN, start, -1, end);
    } else {
      const id = headerIdAt(text, start, colon);
      if (id !== UNKNOWN) index.push(id, start, colon + 1, end);
      else indexOddName(index, text, start, colon, end);
    }
    start = end + 2;
  }
  return index;
}

/** A name that is not in the table, or that white space keeps from its colon (RFC 3261 7.3.1), or none at all. */
function indexOddName(index: number[], text: string, start: number, colon: number, end: number): void {
  const nameEnd = runEnd(text, start, TOKEN);
  const isName = nameEnd > start && runEnd(text, nameEnd, SPACE) === colon;
  if (isName) index.push(headerIdAt(text, start, nameEnd), start, colon + 1, end);
  else index.push(UNKNOWN, start, -1, end);
}

/** A line that begins with white space goes on with the one before (RFC 3261 7.3.1). */
function isFold(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 0x20 || code === 0x09;
}

/** Each fold becomes one space (RFC 3261 7.3.1). */
export function unfolded(value: string): string {
  if (!value.includes('\r\n')) return value;
  return value
    .split('\r\n')
    .map((line) => trimmed(line))
    .join(' ');
}
