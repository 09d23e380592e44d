/**
 * What values of a `network-config` are, each with the path that a complaint names. Of YAML they come as anything; whatever is
 * not as it has to be is thrown as Refused, which network_config.ts makes an answer of.
 */
import { isIP } from 'node:net';
import { isMapping, type Mapping } from './schema_shape.ts';

/** The caller did nothing wrong: the file did. */
export class Refused extends Error {}

const LONGEST_LIST = 16;
/** What says nothing that would matter here: no message is worth it. */
const IGNORED = ['optional', 'renderer', 'set-name', 'match', 'dhcp-identifier', 'link-local', 'wakeonlan'];

/** Others are told, and go on unread. */
export function known(value: Mapping, at: string, keys: readonly string[], warnings: string[]): void {
  for (const key of Object.keys(value))
    if (!keys.includes(key) && !IGNORED.includes(key)) warnings.push(`${at}/${key}: unknown key, ignored`);
}

export function mapping(value: unknown, at: string): Mapping {
  if (!isMapping(value)) throw new Refused(`${at || '/'}: expected a mapping (key: value)`);
  return value;
}

export function listed(value: unknown, at: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || value.length > LONGEST_LIST)
    throw new Refused(`${at}: expected a list of at most ${LONGEST_LIST}`);
  return value;
}

export function text(value: unknown, at: string): string {
  // A password of digits alone is a number to YAML, and has lost its zeros then.
  if (typeof value === 'number') throw new Refused(`${at}: a number; put it in quotes`);
  if (typeof value !== 'string') throw new Refused(`${at}: expected text`);
  return value;
}

export function yesOrNo(value: unknown, at: string): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  if (value === 'yes' || value === 'true') return true;
  if (value === 'no' || value === 'false') return false;
  if (typeof value !== 'boolean') throw new Refused(`${at}: expected true or false`);
  return value;
}

export function whole(value: unknown, at: string, least: number, most: number): number {
  if (!Number.isInteger(value) || Number(value) < least || Number(value) > most)
    throw new Refused(`${at}: expected a number from ${least} to ${most}`);
  return Number(value);
}

export function address(value: unknown, at: string, family?: 4 | 6): string {
  const given = text(value, at);
  const found = isIP(given);
  if (found === 0 || given.includes('%') || (family !== undefined && found !== family))
    throw new Refused(`${at}: expected an address${family === undefined ? '' : ` of IPv${family}`}`);
  return given;
}

export function prefix(value: unknown, at: string): string {
  // netplan allows {address: {label: …}}: the label is no matter here.
  const given = isMapping(value) ? (Object.keys(value)[0] ?? '') : text(value, at);
  const [host = '', length = ''] = given.split('/');
  const most = isIP(host) === 4 ? 32 : 128;
  if (isIP(host) === 0 || host.includes('%') || !/^\d{1,3}$/.test(length) || Number(length) > most)
    throw new Refused(`${at}: expected an address with its length, as 192.0.2.7/24`);
  return given;
}
