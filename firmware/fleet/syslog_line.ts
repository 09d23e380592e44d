/**
 * One line of the log as a message of syslog, RFC 5424:
 *
 *   <PRI>1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID SD MSG       MSG: UTF-8 behind a byte order mark
 */
export const SYSLOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type SyslogLevel = (typeof SYSLOG_LEVELS)[number];

export interface SyslogEntry {
  readonly level: SyslogLevel;
  readonly text: string;
  /** ms since the epoch. */
  readonly time: number;
}

export interface SyslogOrigin {
  readonly host: string;
  readonly process: number;
}

/** System daemons, 6.2.1. */
const FACILITY = 3;
const SEVERITY: Readonly<Record<SyslogLevel, number>> = { debug: 7, info: 6, warn: 4, error: 3 };
const APP = 'dualtone';
const NONE = '-';
const BYTE_ORDER_MARK = '\uFEFF';
/** A control character would end the line, or hide it, where it is read (8.2). */
const CONTROL = /[\p{Cc}\u2028\u2029]+/gu;

/** Octets; of the text as many whole characters as `longest` octets in all leave room for. */
export function syslogLine(
  { level, text, time }: SyslogEntry,
  { host, process }: SyslogOrigin,
  longest = Number.POSITIVE_INFINITY,
): Buffer {
  const header = [
    `<${FACILITY * 8 + SEVERITY[level]}>1`,
    new Date(time).toISOString(),
    name(host, 255),
    APP,
    process,
    NONE,
    NONE,
    `${BYTE_ORDER_MARK}${text.replace(CONTROL, ' ')}`,
  ];
  const line = Buffer.from(header.join(' '));
  return line.length <= longest ? line : line.subarray(0, wholeCharacters(line, longest));
}

/** PRINTUSASCII without spaces, 6. */
function name(text: string, longest: number): string {
  return text.replace(/[^\x21-\x7e]/g, '').slice(0, longest) || NONE;
}

function wholeCharacters(octets: Buffer, longest: number): number {
  let end = longest;
  // An octet 10xxxxxx continues a character (RFC 3629).
  while (end > 0 && ((octets[end] ?? 0) & 0xc0) === 0x80) end--;
  return end;
}

/** On a connection each message has its length in front, RFC 6587 3.4.1 and RFC 5425 4.3. */
export function counted(line: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${line.length} `), line]);
}
