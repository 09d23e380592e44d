/** Which addresses belong on which side of the router. */
import type { Ipv6 } from '#socket6bed4/address/ipv6.ts';

/**
 * Whether the native Internet knows the way to this address: global unicast (2000::/3), without the other tunnels
 * Teredo (2001::/32) and 6to4 (2002::/16). So neither groups nor link-local, unique local (with it fc64::/16),
 * loopback or mapped addresses are.
 */
export function isGlobal(address: Ipv6): boolean {
  const first = address[0] ?? 0;
  if (first >>> 5 !== 1) return false;
  if (first !== 0x20) return true;
  const second = address[1];
  return second !== 0x02 && !(second === 0x01 && address[2] === 0 && address[3] === 0);
}

/** Whether this is fe80::, by which peers know their router. */
export function isRouterLinkLocal(address: Ipv6): boolean {
  if (address[0] !== 0xfe || address[1] !== 0x80) return false;
  for (let i = 2; i < 16; i += 1) if (address[i] !== 0) return false;
  return true;
}
