/** Values as vendors write them. Each function tells undefined for what it does not understand. */
import { hostAndPort } from '../schema_values.ts';

export type Transport = 'auto' | 'udp' | 'tcp' | 'tls';

export interface Server {
  readonly host: string;
  readonly port?: number;
  readonly transport?: Transport;
}

const YES = ['1', 'on', 'yes', 'true', 'enabled'];
const NO = ['0', 'off', 'no', 'false', 'disabled'];

export function onOff(text: string): boolean | undefined {
  const word = text.toLowerCase();
  if (YES.includes(word)) return true;
  return NO.includes(word) ? false : undefined;
}

/** Digits alone. */
export function wholeNumber(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

const TRANSPORTS: readonly Transport[] = ['udp', 'tcp', 'tls'];

export function transportNamed(text: string): Transport | undefined {
  return TRANSPORTS.find((transport) => transport === text.toLowerCase());
}

/**
 * `pbx.example.net`, `192.0.2.1:5062`, `[2001:db8::1]:5061`, `sip:pbx.example.net;transport=tcp`, `sips:…`. An empty
 * transport says nothing (Wazo writes `;transport=`).
 */
export function serverFrom(text: string): Server | undefined {
  const [, scheme = '', authority = '', parameters = ''] =
    /^(?:(sips?):)?([^;?\s]+)((?:;[^;?\s]*)*)$/i.exec(text) ?? [];
  const server = hostAndPort(authority);
  if (server === undefined) return undefined;
  const [, named = ''] = /;transport=([^;]*)/i.exec(parameters) ?? [];
  const transport = scheme.toLowerCase() === 'sips' ? 'tls' : transportNamed(named);
  if (named !== '' && transport === undefined) return undefined;
  return { ...server, ...(transport !== undefined && { transport }) };
}

/** A host for a URI. */
export function inUri(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

/** Our names of codecs by all of their names in the field: RTP's, the makers', and static payload types. */
const CODEC_NAMES: Readonly<Record<string, string>> = {
  pcma: 'pcma',
  g711a: 'pcma',
  g711alaw: 'pcma',
  '8': 'pcma',
  pcmu: 'pcmu',
  g711u: 'pcmu',
  g711ulaw: 'pcmu',
  '0': 'pcmu',
  g722: 'g722',
  '9': 'g722',
  opus: 'opus',
  // Grandstream's default payload type of it.
  '123': 'opus',
};

/** One of ours; undefined: a codec that we do not have. */
export function codecNamed(text: string): string | undefined {
  const name = text.toLowerCase().replace(/[.\s/_-]/g, '');
  return Object.hasOwn(CODEC_NAMES, name) ? CODEC_NAMES[name] : undefined;
}

/** What stands in lists of codecs and is none. */
export const NO_CODEC = /^(?:telephone-event|unspecified|none|)$/i;

/** `112,911`, `911 112 110 999`. */
export function numbersIn(text: string): readonly string[] {
  return text.split(/[\s,;|]+/).filter((number) => /^[\d*#]+$/.test(number));
}
