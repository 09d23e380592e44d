/** What Linux writes into /proc/net about addresses and default routes. A line that cannot be read is left out. */
import type { Family } from '#address/endpoint.ts';
import { parseIp } from '#address/ip.ts';
import type { OwnAddress, Router } from '#address/network.ts';

/** What the kernel says of one IPv6 address. */
export type AddressState = Pick<
  OwnAddress,
  'tentative' | 'dadfailed' | 'deprecated' | 'temporary' | 'prefixLength'
>;

/** IFA_F_… of linux/if_addr.h. */
const FLAGS = { temporary: 0x01, dadfailed: 0x08, deprecated: 0x20, tentative: 0x40 } as const;
/** RTF_UP and RTF_REJECT of linux/route.h: a route that refuses leads nowhere. */
const ROUTE_IS_UP = 0x1;
const ROUTE_REJECTS = 0x200;

/** By `interface address`, the address in canonical text. */
export function parseIfInet6(text: string): ReadonlyMap<string, AddressState> {
  const states = new Map<string, AddressState>();
  for (const line of text.split('\n')) {
    const [digits = '', , length = '', , flags = '', name] = line.trim().split(/\s+/);
    const address = ipv6Of(digits);
    if (address === undefined || name === undefined) continue;
    const bits = Number.parseInt(flags, 16);
    const set = Object.entries(FLAGS).filter(([, flag]) => (bits & flag) !== 0);
    const told = Object.fromEntries(set.map(([flag]) => [flag, true]));
    states.set(keyOf(name, address), { prefixLength: Number.parseInt(length, 16), ...told });
  }
  return states;
}

export function keyOf(name: string, address: string): string {
  return `${name} ${address}`;
}

/** The default routes of /proc/net/route. */
export function parseIpv4Routes(text: string): readonly Router[] {
  return text.split('\n').flatMap((line): readonly Router[] => {
    const [name = '', destination, gateway = '', flags = '', , , , mask] = line.trim().split(/\s+/);
    const isDefault = destination === '00000000' && mask === '00000000';
    return isDefault && leadsOn(flags) ? [routerOf(4, name, ipv4Of(gateway))] : [];
  });
}

/** The default routes of /proc/net/ipv6_route. */
export function parseIpv6Routes(text: string): readonly Router[] {
  return text.split('\n').flatMap((line): readonly Router[] => {
    const [destination = '', length, , , gateway = '', , , , flags = '', name = ''] = line
      .trim()
      .split(/\s+/);
    const isDefault = /^0{32}$/.test(destination) && length === '00';
    return isDefault && name !== 'lo' && leadsOn(flags) ? [routerOf(6, name, ipv6Of(gateway))] : [];
  });
}

function leadsOn(flags: string): boolean {
  const bits = Number.parseInt(flags, 16);
  return (bits & ROUTE_IS_UP) !== 0 && (bits & ROUTE_REJECTS) === 0;
}

function routerOf(family: Family, name: string, gateway: string | undefined): Router {
  const none = gateway === undefined || gateway === '::' || gateway === '0.0.0.0';
  return { family, interface: name, ...(none ? {} : { gateway }) };
}

/** 32 hexadecimal digits in the order of the network. */
function ipv6Of(digits: string): string | undefined {
  if (!/^[\da-f]{32}$/i.test(digits)) return undefined;
  return parseIp(digits.match(/.{4}/g)?.join(':') ?? '')?.text;
}

/** Eight digits of one number in the order of the machine, which is little-endian wherever we run. */
function ipv4Of(digits: string): string | undefined {
  if (!/^[\da-f]{8}$/i.test(digits)) return undefined;
  const octets = digits.match(/../g)?.map((pair) => Number.parseInt(pair, 16)) ?? [];
  return octets.reverse().join('.');
}
