/** Hears what a service tells its manager (sd_notify), as perl hears it: Node has no datagrams by name. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PeerProcess, until } from './process.ts';

const PROGRAM = `
use Socket; $| = 1;
my $name = $ARGV[0]; $name =~ s/^@/\\0/;
socket(my $socket, AF_UNIX, SOCK_DGRAM, 0) or die "socket: $!";
bind($socket, pack_sockaddr_un($name)) or die "bind: $!";
print "bound\\n";
while (defined recv($socket, my $octets, 4096, 0)) { print "$octets\\n" }`;

export class NotifyReceiver {
  /** For NOTIFY_SOCKET. */
  readonly path: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'dualtone-notify-'));
  readonly #perl: PeerProcess;

  private constructor(abstract: boolean) {
    this.path = abstract ? `@${this.#folder}` : join(this.#folder, 'notify');
    this.#perl = new PeerProcess('perl', ['-e', PROGRAM, this.path]);
  }

  static async open({ abstract = false } = {}): Promise<NotifyReceiver> {
    const receiver = new NotifyReceiver(abstract);
    await receiver.#until('bound');
    return receiver;
  }

  /** All that was told so far, in its order. */
  get told(): readonly string[] {
    return this.#perl.output.split('\n').slice(1, -1);
  }

  /** Once this was told `count` times. */
  async heard(word: string, count = 1, ms = 15_000): Promise<void> {
    await until(
      `${word} is heard`,
      () => this.told.filter((each) => each === word).length >= count,
      ms,
      () => this.told.join(),
    );
  }

  async close(): Promise<void> {
    this.#perl.kill('SIGKILL');
    await this.#perl.ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #until(word: string): Promise<boolean> {
    return until(
      word,
      () => this.#perl.output.includes(`${word}\n`),
      5000,
      () => this.#perl.output,
    );
  }
}
