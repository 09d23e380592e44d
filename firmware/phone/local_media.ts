/** Where our media is heard: the address that goes into a description. */
import type { Family } from '#address/endpoint.ts';
import type { Flow } from '#sip/types.ts';
import type { LocalAddresses } from './types.ts';

/**
 * The address of `family` by which the peer of `flow` reaches us: the one that the signalling uses, else our
 * best of that family. Undefined: we have none, and no media of this family can flow.
 */
export function mediaAddress(family: Family, flow: Flow, addresses: LocalAddresses): string | undefined {
  if (flow.local.family === family) return flow.local.address;
  return (family === 4 ? addresses.ipv4 : addresses.ipv6)[0];
}
