/** The interfaces on which neighbours are looked for. */
import { addressClass } from '#address/classes.ts';
import type { Family } from '#address/endpoint.ts';
import { isAssigned, type Network, type OwnAddress } from '#address/network.ts';
import type { LinkFacts } from './types.ts';

/** Every interface that has a neighbourhood: neither loopback nor a tunnel. */
export function linksOf({ addresses }: Network): readonly LinkFacts[] {
  const usable = addresses.filter(isToldOf);
  return [...new Set(usable.map(({ interface: name }) => name))].map((name) => {
    const own = usable.filter((each) => each.interface === name);
    const told = own.filter(({ deprecated }) => deprecated !== true).map(({ address }) => address);
    const families = ([6, 4] as const).filter((family) => own.some(({ address }) => is(address, family)));
    return { name, families, addresses: told };
  });
}

function isToldOf(own: OwnAddress): boolean {
  const kind = addressClass(own.address);
  return isAssigned(own) && own.encapsulated === undefined && kind !== 'loopback' && kind !== '6bed4';
}

function is(address: string, family: Family): boolean {
  return address.includes(':') === (family === 6);
}
