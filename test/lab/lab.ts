/**
 * A laboratory: hosts in network namespaces of their own, each behind one link to a router that has no other way out.
 * The router forwards, drops, refuses and delays as it is told. Nothing of it touches the machine's own network, and
 * everything is gone at the end, also after a failure.
 *
 *     await using lab = await Lab.create();
 *     const phone = await lab.host('phone');
 *     await lab.dns([`pbx.lab. 60 IN AAAA ${server.ipv6}`]);
 *     await phone.block({ family: 6 }, 'drop');
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import type { Family } from '#address/endpoint.ts';
import { PeerProcess } from '../support/process.ts';
import { type AddressPlan, familyOf, MOST_HOSTS, subnetOf } from './addressing.ts';
import { command, ip, sysctl } from './command.ts';
import { startDelay } from './delay.ts';
import { type Fault, ruleSet } from './faults.ts';
import { type Ground, Host, type HostOptions, QUIET, type Stoppable } from './host.ts';
import { NameServer } from './name_server.ts';

/** Namespaces are called `dualtone-PID-THREAD.COUNT-NAME`: whose process is gone, was left behind. */
const NAME = /^dualtone-(\d+)-/;
/** The name server's place: hosts made before it know where it will be. */
const NAME_SERVER = 1;
let count = 0;

export class Lab implements AsyncDisposable, Ground {
  readonly router: string;
  readonly plan: AddressPlan;
  /** For the files of its programs; goes with the laboratory. */
  readonly directory: string;
  readonly #prefix: string;
  readonly #hosts: Host[] = [];
  readonly #faults = new Map<string, readonly Fault[]>();
  readonly #processes: Stoppable[] = [];
  readonly #delays = new Map<string, PeerProcess>();
  readonly #abandon = () => this.#remove();
  #nameServer: NameServer | undefined;
  #next = NAME_SERVER + 1;
  #disposed = false;

  /** Needs root; see `inLab`. */
  static async create(plan: AddressPlan = subnetOf): Promise<Lab> {
    sweep();
    const lab = new Lab(plan);
    try {
      await ip([`netns add ${lab.router}`]);
      await sysctl(lab.router, {
        ...QUIET,
        'net.ipv4.ip_forward': 1,
        'net.ipv6.conf.all.forwarding': 1,
        'net.ipv4.conf.all.rp_filter': 0,
        'net.ipv4.conf.default.rp_filter': 0,
      });
      await ip(['link set lo up'], lab.router);
    } catch (error) {
      await lab[Symbol.asyncDispose]();
      throw error;
    }
    return lab;
  }

  private constructor(plan: AddressPlan) {
    this.plan = plan;
    this.#prefix = `dualtone-${process.pid}-${threadId}.${++count}-`;
    this.router = `${this.#prefix}router`;
    this.directory = mkdtempSync(join(tmpdir(), 'dualtone-lab-'));
    process.once('exit', this.#abandon);
  }

  /** `name`: at most 13 characters, for it is the link's name too. */
  async host(name: string, options: HostOptions = {}): Promise<Host> {
    if (this.#next > MOST_HOSTS) throw new Error(`a laboratory has at most ${MOST_HOSTS} hosts`);
    return this.place(this, name, this.#next++, options);
  }

  /** A host on other ground than ours: behind a NAT. Its name is unlike all others of the laboratory. */
  async place(ground: Ground, name: string, number: number, options: HostOptions): Promise<Host> {
    if (!/^[a-z][a-z\d-]{0,12}$/.test(name)) throw new Error(`not a host's name: ${name}`);
    return this.#build(ground, name, number, options);
  }

  /** Serves these lines of a zone file to all hosts, in place of those before. */
  async dns(records: readonly string[]): Promise<void> {
    if (this.#nameServer === undefined) {
      const host = await this.#build(this, 'dns', NAME_SERVER);
      this.#nameServer = new NameServer(host, join(this.directory, 'nsd'));
    }
    await this.#nameServer.serve(records);
  }

  /** Where the name server answers, or will. */
  resolver(family: Family): string {
    return this.plan(NAME_SERVER, family).address;
  }

  /** Packets to the host, of this family or of both, come `ms` later than they would; 0 ends it. */
  async delay(host: Host, ms: number, family?: Family): Promise<void> {
    for (const address of host.addresses) {
      if (family !== undefined && familyOf(address) !== family) continue;
      await this.#delays.get(address)?.stop();
      this.#delays.delete(address);
      if (ms > 0) this.#delays.set(address, await startDelay(this, host, address, ms));
    }
  }

  async setFaults(link: string, faults: readonly Fault[]): Promise<void> {
    this.#faults.set(link, faults);
    const rules = ruleSet([...this.#faults.values()].flat());
    await command('ip', ['netns', 'exec', this.router, 'nft', '-f', '-'], rules);
  }

  adopt(process: Stoppable): void {
    this.#processes.push(process);
  }

  runOnRouter(program: string, args: readonly string[]): PeerProcess {
    const process = new PeerProcess('ip', ['netns', 'exec', this.router, program, ...args]);
    this.adopt(process);
    return process;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    await Promise.allSettled(this.#processes.map((process) => process.stop()));
    this.#remove();
  }

  async #build(ground: Ground, name: string, number: number, options: HostOptions = {}): Promise<Host> {
    const host = new Host(ground, `${this.#prefix}${name}`, name, number, options);
    this.#hosts.push(host);
    await host.build(host.addresses.map((address) => this.resolver(familyOf(address))));
    return host;
  }

  /** Also the last resort when the process ends: nothing here waits for the event loop. */
  #remove(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    process.off('exit', this.#abandon);
    for (const namespace of [...this.#hosts.map((host) => host.namespace), this.router]) remove(namespace);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Ends what still runs in a namespace, and forgets it. */
function remove(namespace: string): void {
  const { stdout } = spawnSync('ip', ['netns', 'pids', namespace], { encoding: 'utf8' });
  for (const id of (stdout ?? '').split('\n').map(Number)) if (id > 1) end(id);
  spawnSync('ip', ['netns', 'del', namespace]);
  rmSync(`/etc/netns/${namespace}`, { recursive: true, force: true });
}

function end(id: number): void {
  try {
    process.kill(id, 'SIGKILL');
  } catch {
    // It was quicker.
  }
}

/** Removes what laboratories left behind whose process was killed. */
function sweep(): void {
  for (const folder of ['/run/netns', '/etc/netns']) {
    for (const name of entries(folder)) {
      const owner = Number(NAME.exec(name)?.[1]);
      if (owner > 0 && !isAlive(owner)) remove(name);
    }
  }
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isAlive(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch {
    return false;
  }
}
