/**
 * A network address translator as RFC 4787 takes it apart: how it maps (section 4.1), how it filters (5), which ports
 * it gives (4.2.1), what refreshes a mapping (4.3) and whether it hairpins (6). Pure: it translates one datagram at
 * `now`, in milliseconds; who carries the datagram is not its business.
 */
import type { Ipv4End } from '#socket6bed4/address/ipv4.ts';

/** On what of the remote end something depends. */
export type Dependence = 'endpoint-independent' | 'address-dependent' | 'address-and-port-dependent';

export interface NatOptions {
  /** Which remote ends share one outside port. */
  readonly mapping: Dependence;
  /** From whom an outside port takes datagrams: anybody, addresses or ends that were sent to through it. */
  readonly filtering: Dependence;
  /** `preserved`: the inside port if no living mapping has it, else the next free one above. Default. */
  readonly ports?: 'preserved' | 'random';
  /** Whether datagrams from inside to its own outside address come back in. Default: no. */
  readonly hairpin?: boolean;
  /** Milliseconds that an unused mapping, or leave for a remote end, lives; default 30 000. */
  readonly timeout?: number;
  /** Whether incoming datagrams that pass refresh too, not only outgoing ones. Default: no. */
  readonly refreshedByIncoming?: boolean;
  /** 0 up to 1. */
  readonly random: () => number;
}

/** Where a datagram goes on, and from and to whom it then is. */
export interface Passage {
  readonly side: 'inside' | 'outside';
  readonly from: Ipv4End;
  readonly to: Ipv4End;
}

interface Mapping {
  readonly key: string;
  readonly inside: Ipv4End;
  readonly port: number;
  expires: number;
  /** When leave for a remote end, as `filtering` sees it, is over. */
  readonly permitted: Map<string, number>;
}

const FIRST_PORT = 1024;
const PORTS = 65_536 - FIRST_PORT;

export class Nat {
  #outside: number;
  readonly #options: NatOptions;
  readonly #timeout: number;
  readonly #byKey = new Map<string, Mapping>();
  readonly #byPort = new Map<number, Mapping>();
  /** Datagrams from outside that the filter refused. */
  refused = 0;

  constructor(outside: number, options: NatOptions) {
    this.#outside = outside;
    this.#options = options;
    this.#timeout = options.timeout ?? 30_000;
  }

  /** Its IPv4 address outside. */
  get outside(): number {
    return this.#outside;
  }

  /** A datagram of an inside host; undefined: it goes nowhere. */
  fromInside(from: Ipv4End, to: Ipv4End, now: number): Passage | undefined {
    const mapping = this.#mapping(from, to, now);
    this.#refresh(mapping, to, now);
    const outside = { ipv4: this.#outside, port: mapping.port };
    if (to.ipv4 !== this.#outside) return { side: 'outside', from: outside, to };
    return this.#options.hairpin ? this.fromOutside(outside, to, now) : undefined;
  }

  /** A datagram that arrived at the outside address; undefined: filtered, or for nobody. */
  fromOutside(from: Ipv4End, to: Ipv4End, now: number): Passage | undefined {
    const mapping = this.#byPort.get(to.port);
    if (mapping === undefined || mapping.expires <= now || !this.#permits(mapping, from, now)) {
      this.refused += 1;
      return undefined;
    }
    if (this.#options.refreshedByIncoming) this.#refresh(mapping, from, now);
    return { side: 'inside', from, to: mapping.inside };
  }

  /** Loses every mapping, as by a reboot. */
  forget(): void {
    this.#byKey.clear();
    this.#byPort.clear();
  }

  /** Gets another outside address, and with it loses every mapping. */
  renumber(outside: number): void {
    this.#outside = outside;
    this.forget();
  }

  #mapping(inside: Ipv4End, remote: Ipv4End, now: number): Mapping {
    const key = `${inside.ipv4}:${inside.port} ${seen(remote, this.#options.mapping)}`;
    const known = this.#byKey.get(key);
    if (known !== undefined && known.expires > now) return known;
    if (known !== undefined && this.#byPort.get(known.port) === known) this.#byPort.delete(known.port);
    const mapping = { key, inside, port: this.#freePort(inside.port, now), expires: 0, permitted: new Map() };
    this.#byKey.set(key, mapping);
    this.#byPort.set(mapping.port, mapping);
    return mapping;
  }

  #freePort(wanted: number, now: number): number {
    const first =
      this.#options.ports === 'random' ? Math.floor(this.#options.random() * PORTS) : wanted - FIRST_PORT;
    for (let tried = 0; tried < PORTS; tried++) {
      const port = FIRST_PORT + ((((first + tried) % PORTS) + PORTS) % PORTS);
      if ((this.#byPort.get(port)?.expires ?? 0) <= now) return port;
    }
    throw new Error('every port of the NAT is taken');
  }

  #permits(mapping: Mapping, remote: Ipv4End, now: number): boolean {
    const { filtering } = this.#options;
    return (
      filtering === 'endpoint-independent' || (mapping.permitted.get(seen(remote, filtering)) ?? 0) > now
    );
  }

  #refresh(mapping: Mapping, remote: Ipv4End, now: number): void {
    mapping.expires = now + this.#timeout;
    mapping.permitted.set(seen(remote, this.#options.filtering), mapping.expires);
  }
}

/** As much of a remote end as matters. */
function seen({ ipv4, port }: Ipv4End, dependence: Dependence): string {
  if (dependence === 'endpoint-independent') return '';
  return dependence === 'address-dependent' ? `${ipv4}` : `${ipv4}:${port}`;
}
