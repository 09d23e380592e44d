/** A LAN inside the test: telephones on one wire that loses and delays, and a clock that jumps. */
import type { Network } from '#address/network.ts';
import { Neighbourhood, type NeighbourhoodEffect } from '#neighbours/neighbourhood.ts';
import type { NeighbourhoodState, Self } from '#neighbours/types.ts';
import { Clock } from '../support/clock.ts';
import { seededRandom } from '../support/mutate.ts';

export interface LanOptions {
  readonly seed?: number;
  /** Share of the packets that each listener misses by itself. */
  readonly loss?: number;
}

export interface Telephone {
  readonly machine: Neighbourhood;
  readonly address: string;
  readonly effects: Exclude<NeighbourhoodEffect, { kind: 'send' }>[];
  give: (input: Parameters<Neighbourhood['handle']>[0]) => void;
  /** Its plug is pulled: nothing is said any more. */
  dead: boolean;
}

export class Lan {
  readonly clock = new Clock();
  readonly phones: Telephone[] = [];
  /** Packets that went onto the wire. */
  packets = 0;
  /** Parts of the wire that do not hear each other; empty: all do. */
  split: ((phone: Telephone) => number) | undefined;
  readonly random: () => number;
  readonly #loss: number;

  constructor({ seed = 1, loss = 0 }: LanOptions = {}) {
    this.random = seededRandom(seed);
    this.#loss = loss;
  }

  /** A telephone that is switched on now. */
  add(self: Partial<Self> = {}, kept?: NeighbourhoodState): Telephone {
    const number = this.phones.length + 1;
    const digits = number.toString(16).padStart(4, '0');
    const machine = new Neighbourhood({
      self: {
        name: `Phone ${number}`,
        instanceId: `00000000-0000-1000-8000-dca63201${digits}`,
        host: `dualtone-${digits}`,
        extension: '204',
        port: 5060,
        ...self,
      },
      fallback: '300',
      barred: [],
      ...(kept === undefined ? {} : { kept }),
      random: this.random,
    });
    const phone: Telephone = {
      machine,
      address: `10.0.${number >> 8}.${number & 0xff}`,
      effects: [],
      give: () => {},
      dead: false,
    };
    phone.give = this.clock.drive(machine, (effect: NeighbourhoodEffect) => {
      if (effect.kind !== 'send') phone.effects.push(effect);
      else if (!phone.dead) this.#carry(phone, effect);
    });
    this.phones.push(phone);
    phone.give({ kind: 'network', network: networkOf(phone.address) });
    return phone;
  }

  #carry(from: Telephone, { octets, to }: Extract<NeighbourhoodEffect, { kind: 'send' }>): void {
    this.packets += 1;
    for (const phone of this.phones) {
      if (phone.dead || (to !== undefined && to.address !== phone.address)) continue;
      if (this.split !== undefined && this.split(phone) !== this.split(from)) continue;
      const own = phone === from;
      if (!own && this.random() < this.#loss) continue;
      const end = { family: 4, address: from.address, port: 5353 } as const;
      this.clock.after(this.random() * 3, () => {
        if (!phone.dead) phone.give({ kind: 'received', link: 'eth0', octets, from: end, own });
      });
    }
  }
}

export function networkOf(...addresses: readonly string[]): Network {
  return {
    addresses: addresses.map((address) => ({
      address,
      prefixLength: address.includes(':') ? 64 : 16,
      interface: 'eth0',
    })),
    defaultRoute: { 4: false, 6: false },
  };
}

export function extensionsOf({ phones }: Lan): readonly string[] {
  return phones.filter(({ dead }) => !dead).map(({ machine }) => machine.extension);
}
