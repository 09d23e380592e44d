/** One host of the laboratory: a network namespace with one link to the router, and what can be done to it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Family } from '#address/endpoint.ts';
import { PeerProcess } from '../support/process.ts';
import { type AddressPlan, familyOf, type Subnet } from './addressing.ts';
import { Capture } from './capture.ts';
import { ip, sysctl } from './command.ts';
import type { Fault, FaultKind } from './faults.ts';

export interface HostOptions {
  /** Without an address of this family; both by default have one, and a default route. */
  readonly ipv4?: false;
  readonly ipv6?: false;
}

/** The laboratory, or a NAT of it, as its hosts see it. */
export interface Ground {
  /** Namespace of the router. */
  readonly router: string;
  readonly plan: AddressPlan;
  /** Puts the faults of this link into force, in place of those before. */
  setFaults(link: string, faults: readonly Fault[]): Promise<void>;
  adopt(process: Stoppable): void;
}

/** A process that must not outlive the laboratory. */
export type Stoppable = Pick<PeerProcess, 'stop'>;

/** What is blocked between the host and the others; everything that is named has to hold. */
export interface Blocked {
  readonly family?: Family;
  readonly peer?: Host;
  readonly transport?: 'udp' | 'tcp';
  readonly port?: number;
  /** Only what the host sends, or only what it gets. */
  readonly way?: 'out' | 'in';
}

/** `ip netns exec` mounts these over the files of /etc. */
const ETC = '/etc/netns';

export class Host {
  readonly name: string;
  /** As `ip netns` knows it. */
  readonly namespace: string;
  readonly number: number;
  readonly #ground: Ground;
  readonly #addresses: string[];
  #faults: readonly Fault[] = [];

  constructor(ground: Ground, namespace: string, name: string, number: number, options: HostOptions = {}) {
    this.#ground = ground;
    this.namespace = namespace;
    this.name = name;
    this.number = number;
    const families = ([4, 6] as const).filter((family) => options[`ipv${family}`] !== false);
    this.#addresses = families.map((family) => this.#subnet(family).address);
  }

  get addresses(): readonly string[] {
    return this.#addresses;
  }

  /** Throws where the host has no address of this family. */
  address(family: Family): string {
    const found = this.#addresses.find((address) => familyOf(address) === family);
    if (found === undefined) throw new Error(`${this.name} has no IPv${family}`);
    return found;
  }

  get ipv4(): string {
    return this.address(4);
  }

  get ipv6(): string {
    return this.address(6);
  }

  /** Makes namespace, link and addresses. For the laboratory, which also removes them. */
  async build(resolvers: readonly string[]): Promise<void> {
    const { namespace, name } = this;
    mkdirSync(join(ETC, namespace), { recursive: true });
    this.#etc('nsswitch.conf', 'hosts: files dns');
    this.#etc('hosts', '127.0.0.1 localhost\n::1 localhost');
    this.setResolvers(resolvers);
    await ip([`netns add ${namespace}`]);
    await sysctl(namespace, QUIET);
    await ip([
      `link add ${name} netns ${this.#ground.router} type veth peer name ${LINK} netns ${namespace}`,
    ]);
    // Of both families in any case: an address that comes later wants its way out.
    const router = ([4, 6] as const).map((family) => {
      const { router, length } = this.#subnet(family);
      return `addr add ${router}/${length} dev ${name}${family === 6 ? ' nodad' : ''}`;
    });
    await ip([...router, `link set ${name} up`], this.#ground.router);
    await ip(['link set lo up'], namespace);
    await this.up();
  }

  /** The interface comes up with its addresses and routes. */
  async up(): Promise<void> {
    await ip(
      [
        `link set ${LINK} up`,
        ...this.#addresses.map((address) => this.#addressLine('replace', address)),
        ...this.#addresses.flatMap((address) => this.#routeLine(address)),
      ],
      this.namespace,
    );
  }

  /** The interface goes down: the kernel forgets its routes and its IPv6 addresses. */
  async down(): Promise<void> {
    await ip([`link set ${LINK} down`], this.namespace);
  }

  /** A further address of any prefix; the router sends what is for it here. */
  async addAddress(address: string): Promise<void> {
    this.#addresses.push(address);
    await ip([this.#addressLine('replace', address), ...this.#routeLine(address)], this.namespace);
    await ip([`route replace ${address} dev ${this.name}`], this.#ground.router);
  }

  /** Takes an address away. The default route of its family goes with the last one. */
  async removeAddress(address: string): Promise<void> {
    const at = this.#addresses.indexOf(address);
    if (at < 0) throw new Error(`${this.name} has no ${address}`);
    this.#addresses.splice(at, 1);
    const family = familyOf(address);
    const last = !this.#addresses.some((other) => familyOf(other) === family);
    if (last) await ip(['route del default'], this.namespace, family);
    await ip([this.#addressLine('del', address)], this.namespace);
  }

  /** Name servers of this host, in order. */
  setResolvers(addresses: readonly string[]): void {
    this.#etc('resolv.conf', addresses.map((address) => `nameserver ${address}`).join('\n'));
  }

  /** Starts a program here. It ends with the laboratory at the latest. */
  run(program: string, args: readonly string[], env?: NodeJS.ProcessEnv): PeerProcess {
    const [ipProgram, ...words] = [...this.via, program, ...args];
    const process = new PeerProcess(ipProgram, words, env);
    this.#ground.adopt(process);
    return process;
  }

  /** A process that was started here by other means shall end with the laboratory, too. */
  adopt(process: Stoppable): void {
    this.#ground.adopt(process);
  }

  /** What stands before a command line to have it run here. */
  get via(): readonly [string, ...string[]] {
    return ['ip', 'netns', 'exec', this.namespace];
  }

  /** From now on the router treats the host's packets so; what else is blocked stays. */
  async block(what: Blocked, how: FaultKind): Promise<void> {
    const { peer, ...rest } = what;
    const fault = { ...rest, ...(peer === undefined ? {} : { peer: peer.name }), link: this.name, how };
    this.#faults = [...this.#faults, fault];
    await this.#ground.setFaults(this.name, this.#faults);
  }

  /** Everything that `block` did is over. */
  async unblock(): Promise<void> {
    this.#faults = [];
    await this.#ground.setFaults(this.name, []);
  }

  /** What passes between the host and the router, as the router sees it: dropped packets are there too. */
  capture(): Promise<Capture> {
    return Capture.start(this.#ground.router, this.name);
  }

  #subnet(family: Family): Subnet {
    return this.#ground.plan(this.number, family);
  }

  /** Only the first address has its neighbours on the link; whatever is like a further one is behind the router. */
  #addressLine(verb: 'replace' | 'del', address: string): string {
    const family = familyOf(address);
    const own = this.#subnet(family);
    const length = address === own.address ? own.length : { 4: 32, 6: 128 }[family];
    const quick = verb === 'replace' && family === 6 ? ' nodad' : '';
    return `addr ${verb} ${address}/${length} dev ${LINK}${quick}`;
  }

  #routeLine(address: string): readonly string[] {
    const { address: own, router } = this.#subnet(familyOf(address));
    // A router's address is on this link whatever the host's own address is.
    return address === own || !this.#addresses.includes(own)
      ? [`route replace default via ${router} dev ${LINK}${address === own ? '' : ' onlink'}`]
      : [];
  }

  #etc(name: string, text: string): void {
    // Written in place: a running program sees the file through a mount that knows the inode.
    writeFileSync(join(ETC, this.namespace, name), `${text}\n`);
  }
}

/** Name of the interface inside. */
export const LINK = 'eth0';

/** Duplicate address detection would take a second or two; ICMP errors come as often as they are due. */
export const QUIET = {
  'net.ipv6.conf.all.accept_dad': 0,
  'net.ipv6.conf.default.accept_dad': 0,
  'net.ipv6.conf.all.accept_ra': 0,
  'net.ipv6.conf.default.accept_ra': 0,
  'net.ipv6.icmp.ratelimit': 0,
  'net.ipv4.icmp_ratelimit': 0,
} as const;
