/**
 * The sockets of SIP plug and play: one for each interface with IPv4, bound to its address and a port of its own, so
 * that port 5060 stays the telephone's. There is nothing to open for IPv6: RFC 3261 10.2.6 knows no group there.
 */
import { createSocket, type Socket } from 'node:dgram';
import {
  Pnp,
  type PnpDoor,
  type PnpEffect,
  type PnpInput,
  type PnpOptions,
} from '#provisioning/discovery/pnp.ts';
import { PNP_GROUP } from '#provisioning/discovery/pnp_subscribe.ts';
import type { Candidate } from '#provisioning/types.ts';
import { type Driven, drive } from './drive.ts';

/** Of a LAN: never routed on. */
const TTL = 1;

export interface PnpSourceOptions extends PnpOptions {
  readonly candidates: (candidates: readonly Candidate[]) => void;
  /** `why`: a short stable text for the counters. */
  readonly dropped: (why: string) => void;
  readonly log: (text: string) => void;
  /** Where servers listen; tests on one machine share no port 5060. */
  readonly port?: number;
}

/** An IPv4 address of ours. */
export interface PnpInterface {
  readonly interface: string;
  readonly address: string;
}

interface Open {
  readonly door: PnpDoor;
  readonly socket: Socket;
}

export class PnpSource {
  readonly #options: PnpSourceOptions;
  readonly #driven: Driven<PnpInput>;
  readonly #open = new Map<string, Open>();
  #closed = false;

  constructor(options: PnpSourceOptions) {
    this.#options = options;
    this.#driven = drive(new Pnp(options), (effect) => this.#perform(effect));
  }

  /** Our IPv4 addresses, one for each interface, now and after each change of the network. */
  async interfaces(list: readonly PnpInterface[]): Promise<void> {
    for (const [name, { door, socket }] of this.#open) {
      if (list.some((one) => one.interface === name && one.address === door.address)) continue;
      this.#open.delete(name);
      socket.close();
    }
    const fresh = list.filter((one) => !this.#open.has(one.interface));
    for (const opened of await Promise.all(fresh.map((one) => this.#listen(one)))) {
      if (opened === undefined) continue;
      if (this.#closed || this.#open.has(opened.door.interface)) opened.socket.close();
      else this.#open.set(opened.door.interface, opened);
    }
    this.#driven.give({ kind: 'doors', doors: [...this.#open.values()].map(({ door }) => door) });
  }

  /** Whether a configuration is there: then nobody is asked. */
  claimed(claimed: boolean): void {
    this.#driven.give({ kind: 'claimed', claimed });
  }

  close(): void {
    this.#closed = true;
    this.#driven.close();
    for (const { socket } of this.#open.values()) socket.close();
    this.#open.clear();
  }

  #listen({ interface: name, address }: PnpInterface): Promise<Open | undefined> {
    return new Promise((resolve) => {
      const socket = createSocket('udp4');
      const failed = (error: Error): void => {
        this.#options.log(`SIP plug and play on ${name}: ${error.message}`);
        resolve(undefined);
      };
      socket.on('error', failed);
      socket.on('message', (octets, { address, port }) =>
        this.#driven.give({ kind: 'received', interface: name, from: { address, port }, octets }),
      );
      socket.bind(0, address, () => {
        try {
          socket.setMulticastTTL(TTL);
          socket.setMulticastInterface(address);
          resolve({ door: { interface: name, address, port: socket.address().port }, socket });
        } catch (error) {
          failed(error instanceof Error ? error : new Error(String(error)));
          socket.close();
        }
      });
    });
  }

  #perform(effect: PnpEffect): void {
    switch (effect.kind) {
      case 'send':
        this.#send(effect);
        break;
      case 'candidates':
        this.#options.candidates(effect.candidates);
        break;
      case 'dropped':
        this.#options.dropped(`pnp ${effect.why}`);
    }
  }

  #send({ interface: name, to, octets }: Extract<PnpEffect, { kind: 'send' }>): void {
    const port = to === PNP_GROUP ? (this.#options.port ?? to.port) : to.port;
    this.#open.get(name)?.socket.send(octets, port, to.address, (error) => {
      if (error) this.#options.log(`SIP plug and play on ${name}: ${error.message}`);
    });
  }
}
