/**
 * A home's NAT for IPv4: one public address, hosts of private addresses behind it, and nothing let in that was not
 * asked for. It is Linux's own: netfilter maps every pair of ends, so that what RFC 4787 4.1 calls endpoint-independent
 * mapping only looks so because `masquerade` keeps the port wherever it can. What comes to a port from an end that was
 * not sent to is dropped (RFC 4787 5: address- and port-dependent filtering).
 */

import { privateSubnetOf } from './addressing.ts';
import { command, sysctl } from './command.ts';
import { type Fault, ruleSet } from './faults.ts';
import { type Ground, type Host, type HostOptions, LINK, type Stoppable } from './host.ts';
import type { Lab } from './lab.ts';

/** `cone` keeps the port whoever is sent to; `symmetric` takes a port by chance for every end that is sent to. */
export type NatKind = 'cone' | 'symmetric';

const RANDOM: Readonly<Record<NatKind, string>> = { cone: '', symmetric: ' random' };

/** Of a port outside: whose it is, and which one it is inside where that differs. */
export interface Turn {
  readonly port: number;
  readonly host: Host;
  readonly inner?: number;
}

export class Nat implements Ground {
  /** On the side of the Internet. */
  readonly outside: Host;
  readonly kind: NatKind;
  readonly plan = privateSubnetOf;
  readonly #lab: Lab;
  readonly #faults = new Map<string, readonly Fault[]>();
  #next = 1;

  private constructor(lab: Lab, outside: Host, kind: NatKind) {
    this.#lab = lab;
    this.outside = outside;
    this.kind = kind;
  }

  /** `name`: of the host that it is, at most 13 characters. */
  static async build(lab: Lab, name: string, kind: NatKind): Promise<Nat> {
    const outside = await lab.host(name, { ipv6: false });
    await sysctl(outside.namespace, { 'net.ipv4.ip_forward': 1 });
    const nat = new Nat(lab, outside, kind);
    await nat.hairpin([]);
    return nat;
  }

  get router(): string {
    return this.outside.namespace;
  }

  /** Its address as the Internet knows it. */
  get address(): string {
    return this.outside.ipv4;
  }

  /** A host behind it, of IPv4 alone unless said otherwise. */
  async host(name: string, options: HostOptions = { ipv6: false }): Promise<Host> {
    return this.#lab.place(this, name, this.#next++, options);
  }

  /**
   * From now on those behind it reach each other at the public address (RFC 4787 6), at these ports. Netfilter cannot
   * look up by whom a public port is used, so who is behind which one is said here.
   */
  async hairpin(turns: readonly Turn[]): Promise<void> {
    const inside = `iifname != "${LINK}"`;
    const turned = turns.map(
      ({ port, host, inner = port }) =>
        `${inside} ip daddr ${this.address} udp dport ${port} dnat to ${host.ipv4}:${inner}`,
    );
    const rules = [
      'table ip home {}',
      'delete table ip home',
      'table ip home {',
      '  chain toward { type nat hook prerouting priority dstnat;',
      ...turned.map((rule) => `    ${rule}`),
      '  }',
      '  chain outward { type nat hook postrouting priority srcnat;',
      `    oifname "${LINK}" masquerade${RANDOM[this.kind]}`,
      `    oifname != "${LINK}" ct status dnat snat to ${this.address}${RANDOM[this.kind]}`,
      '  }',
      // Dropped before netfilter confirms it: else the stranger's packet would occupy the port that it came to.
      '  chain closed { type filter hook input priority filter; policy drop; }',
      '  chain inward { type filter hook forward priority filter; policy accept;',
      `    iifname "${LINK}" ct state new drop`,
      '  }',
      '}',
    ];
    await command('ip', ['netns', 'exec', this.router, 'nft', '-f', '-'], `${rules.join('\n')}\n`);
  }

  /** Seconds after which a mapping that nobody uses is gone; Linux has 30, and 120 once both sides have spoken. */
  async remember(seconds: number): Promise<void> {
    await sysctl(this.router, {
      'net.netfilter.nf_conntrack_udp_timeout': seconds,
      'net.netfilter.nf_conntrack_udp_timeout_stream': seconds,
    });
  }

  /** All mappings are gone at once, as after a loss of power. */
  async forget(): Promise<void> {
    // Netfilter drops what it masqueraded to an interface when that goes down.
    await this.outside.down();
    await this.outside.up();
  }

  async setFaults(link: string, faults: readonly Fault[]): Promise<void> {
    this.#faults.set(link, faults);
    const rules = ruleSet([...this.#faults.values()].flat());
    await command('ip', ['netns', 'exec', this.router, 'nft', '-f', '-'], rules);
  }

  adopt(process: Stoppable): void {
    this.#lab.adopt(process);
  }
}
