/**
 * Which network are we on? What is learnt of destinations is learnt in one network and worth nothing in another, so
 * each gets a name that is the same whenever we come back.
 *
 * The name follows from the default routers and from the prefixes on their links. Either alone says too little: half
 * the homes of the world have a router at 192.168.1.1 or fe80::1. What is not in the name: our own addresses and the
 * names of interfaces (Wi-Fi and cable of one house are one network), temporary and deprecated addresses, which come
 * and go, and the routers' link-layer addresses, which the kernel does not know before it has sent the first packet:
 * a name that changes when that happens would forget what was learnt on arrival.
 *
 * A network that loses one family is another one while that lasts: other ways out, other things to learn.
 */
import { createHash } from 'node:crypto';
import { isLinkLocal, isLoopback, parsePrefix } from './ip.ts';
import type { Network, OwnAddress } from './network.ts';
import { isAssigned } from './network.ts';

/** Digits of the name: two networks of one phone shall not share it by chance. */
const LENGTH = 16;

/** Hexadecimal text, or `none` where there is no network. It betrays no address to who reads status or logs. */
export function attachmentOf(network: Network): string {
  const routers = network.routers ?? [];
  const links = new Set(routers.map((router) => router.interface));
  const prefixes = network.addresses
    .filter((own) => (links.size === 0 || links.has(own.interface)) && isLasting(own))
    .flatMap((own) => parsePrefix(`${own.address}/${own.prefixLength}`)?.text ?? []);
  const marks = [...routers.map(({ family, gateway = 'link' }) => `${family} ${gateway}`), ...prefixes];
  if (marks.length === 0) return 'none';
  const text = [...new Set(marks)].sort().join('\n');
  return createHash('sha256').update(text).digest('hex').slice(0, LENGTH);
}

function isLasting(own: OwnAddress): boolean {
  return isAssigned(own) && own.deprecated !== true && !isLinkLocal(own.address) && !isLoopback(own.address);
}
