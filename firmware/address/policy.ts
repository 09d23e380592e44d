/** The policy table of RFC 6724 2.1: which destinations are preferred, and which sources go with them. */
import { type IpAddress, parseIp } from './ip.ts';

export interface PolicyRow {
  readonly prefix: string;
  /** Destinations with more come first. */
  readonly precedence: number;
  /** Source and destination with the same one belong together. */
  readonly label: number;
}

/** RFC 6724 2.1, as printed there. */
export const DEFAULT_POLICY: readonly PolicyRow[] = [
  { prefix: '::1/128', precedence: 50, label: 0 },
  { prefix: '::/0', precedence: 40, label: 1 },
  { prefix: '::ffff:0:0/96', precedence: 35, label: 4 },
  { prefix: '2002::/16', precedence: 30, label: 2 },
  { prefix: '2001::/32', precedence: 5, label: 5 },
  { prefix: 'fc00::/7', precedence: 3, label: 13 },
  { prefix: '::/96', precedence: 1, label: 3 },
  { prefix: 'fec0::/10', precedence: 1, label: 11 },
  { prefix: '3ffe::/16', precedence: 1, label: 12 },
];

export type Policy = (address: IpAddress) => PolicyRow;

/** RFC 6724 leaves nothing uncovered; a table of somebody's own may. */
const NO_ROW: PolicyRow = { prefix: '::/0', precedence: 0, label: -1 };

/** Makes the longest-match lookup of a table; throws RangeError where a prefix cannot be read. */
export function policyOf(rows: readonly PolicyRow[]): Policy {
  const blocks = rows.map((row) => ({ row, ...blockOf(row.prefix) })).sort((a, b) => b.length - a.length);
  return (address) => {
    const bits = bits128(address);
    return blocks.find((block) => bits >> block.host === block.bits >> block.host)?.row ?? NO_ROW;
  };
}

export const defaultPolicy: Policy = policyOf(DEFAULT_POLICY);

/** 3.2: an IPv4 address is looked up, and its bits are numbered, as an IPv4-mapped one. */
function bits128(address: IpAddress): bigint {
  return address.family === 6 ? address.bits : (0xffffn << 32n) | address.bits;
}

/** Not `parsePrefix`: that one refuses `::ffff:0:0/96`, which looks tighter than it is in an allow list. */
function blockOf(prefix: string): { bits: bigint; length: number; host: bigint } {
  const [, text = '', digits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(prefix) ?? [];
  const address = parseIp(text);
  const length = Number(digits);
  if (address?.family !== 6 || length > 128)
    throw new RangeError(`policy table: ${prefix} is no IPv6 prefix`);
  return { bits: address.bits, length, host: BigInt(128 - length) };
}
