/** A router with its prefix for tests, and short ways to make packets and ends. */
import { Router, type RouterEffect, type RouterOptions } from '#router6bed4/router.ts';
import { type Ipv4End, parseEnd } from '#socket6bed4/address/ipv4.ts';
import { type Ipv6, parseIpv6 } from '#socket6bed4/address/ipv6.ts';
import { addressOf, DEFAULT_NETID, ROUTER_PORT, routerPrefix } from '#socket6bed4/address/sixbed4.ts';
import { udpPacket } from '#socket6bed4/packet/udp.ts';

export function end(text: string): Ipv4End {
  const read = parseEnd(text, ROUTER_PORT);
  if (read === undefined) throw new Error(`no end: ${text}`);
  return read;
}

export function ipv6(text: string): Ipv6 {
  const read = parseIpv6(text);
  if (read === undefined) throw new Error(`no IPv6 address: ${text}`);
  return read;
}

export const SELF = end('192.0.2.1');
export const PREFIX = routerPrefix(DEFAULT_NETID, SELF.ipv4);
export const ALICE = end('198.51.100.7:40001');
export const BOB = end('203.0.113.9:50002');

export const addressAt = (at: Ipv4End, prefix: Uint8Array = PREFIX): Ipv6 => addressOf(prefix, at);

export function routerOf(options: Partial<RouterOptions> = {}): Router {
  return new Router({ prefix: PREFIX, self: SELF, ...options });
}

const HELLO = Buffer.from('hello');

/** A UDP datagram of 5060 to 5060. */
export function hello(from: Ipv6, to: Ipv6, hopLimit = 64, payload: Uint8Array = HELLO): Uint8Array {
  return udpPacket({ address: from, port: 5060 }, { address: to, port: 5060 }, payload, hopLimit);
}

/** The only datagram among the effects; throws when there is none, or more than one. */
export function sentBy(effects: readonly RouterEffect[]): { to: Ipv4End; octets: Uint8Array } {
  const [sent, ...more] = effects.filter((effect) => effect.kind === 'transmit');
  if (sent === undefined || more.length > 0) throw new Error(`not one datagram: ${JSON.stringify(effects)}`);
  return sent;
}

export const nothingSent = (effects: readonly RouterEffect[]): boolean =>
  effects.every((effect) => effect.kind === 'dropped');
