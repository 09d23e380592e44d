/**
 * The house that an emulated card has its cable in: network namespaces with a box (router, DHCP, router advertisements, registrar,
 * web server) and hosts, as the telephones of the laboratory know it (test/lab/home.ts).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { VirtualNetwork } from '../../image/qemu/virt.ts';
import { ip } from '../lab/command.ts';
import { HOME_LINK, Home } from '../lab/home.ts';
import type { Host } from '../lab/host.ts';
import { Lab } from '../lab/lab.ts';
import { startDhcp } from '../lab/peers/dhcp.ts';
import { registrarRecords } from '../lab/peers/registrar.ts';
import { noLabBecause } from '../lab/possible.ts';
import { type PeerProcess, until } from '../support/process.ts';

const TAP = 'card';
const MAC = 'dc:a6:32:00:00:79';
/** ms: an emulated machine takes its time, above all for the mathematics of a login. */
const LOGIN = 120_000;
const COMMAND = 60_000;
const SSH = [
  ...['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR', 'BatchMode=yes'],
  `ConnectTimeout=${LOGIN / 1000}`,
];

export class House implements AsyncDisposable {
  readonly lab: Lab;
  readonly home: Home;
  readonly network: VirtualNetwork;
  /** The card's: by its prefix and MAC (RFC 4291 appendix A). */
  readonly ipv6 = '2d00:1ab:79:0:dea6:32ff:fe00:79';
  readonly #key: string;
  readonly #control: string;
  #login: PeerProcess | undefined;

  private constructor(lab: Lab, home: Home) {
    this.lab = lab;
    this.home = home;
    this.network = { namespace: lab.router, tap: TAP, mac: MAC };
    this.#key = join(lab.directory, 'ssh-key');
    this.#control = join(lab.directory, 'ssh-control');
  }

  /**
   * With dual stack. `records`: lines of a zone file beside those of the registrar, from the addresses of the box. Throws where
   * no house can be built.
   */
  static async build(records: (box: readonly string[]) => readonly string[] = () => []): Promise<House> {
    const obstacle = noLabBecause(['dnsmasq']);
    if (obstacle !== undefined) throw new Error(`no house can be built here: it ${obstacle}`);
    const lab = await Lab.create();
    try {
      const home = await Home.build(lab, 'dual');
      await ip([`tuntap add dev ${TAP} mode tap`, `link set ${TAP} master ${HOME_LINK} up`], lab.router);
      await lab.dns([...registrarRecords(home), ...records(home.addresses)]);
      await startDhcp(home, { lines: [] });
      return new House(lab, home);
    } catch (error) {
      await lab[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** With addresses of its own. */
  host(name: string): Promise<Host> {
    return this.home.host(name);
  }

  /** For the drop file `ssh`: who has the key of this house may log in. */
  sshKey(): string {
    const { status, stderr } = spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', this.#key]);
    if (status !== 0) throw new Error(`ssh-keygen: ${stderr}`);
    return readFileSync(`${this.#key}.pub`, 'utf8');
  }

  /** What a command prints that is given to the card's shell as root. Throws where it fails. */
  async sh(command: string): Promise<string> {
    // One login, and all commands go through it.
    this.#login ??= this.#ssh(['-M', '-N']);
    const control = async () => existsSync(this.#control) || (await this.#hasEnded());
    await until('the card lets us log in', control, LOGIN, () => this.#login?.output ?? '');
    const ssh = this.#ssh([command]);
    if ((await ssh.exit(COMMAND)) !== 0) throw new Error(`the card: ${command}: ${ssh.output}`);
    return ssh.output;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lab[Symbol.asyncDispose]();
  }

  async #hasEnded(): Promise<false> {
    const code = await Promise.race([this.#login?.ended, sleep(500)]);
    if (code !== undefined) this.#login = this.#ssh(['-M', '-N']);
    return false;
  }

  #ssh(words: readonly string[]): PeerProcess {
    const options = SSH.flatMap((option) => ['-o', option]);
    const all = ['-i', this.#key, '-S', this.#control, ...options, `root@${this.ipv6}`, ...words];
    return this.home.run('ssh', all);
  }
}
