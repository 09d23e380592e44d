/** A villain of the laboratory, and what it has to say: packets that nobody may believe. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Ipv4End, ipv4Text, parseIpv4 } from '#socket6bed4/address/ipv4.ts';
import { type Ipv6, parseIpv6 } from '#socket6bed4/address/ipv6.ts';
import { addressOf, DEFAULT_NETID, endOf, routerPrefix } from '#socket6bed4/address/sixbed4.ts';
import { udpPacket } from '#socket6bed4/packet/udp.ts';
import { ip } from '../command.ts';
import { type Host, LINK } from '../host.ts';
import type { End } from '../peers/talk.ts';
import type { SixRouter } from '../sixbed4_router.ts';
import { Talker } from '../talker.ts';

/** Inside, of the victim's socket. */
export const PORT = 4000;
/** Outside, of the villain. */
export const VILLAIN_PORT = 5000;
/** How often each lie is told. */
export const TIMES = 50;
export const MEGABYTE = 1024 * 1024;

/** Targets that nobody may be made to send to: this host, private, loopback, link, groups. */
export const FORBIDDEN = [
  '0.0.0.0',
  '10.0.0.1',
  '127.0.0.1',
  '169.254.1.1',
  '172.16.0.1',
  '192.168.1.1',
  '224.0.0.1',
].map(ipv4);

/** Sources of nobody, of oneself, of IPv4, of the link, of groups, of Teredo and of 6to4. */
export const OUTLAWS = [
  '::',
  '::1',
  '::ffff:10.0.0.1',
  'fe80::1',
  'ff02::1',
  '2001:0:5ef5:79fb::1',
  '2002:a00:1::1',
].map(six);

/** Throws where a peer's text is no address. */
export function six(text: string): Ipv6 {
  const address = parseIpv6(text);
  if (address === undefined) throw new Error(`not an IPv6 address: ${text}`);
  return address;
}

export function ipv4(text: string): number {
  const address = parseIpv4(text);
  if (address === undefined) throw new Error(`not an IPv4 address: ${text}`);
  return address;
}

export function prefixOctets({ host }: SixRouter): Uint8Array {
  return routerPrefix(DEFAULT_NETID, ipv4(host.ipv4));
}

/** UDP to the victim's port. */
export function packet(source: Ipv6, destination: Ipv6): Uint8Array {
  return udpPacket(
    { address: source, port: PORT },
    { address: destination, port: PORT },
    Buffer.from('believe me'),
    64,
  );
}

/** Under the router's prefix. */
export function addressAt(router: SixRouter, end: Ipv4End): Ipv6 {
  return addressOf(prefixOctets(router), end);
}

/** A host that sends from whatever address it likes; answers go to whose address it is. */
export async function villainAt(host: Host, address: string, port = VILLAIN_PORT): Promise<Talker> {
  if (address !== host.ipv4) await ip([`addr replace ${address}/32 dev ${LINK}`], host.namespace);
  return Talker.plain(host, { address, port });
}

/** Says it so often, and waits: a buffer of the kernel that runs over would hide what became of the rest. */
export async function say(talker: Talker, to: End, octets: Uint8Array, times = TIMES): Promise<void> {
  const hex = Buffer.from(octets).toString('hex');
  for (let i = 0; i < times; i++) talker.do({ do: 'send', to, hex });
  await talker.report();
  await sleep(20);
}

/** Where a peer's address says that it is. */
export function holeOf({ own }: Talker): End {
  const end = endOf(six(own.address));
  if (end === undefined) throw new Error(`${own.address} names no IPv4 address and port`);
  return { address: ipv4Text(end.ipv4), port: end.port };
}
