/**
 * XML of configuration files: well-formed, small and flat, without document type or entities of its own. The file
 * comes from a server that may be anybody, so everything that could cost much is refused before the parser sees it.
 */
import { XmlElement as ParsedElement, parseXml, XmlError, XmlText } from '@rgrove/parse-xml';
import { FormatError } from './format_error.ts';
import { lineAt } from './text.ts';

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** What stands directly in it, without blanks around. */
  readonly text: string;
  readonly children: readonly XmlElement[];
}

/** Fanvil nests deepest, with six. The parser recurses. */
const DEEPEST = 32;
/** A desk telephone with all keys has about 6000. */
const MOST_ELEMENTS = 20_000;
/** Characters of one tag: a few attributes. */
const LONGEST_TAG = 4096;

/** The root element. Throws `FormatError`: line and reason, never a piece of the file (it may be a password). */
export function readXml(text: string): XmlElement {
  refuseExcess(text);
  try {
    const { root } = parseXml(text);
    if (root === null) throw new FormatError('XML without an element');
    return simplified(root);
  } catch (error) {
    if (error instanceof XmlError) {
      throw new FormatError(`XML, line ${error.line}, column ${error.column}: ${reasonOf(error.message)}`);
    }
    throw error;
  }
}

function simplified(element: ParsedElement): XmlElement {
  const { name, attributes } = element;
  const children = element.children.filter((child) => child instanceof ParsedElement).map(simplified);
  const text = element.children.filter((child) => child instanceof XmlText).map((child) => child.text);
  return { name, attributes, children, text: text.join('').trim() };
}

/** The parser's messages name elements and entities, which in a damaged file may be pieces of a password. */
const REASONS: readonly [RegExp, string][] = [
  [
    /^Missing end tag|^Unclosed (?:start|end) tag/,
    'an element is not closed, or closed by another’s end tag',
  ],
  [/entity/i, 'an entity that XML does not define (an & is written &amp;)'],
  [/reference/i, 'an & that begins no reference (it is written &amp;)'],
  [/attribute/i, 'an attribute without a proper value, or given twice'],
  [/comment|CDATA|processing instruction/i, 'a comment, section or instruction that is not closed'],
  [/Invalid character/, 'a character that XML does not allow'],
  [/XML declaration|version/, 'an XML declaration that is wrong or not at the beginning'],
  [/^Extra content/, 'something follows the last element'],
  [/^Root element/, 'no element'],
];

function reasonOf(message: string): string {
  return REASONS.find(([pattern]) => pattern.test(message))?.[1] ?? 'not well-formed';
}

/** What is skipped as a whole, with what ends it. */
const SECTIONS: readonly [begins: string, ends: string, name: string][] = [
  ['<!--', '-->', 'a comment'],
  ['<![CDATA[', ']]>', 'a CDATA section'],
  ['<?', '?>', 'an instruction'],
];

/** One pass over the tags, in linear time. What is malformed otherwise is the parser's to find. */
function refuseExcess(text: string): void {
  const refuse = (at: number, what: string): never => {
    throw new FormatError(`XML, line ${lineAt(text, at)}: ${what}`);
  };
  let depth = 0;
  let elements = 0;
  let at = text.indexOf('<');
  while (at >= 0) {
    const start = at;
    const section = SECTIONS.find(([begins]) => text.startsWith(begins, start));
    let end: number;
    if (section) {
      const [begins, ends, name] = section;
      end = text.indexOf(ends, at + begins.length);
      if (end < 0) refuse(at, `${name} is not closed`);
    } else if (text.startsWith('<!', at)) {
      end = refuse(at, 'a document type or entity declaration: refused, no telephone’s format has one');
    } else {
      end = tagEnd(text, at);
      if (end < 0) refuse(at, `a tag is not closed, or longer than ${LONGEST_TAG} characters`);
      if (text[at + 1] === '/') depth -= 1;
      else {
        elements += 1;
        if (text[end - 1] !== '/') depth += 1;
      }
      if (depth > DEEPEST) refuse(at, `elements nested deeper than ${DEEPEST}`);
      if (elements > MOST_ELEMENTS) refuse(at, `more than ${MOST_ELEMENTS} elements`);
    }
    at = text.indexOf('<', end + 1);
  }
}

/** Index of the `>` that ends the tag at `at`; -1: there is none near. */
function tagEnd(text: string, at: number): number {
  const last = Math.min(text.length, at + LONGEST_TAG);
  let quote = '';
  for (let i = at + 1; i < last; i += 1) {
    const character = text[i] ?? '';
    if (quote !== '') quote = character === quote ? '' : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === '>') return i;
  }
  return -1;
}
