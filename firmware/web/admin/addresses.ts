/** IP addresses as text and as octets, for certificates and captures. */
import { Buffer } from 'node:buffer';

/** 4 or 16 octets, most significant first; undefined: `text` is no address. A zone (`%eth0`) is passed over. */
export function octetsOf(text: string): Buffer | undefined {
  const bare = text.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, '');
  return bare.includes(':') ? ipv6Octets(bare) : ipv4Octets(bare);
}

function ipv4Octets(text: string): Buffer | undefined {
  if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(text)) return undefined;
  const octets = text.split('.').map(Number);
  return octets.every((octet) => octet < 256) ? Buffer.from(octets) : undefined;
}

/** RFC 4291 2.2: eight groups, one run of zeros as `::`, the last two perhaps as IPv4. */
function ipv6Octets(text: string): Buffer | undefined {
  const [head = '', tail, ...more] = text.split('::');
  if (more.length > 0) return undefined;
  const before = groupsOf(head, tail === undefined);
  const after = tail === undefined ? [] : groupsOf(tail, true);
  if (before === undefined || after === undefined) return undefined;
  const zeros = 8 - before.length - after.length;
  if (tail === undefined ? zeros !== 0 : zeros < 1) return undefined;
  const groups = [...before, ...new Array<number>(zeros).fill(0), ...after];
  return Buffer.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

/** `atEnd`: nothing follows, so that the last two groups may be written as IPv4. */
function groupsOf(text: string, atEnd: boolean): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    const ipv4 = atEnd && index === parts.length - 1 ? ipv4Octets(part) : undefined;
    if (ipv4 !== undefined) groups.push(ipv4.readUInt16BE(0), ipv4.readUInt16BE(2));
    else if (/^[\da-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

export interface End {
  readonly address: Buffer;
  readonly port: number;
}

/** `192.0.2.7:5060`, `[2001:db8::7]:5060`. */
export function endOf(text: string): End | undefined {
  const [, host = '', port = ''] = /^(\[[^\]]*\]|[^:]*):(\d{1,5})$/.exec(text) ?? [];
  const address = octetsOf(host);
  return address === undefined || Number(port) > 65_535 ? undefined : { address, port: Number(port) };
}
