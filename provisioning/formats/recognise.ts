/** Which format a configuration file has, by what is in it: names and content types of provisioning servers lie. */
import type { FileFormat } from '../types.ts';
import { FormatError } from './format_error.ts';
import { readXml, type XmlElement } from './xml.ts';

export type Recognised =
  | { readonly format: 'dualtone' | 'yealink' }
  | { readonly format: 'snom' | 'grandstream' | 'cisco-spa' | 'fanvil'; readonly root: XmlElement };

const ROOTS: Readonly<Record<string, Exclude<FileFormat, 'dualtone' | 'yealink'>>> = {
  settings: 'snom',
  'phone-settings': 'snom',
  gs_provision: 'grandstream',
  'flat-profile': 'cisco-spa',
  VOIP_CONFIG_FILE: 'fanvil',
};

/** First line of every Yealink file; its telephones read none without it. */
const YEALINK = /^\s*#!version:/i;
/** A file of pairs whose first line somebody took away. */
const PAIRS =
  /^(?:\s*#[^\n]*\n|\s*\n)*\s*(?:account|static|local_time|features|sip|voice_mail)(?:\.\w+)+[ \t]*=/;
/** `key!: value`, the form before Snom's XML, alone or in a page. */
const SNOM_LINES = /^(?:\s|<\/?(?:html|pre|body)>|#[^\n]*\n)*[a-z]\w*[!&$]:/i;

/** Throws `FormatError` where it is clear what the file is, and that it cannot be read. */
export function recognise(text: string): Recognised {
  if (YEALINK.test(text) || PAIRS.test(text)) return { format: 'yealink' };
  if (SNOM_LINES.test(text)) {
    throw new FormatError('the file has Snom’s old form (key!: value): configure the XML form (<settings>)');
  }
  if (!/^\s*</.test(text)) return { format: 'dualtone' };
  if (/^\s*(?:<!doctype\s+html|<html|<head|<body)/i.test(text)) {
    throw new FormatError('an HTML page, no configuration: does the server ask for a login?');
  }
  const root = readXml(text.trimStart());
  const format = Object.hasOwn(ROOTS, root.name) ? ROOTS[root.name] : undefined;
  if (format === undefined) {
    throw new FormatError(`XML whose first element is none of ${Object.keys(ROOTS).join(', ')}`);
  }
  return { format, root };
}
