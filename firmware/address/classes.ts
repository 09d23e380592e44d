/**
 * What kind of address it is, by one table: the special-purpose registry of RFC 6890 with what came after it, and
 * the classes that RFC 6724 and RFC 4291 tell apart. The longest prefix that holds the address names its class.
 */
import { contains, type IpAddress, type IpPrefix, isMapped, parseIp, parsePrefix } from './ip.ts';

export type AddressClass =
  | 'global'
  | 'teredo'
  | '6to4'
  | 'orchid'
  | 'documentation'
  | 'benchmarking'
  | 'ula'
  | '6bed4'
  | 'link-local'
  | 'site-local'
  | 'loopback'
  | 'multicast'
  | 'unspecified'
  | 'v4-mapped'
  | 'v4-compatible'
  | 'nat64'
  | 'discard'
  | 'unassigned'
  | 'public'
  | 'private'
  | 'shared'
  | 'protocol'
  | 'this-network'
  | 'broadcast'
  | 'reserved';

/** Prefix, class, where it is written. */
const TABLE: readonly (readonly [prefix: string, name: AddressClass, source: string])[] = [
  ['::/0', 'unassigned', 'RFC 4291 2.4'],
  ['::/96', 'v4-compatible', 'RFC 4291 2.5.5.1'],
  ['::/128', 'unspecified', 'RFC 4291 2.5.2'],
  ['::1/128', 'loopback', 'RFC 4291 2.5.3'],
  ['64:ff9b::/96', 'nat64', 'RFC 6052 2.1'],
  ['64:ff9b:1::/48', 'nat64', 'RFC 8215'],
  ['100::/64', 'discard', 'RFC 6666'],
  ['2000::/3', 'global', 'RFC 4291 2.4'],
  ['2001::/32', 'teredo', 'RFC 4380 2.6'],
  ['2001:2::/48', 'benchmarking', 'RFC 5180'],
  ['2001:10::/28', 'orchid', 'RFC 4843'],
  ['2001:20::/28', 'orchid', 'RFC 7343'],
  ['2001:db8::/32', 'documentation', 'RFC 3849'],
  ['2002::/16', '6to4', 'RFC 3056 2'],
  ['3fff::/20', 'documentation', 'RFC 9637'],
  ['fc00::/7', 'ula', 'RFC 4193'],
  ['fc64::/16', '6bed4', 'draft-vanrein-6bed4-04 2.1'],
  ['fe80::/10', 'link-local', 'RFC 4291 2.5.6'],
  ['fec0::/10', 'site-local', 'RFC 3879'],
  ['ff00::/8', 'multicast', 'RFC 4291 2.7'],

  ['0.0.0.0/0', 'public', 'RFC 791'],
  ['0.0.0.0/8', 'this-network', 'RFC 1122 3.2.1.3'],
  ['0.0.0.0/32', 'unspecified', 'RFC 1122 3.2.1.3'],
  ['10.0.0.0/8', 'private', 'RFC 1918'],
  ['100.64.0.0/10', 'shared', 'RFC 6598'],
  ['127.0.0.0/8', 'loopback', 'RFC 1122 3.2.1.3'],
  ['169.254.0.0/16', 'link-local', 'RFC 3927'],
  ['172.16.0.0/12', 'private', 'RFC 1918'],
  ['192.0.0.0/24', 'protocol', 'RFC 6890 2.1'],
  ['192.0.2.0/24', 'documentation', 'RFC 5737'],
  ['192.88.99.0/24', '6to4', 'RFC 7526'],
  ['192.168.0.0/16', 'private', 'RFC 1918'],
  ['198.18.0.0/15', 'benchmarking', 'RFC 2544'],
  ['198.51.100.0/24', 'documentation', 'RFC 5737'],
  ['203.0.113.0/24', 'documentation', 'RFC 5737'],
  ['224.0.0.0/4', 'multicast', 'RFC 5771'],
  ['240.0.0.0/4', 'reserved', 'RFC 1112 4'],
  ['255.255.255.255/32', 'broadcast', 'RFC 919'],
];

interface Row {
  readonly prefix: IpPrefix;
  readonly name: AddressClass;
}

const LONGEST_FIRST: readonly Row[] = TABLE.flatMap(([text, name]) => {
  const prefix = parsePrefix(text);
  return prefix === undefined ? [] : [{ prefix, name }];
}).sort((a, b) => b.prefix.length - a.prefix.length);

/** The class of an address; undefined for a text that is none. A zone makes no difference. */
export function addressClass(address: IpAddress | string): AddressClass | undefined {
  const ip = typeof address === 'string' ? parseIp(address) : address;
  if (ip === undefined) return undefined;
  // `contains` looks through the mapping, as an allow list must; here the mapping itself is the class.
  if (isMapped(ip)) return 'v4-mapped';
  return LONGEST_FIRST.find(({ prefix }) => contains(prefix, ip))?.name;
}

/** Those that are nobody's address on a wire, and Teredo, whose relays are nobody's either. */
const NEVER: ReadonlySet<AddressClass> = new Set([
  'teredo',
  'unspecified',
  'multicast',
  'broadcast',
  'reserved',
  'this-network',
  'v4-mapped',
  'v4-compatible',
  'discard',
]);

/**
 * Whether an address may be one end of anything of ours: bound, advertised, or sent to, as a unicast address.
 * Never Teredo. False for a text that is no address.
 */
export function mayUse(address: IpAddress | string): boolean {
  const name = addressClass(address);
  return name !== undefined && !NEVER.has(name);
}

/**
 * Whether an address is one of IPv6 itself: in 2000::/3 and not Teredo, 6to4, ORCHID or documentation. An address
 * of 6bed4 looks the same; who has one knows it by its interface (`nativeIpv6`).
 */
export function isNative6(address: IpAddress | string): boolean {
  const name = addressClass(address);
  const ipv6 = (typeof address === 'string' ? parseIp(address) : address)?.family === 6;
  return ipv6 && (name === 'global' || name === 'benchmarking');
}
