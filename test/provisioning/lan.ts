/**
 * A LAN of two: a server's namespace and a telephone's, joined by one cable, for tests of what networks tell. Nothing in
 * it has an address unless the test or DHCP gives one. Unlike in the laboratory both ends are on the same link.
 *
 *     await using lan = await Lan.create(['10.9.0.1/24', '2001:db8:9::1/64']);
 *     lan.server('dnsmasq', ['-k', …]);
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { ip, sysctl } from '../lab/command.ts';
import { PeerProcess } from '../support/process.ts';

/** Names of the interfaces at both ends. */
export const SERVER_LINK = 'lan0';
export const PHONE_LINK = 'eth0';
export const PHONE_MAC = 'dc:a6:32:01:02:03';
let count = 0;

export class Lan implements AsyncDisposable {
  /** For the files of the programs; goes with the LAN. */
  readonly directory = mkdtempSync(join(tmpdir(), 'dualtone-lan-'));
  readonly serverSpace: string;
  readonly phoneSpace: string;
  readonly #processes: PeerProcess[] = [];

  /** @param addresses of the server, with prefix length */
  static async create(addresses: readonly string[], options: { readonly ipv6?: false } = {}): Promise<Lan> {
    const lan = new Lan(`dualtone-${process.pid}-${threadId}.lan${++count}`);
    try {
      await lan.#build(addresses, options);
      return lan;
    } catch (error) {
      await lan[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(name: string) {
    this.serverSpace = `${name}-server`;
    this.phoneSpace = `${name}-phone`;
    process.once('exit', this.#remove);
  }

  /** Address, with prefix length, for the telephone's interface. */
  async giveAddress(address: string): Promise<void> {
    await ip(
      [`addr add ${address} dev ${PHONE_LINK}${address.includes(':') ? ' nodad' : ''}`],
      this.phoneSpace,
    );
  }

  /** Name servers of the telephone; none at first. */
  setResolvers(...addresses: readonly string[]): void {
    const lines = addresses.map((address) => `nameserver ${address}\n`);
    writeFileSync(`/etc/netns/${this.phoneSpace}/resolv.conf`, lines.join(''));
  }

  /** A file in the directory. */
  file(name: string, text: string): string {
    const path = join(this.directory, name);
    writeFileSync(path, text);
    return path;
  }

  folder(name: string): string {
    const path = join(this.directory, name);
    mkdirSync(path, { recursive: true, mode: 0o777 });
    return path;
  }

  server(program: string, args: readonly string[], env?: NodeJS.ProcessEnv): PeerProcess {
    return this.#run(this.serverSpace, program, args, env);
  }

  phone(program: string, args: readonly string[], env?: NodeJS.ProcessEnv): PeerProcess {
    return this.#run(this.phoneSpace, program, args, env);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off('exit', this.#remove);
    this.#remove();
    await Promise.allSettled(this.#processes.map((process) => process.stop()));
  }

  /** Also the last resort when the process ends: nothing here waits for the event loop. */
  readonly #remove = (): void => {
    for (const space of [this.serverSpace, this.phoneSpace]) {
      // Also what its programs started: such as these keep our pipes open.
      const { stdout } = spawnSync('ip', ['netns', 'pids', space], { encoding: 'utf8' });
      for (const id of (stdout ?? '').split('\n').map(Number)) if (id > 1) end(id);
      spawnSync('ip', ['netns', 'del', space]);
      rmSync(`/etc/netns/${space}`, { recursive: true, force: true });
    }
    rmSync(this.directory, { recursive: true, force: true });
  };

  #run(space: string, program: string, args: readonly string[], env?: NodeJS.ProcessEnv): PeerProcess {
    const started = new PeerProcess('ip', ['netns', 'exec', space, program, ...args], env);
    this.#processes.push(started);
    return started;
  }

  async #build(addresses: readonly string[], { ipv6 }: { readonly ipv6?: false }): Promise<void> {
    const { serverSpace, phoneSpace } = this;
    // A mount of its own over the system's: what clients write stays here.
    mkdirSync(`/etc/netns/${phoneSpace}`, { recursive: true });
    writeFileSync(`/etc/netns/${phoneSpace}/resolv.conf`, '');
    await ip([`netns add ${serverSpace}`, `netns add ${phoneSpace}`]);
    for (const space of [serverSpace, phoneSpace])
      await sysctl(space, {
        'net.ipv6.conf.all.accept_dad': 0,
        'net.ipv6.conf.default.accept_dad': 0,
        'net.ipv6.conf.default.disable_ipv6': ipv6 === false ? 1 : 0,
      });
    // Else its own answers would say that it is no router (RFC 4861 7.2.5), and hosts would drop the route.
    await sysctl(serverSpace, { 'net.ipv6.conf.default.forwarding': 1, 'net.ipv6.conf.all.forwarding': 1 });
    await ip([
      `link add ${SERVER_LINK} netns ${serverSpace} type veth peer name ${PHONE_LINK} address ${PHONE_MAC} netns ${phoneSpace}`,
    ]);
    await ip(['link set lo up', `link set ${PHONE_LINK} up`], phoneSpace);
    const nodad = (address: string) => (address.includes(':') ? ' nodad' : '');
    await ip(
      [
        'link set lo up',
        `link set ${SERVER_LINK} up`,
        ...addresses.map((address) => `addr add ${address} dev ${SERVER_LINK}${nodad(address)}`),
      ],
      serverSpace,
    );
  }
}

function end(id: number): void {
  try {
    process.kill(id, 'SIGKILL');
  } catch {
    // It was quicker.
  }
}
