/**
 * Text from the network, made safe to look at: control characters and those that turn the direction of writing
 * could make one name look like another. What joins pictures stays.
 */

const INVISIBLE = /(?![\n\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Line feeds stay. */
export function visible(text: string): string {
  return text.replace(INVISIBLE, '\ufffd');
}

/** A SIP message for reading: UTF-8 where it is UTF-8 (the trace carries octets as Latin-1). */
export function readable(octets: string): string {
  const bytes = Uint8Array.from(octets, (char) => char.charCodeAt(0));
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    text = octets;
  }
  return visible(text.replaceAll('\r\n', '\n').replaceAll('\t', ' '));
}

export interface Heading {
  /** Method, or status code. */
  readonly label: string;
  /** Request-URI, or reason phrase and the method that is answered. */
  readonly rest: string;
  readonly kind: 'request' | 'provisional' | 'success' | 'failure';
}

/** The start line in short. */
export function headingOf(text: string): Heading {
  const startLine = text.slice(0, Math.max(0, text.indexOf('\n'))) || text;
  const response = /^SIP\/2\.0 (\d{3}) ?(.*)$/.exec(startLine);
  if (response === null) {
    const [label = '', uri = ''] = startLine.split(' ', 2);
    return { label, rest: uri, kind: 'request' };
  }
  const [, code = '', reason = ''] = response;
  const method = /^cseq\s*:\s*\d+\s+(\S+)/im.exec(text)?.[1] ?? '';
  const kind = code < '200' ? 'provisional' : code < '300' ? 'success' : 'failure';
  return { label: code, rest: method === '' ? reason : `${reason} · ${method}`, kind };
}
