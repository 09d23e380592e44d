/**
 * From the octets of a configuration file to its text. Provisioning servers send what their administrators' editors
 * wrote: UTF-8 with and without byte order mark, UTF-16 from Windows, ISO 8859-1 from old templates.
 */
import { FormatError } from './format_error.ts';

/** Real files have 1 to 700 kB (all accounts and keys of a large desk telephone). Octets. */
export const LARGEST_FILE = 1 << 20;

export interface DecodedText {
  /** Line ends are LF, there is no byte order mark. */
  readonly text: string;
  /** Said to the administrator. */
  readonly warnings: readonly string[];
}

/** What begins like this is no text; the administrator is told what to do. */
const NO_TEXT: readonly [begins: readonly number[], what: string][] = [
  [[0x1f, 0x8b], 'is compressed with gzip: let the server send it as it is'],
  [[0x50, 0x4b, 3, 4], 'is a ZIP archive: let the server send the file inside'],
  [
    [0x53, 0x61, 0x6c, 0x74, 0x65, 0x64, 0x5f, 0x5f],
    'is encrypted (OpenSSL): let the server send it in clear, over HTTPS',
  ],
];

/** Throws `FormatError` for what is no text, or too much of it. */
export function decodeText(octets: Uint8Array): DecodedText {
  if (octets.length > LARGEST_FILE) {
    throw new FormatError(`the file has ${octets.length} octets: more than ${LARGEST_FILE} are not read`);
  }
  for (const [begins, what] of NO_TEXT) {
    if (begins.every((octet, at) => octets[at] === octet)) throw new FormatError(`the file ${what}`);
  }
  refuseGrandstreamBinary(octets);
  const { text, warnings } = inEncoding(octets);
  const plain = text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const control = /[\0-\x08\x0b\x0e-\x1f\x7f]/.exec(plain);
  if (control) {
    const code = control[0].charCodeAt(0).toString(16).padStart(2, '0');
    throw new FormatError(
      `line ${lineAt(plain, control.index)}: a control character (0x${code}): the file is damaged or no text`,
    );
  }
  return { text: plain, warnings };
}

/** 1 for the first line. */
export function lineAt(text: string, index: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < index; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}

/** Length, checksum and MAC address, then CR LF CR LF: the 16 octets before the pairs of the old form. */
function refuseGrandstreamBinary(octets: Uint8Array): void {
  if ([13, 10, 13, 10].every((octet, at) => octets[12 + at] === octet) && octets[16] === 0x50) {
    throw new FormatError('the file has Grandstream’s binary form: configure the XML form (cfg<mac>.xml)');
  }
}

const decoder = (encoding: string) => new TextDecoder(encoding, { fatal: true, ignoreBOM: true });

function inEncoding(octets: Uint8Array): DecodedText {
  const sixteen = utf16(octets);
  if (sixteen !== undefined) return { text: decoded(sixteen, octets), warnings: [] };
  const declared = declaredEncoding(octets);
  if (declared !== undefined) return { text: decoded(declared, octets), warnings: [] };
  try {
    return { text: decoder('utf-8').decode(octets), warnings: [] };
  } catch {
    // Every octet is a character of it.
    const text = decoder('windows-1252').decode(octets);
    return { text, warnings: ['the file is not UTF-8: read as ISO 8859-1'] };
  }
}

function decoded(encoding: string, octets: Uint8Array): string {
  try {
    return decoder(encoding).decode(octets);
  } catch {
    throw new FormatError(`the file is not ${encoding.toUpperCase()}, although it begins like that`);
  }
}

/** By byte order mark, or by the first character of all our formats, which is one of ASCII (XML, appendix F). */
function utf16(octets: Uint8Array): string | undefined {
  const [first, second] = octets;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first !== 0 && second === 0 && octets.length % 2 === 0) return 'utf-16le';
  if (first === 0 && second !== 0 && second !== undefined) return 'utf-16be';
  return undefined;
}

const SINGLE_OCTET = ['iso-8859-1', 'iso-8859-15', 'iso-8859-2', 'windows-1252', 'latin1'];

/** What an XML declaration says, where that is an encoding of one octet a character. */
function declaredEncoding(octets: Uint8Array): string | undefined {
  const head = decoder('windows-1252').decode(octets.subarray(0, 128));
  const [, name = ''] = /^(?:\xef\xbb\xbf)?<\?xml[^>]*\bencoding\s*=\s*["']([\w.-]+)["']/.exec(head) ?? [];
  const encoding = name.toLowerCase();
  return SINGLE_OCTET.includes(encoding) ? encoding : undefined;
}
