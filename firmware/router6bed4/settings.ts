/** From the words of the command line to what the router shall be; what is missing comes from the host's addresses. */
import {
  type Ipv4End,
  type Ipv4Prefix,
  ipv4Text,
  isForbiddenTarget,
  parseEnd,
  parseIpv4Prefix,
} from '#socket6bed4/address/ipv4.ts';
import { type Ipv6, ipv6Text, isLinkLocal, isMulticast, parseIpv6 } from '#socket6bed4/address/ipv6.ts';
import {
  addressOf,
  DEFAULT_NETID,
  ROUTER_PORT,
  routerOf,
  routerPrefix,
} from '#socket6bed4/address/sixbed4.ts';
import { isGlobal } from './scope.ts';

/** As typed. */
export interface Asked {
  readonly listen?: string | undefined;
  readonly netid?: string | undefined;
  readonly prefix?: string | undefined;
  readonly tun?: string | undefined;
  readonly stats?: string | undefined;
  readonly onLink?: readonly string[] | undefined;
}

export interface Settings {
  /** Where the socket is bound. */
  readonly listen: Ipv4End;
  /** Where the world finds it; another than `listen` behind a NAT that maps one address to one. */
  readonly self: Ipv4End;
  /** The first 8 octets of every peer's address. */
  readonly prefix: Uint8Array;
  readonly onLink: readonly Ipv4Prefix[];
  /** Name of the interface that leads to native IPv6. */
  readonly tun?: string;
  /** Milliseconds between two lines of counters. */
  readonly stats?: number;
  /** Sentences for who started it: what will not work this way, and what to type. */
  readonly hints: readonly string[];
}

/** The command line is wrong; the message says what to type. */
export class SettingError extends Error {
  override name = 'SettingError';
}

/** Throws a SettingError. `hostAddresses`: the IPv4 addresses of the host's interfaces. */
export function settingsOf(asked: Asked, hostAddresses: readonly string[]): Settings {
  const listen = listenOf(asked.listen, hostAddresses);
  const prefix = prefixOf(asked, listen);
  const onLink = (asked.onLink ?? []).map(onLinkOf);
  const named = routerOf(prefix);
  return {
    listen,
    self: named === undefined ? listen : { ipv4: named.ipv4, port: listen.port },
    prefix,
    onLink,
    ...tunOf(asked, prefix),
    ...(asked.stats === undefined ? {} : { stats: statsOf(asked.stats) }),
    hints: [...portHint(listen, prefix), ...privateHint(listen, onLink, asked.prefix)],
  };
}

/** Without an address the host's only public one: the router's prefix and its answers must name one address. */
function listenOf(text: string | undefined, hostAddresses: readonly string[]): Ipv4End {
  const asked = parseEnd(text ?? '0.0.0.0', ROUTER_PORT);
  if (asked === undefined)
    throw new SettingError(`--listen wants IPV4 or IPV4:PORT (192.0.2.1:25790), not ${text}`);
  if (asked.ipv4 !== 0) return asked;
  const found = hostAddresses
    .map((address) => parseEnd(address, asked.port))
    .filter((end) => end !== undefined)
    .filter((end) => !isForbiddenTarget(end));
  const [only, other] = found;
  if (only !== undefined && other === undefined) return only;
  throw new SettingError(
    other === undefined
      ? 'this host has no public IPv4 address; name one of its addresses: --listen IPV4'
      : `this host has several public IPv4 addresses (${found.map((end) => ipv4Text(end.ipv4)).join(', ')}); name one: --listen IPV4`,
  );
}

function prefixOf({ prefix, netid }: Asked, listen: Ipv4End): Uint8Array {
  if (prefix === undefined) return routerPrefix(netidOf(netid), listen.ipv4);
  if (netid !== undefined)
    throw new SettingError('--netid is a part of the default prefix: leave it out with --prefix');
  const address = parseIpv6(/^(.*)\/64$/.exec(prefix)?.[1] ?? '');
  if (address === undefined || address.subarray(8).some((octet) => octet !== 0)) {
    throw new SettingError(`--prefix wants an IPv6 prefix of 64 bits (2001:db8:6:bed4::/64), not ${prefix}`);
  }
  if (isMulticast(address) || isLinkLocal(address) || (address[0] ?? 0) === 0) {
    throw new SettingError(
      `${prefix} holds no addresses for hosts; take one of your own or leave --prefix out`,
    );
  }
  return address.slice(0, 8);
}

function netidOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_NETID;
  const [, digits] = /^(?:0x)?([\da-f]{1,4})$/i.exec(text) ?? [];
  if (digits === undefined)
    throw new SettingError(`--netid wants up to four hexadecimal digits (bed), not ${text}`);
  return Number.parseInt(digits, 16);
}

function onLinkOf(text: string): Ipv4Prefix {
  const prefix = parseIpv4Prefix(text);
  if (prefix === undefined)
    throw new SettingError(`--on-link wants an IPv4 prefix (192.168.1.0/24), not ${text}`);
  return prefix;
}

function tunOf({ tun, prefix: typed }: Asked, prefix: Uint8Array): { readonly tun?: string } {
  if (tun === undefined) return {};
  if (!/^[\w.-]{1,15}$/.test(tun) || /^\.{1,2}$/.test(tun)) {
    throw new SettingError(
      `--tun wants the name of an interface (6bed4), at most 15 letters and digits, not ${tun}`,
    );
  }
  if (typed === undefined) {
    throw new SettingError(
      '--tun wants --prefix with a /64 that is routed to this host from the native Internet',
    );
  }
  if (!isGlobal(padded(prefix))) {
    throw new SettingError(
      `${typed} is not routed on the native Internet: leave --tun out, or take a /64 of your own`,
    );
  }
  return { tun };
}

/** `fc64:bed:c000:201::/64`. `prefix`: 8 octets. */
export function prefixText(prefix: Uint8Array): string {
  return `${ipv6Text(padded(prefix))}/64`;
}

function padded(prefix: Uint8Array): Ipv6 {
  return addressOf(prefix, { ipv4: 0, port: 0 }, 0);
}

function statsOf(text: string): number {
  const seconds = Number(text);
  if (!/^\d{1,6}$/.test(text) || seconds < 1) {
    throw new SettingError(`--stats wants a number of seconds, not ${text}`);
  }
  return seconds * 1000;
}

/** fc64 names the router's address but not its port. */
function portHint(listen: Ipv4End, prefix: Uint8Array): readonly string[] {
  if (listen.port === ROUTER_PORT || routerOf(prefix) === undefined) return [];
  return [
    `other routers look for ${prefixText(prefix)} at port ${ROUTER_PORT}: from port ${listen.port} only peers of this router reach each other`,
  ];
}

/** Networks that are refused unless named, as they are typed. */
const PRIVATE: readonly string[] = [
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
];

function privateHint(
  listen: Ipv4End,
  onLink: readonly Ipv4Prefix[],
  typedPrefix: string | undefined,
): readonly string[] {
  if (!isForbiddenTarget(listen, onLink)) return [];
  const network =
    PRIVATE.find((text) => !isForbiddenTarget(listen, [onLinkOf(text)])) ?? ipv4Text(listen.ipv4);
  const lab = `peers with private addresses get no answer; to serve those of this network add --on-link ${network}`;
  // Behind a NAT that maps a public address to this one, peers are public and the prefix has to name that address.
  const cloud = `if a public address is mapped to ${ipv4Text(listen.ipv4)}, say so with --prefix fc64:bed:<that address in hexadecimal>::/64`;
  return typedPrefix === undefined && network !== PRIVATE[0] ? [lab, cloud] : [lab];
}
