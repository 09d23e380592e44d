/** A machine in QEMU: what its serial line says, line by line, and its end. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Card } from './card.ts';
import { FIRMWARE } from './card.ts';

/** Lines that are kept. */
const KEPT = 5000;
const PROGRAM = 'qemu-system-aarch64';

export class Machine {
  readonly lines: string[] = [];
  readonly ended: Promise<void>;
  readonly #qemu: ChildProcess;
  readonly #begin = performance.now();
  readonly #waiting = new Set<() => void>();
  #rest = '';
  #isOver = false;

  /**
   * `say`: each line of the serial console, with the seconds since the power came. `via`: what stands before the command
   * line, to have it run elsewhere; it must not outlive what it starts.
   */
  constructor(
    args: readonly string[],
    say: (line: string, seconds: number) => void = () => {},
    via: readonly string[] = [],
  ) {
    const [program = PROGRAM, ...words] = [...via, PROGRAM];
    this.#qemu = spawn(program, [...words, '-display', 'none', '-monitor', 'none', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const hear = (text: string): void => {
      const lines = (this.#rest + text).split('\n');
      this.#rest = lines.pop() ?? '';
      for (const raw of lines) {
        const line = plain(raw);
        if (line === '') continue;
        if (this.lines.push(line) > KEPT) this.lines.shift();
        say(line, this.seconds);
      }
      for (const look of [...this.#waiting]) look();
    };
    this.#qemu.stdout?.setEncoding('utf8').on('data', hear);
    this.#qemu.stderr?.setEncoding('utf8').on('data', hear);
    this.ended = new Promise((resolve) => {
      const over = (): void => {
        this.#isOver = true;
        resolve();
        for (const look of [...this.#waiting]) look();
      };
      this.#qemu.on('close', over);
      this.#qemu.on('error', (error) => {
        hear(`${error.message}\n`);
        over();
      });
    });
  }

  /** s since the power came. */
  get seconds(): number {
    return (performance.now() - this.#begin) / 1000;
  }

  /** The first line, of those not yet asked about, that matches. Rejects with the last lines after `seconds`. */
  line(pattern: RegExp, seconds: number): Promise<string> {
    return new Promise((resolve, reject) => {
      let seen = 0;
      const fail = (why: string): void => {
        done();
        reject(new Error(`${why}: ${pattern}\n${this.lines.slice(-40).join('\n')}`));
      };
      const late = setTimeout(() => fail(`not said within ${seconds} s`), seconds * 1000);
      const done = (): void => {
        clearTimeout(late);
        this.#waiting.delete(look);
      };
      const look = (): void => {
        for (; seen < this.lines.length; seen++) {
          const line = this.lines[seen] ?? '';
          if (!pattern.test(line)) continue;
          this.lines.splice(0, seen + 1);
          done();
          resolve(line);
          return;
        }
        if (this.#isOver) fail('the machine ended before it said');
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Takes the power away. */
  async cut(): Promise<void> {
    this.#qemu.kill('SIGKILL');
    await this.ended;
  }
}

/** A line without what moves a terminal's cursor or colours it. */
function plain(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken away
  return line.replace(/\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f]/g, '').trimEnd();
}

/** For the kernel of `raspberryPi`: QEMU restarts it as soon as its watchdog is begun, not when it bites. */
export const NO_WATCHDOG = 'systemd.watchdog_device=/dev/none';

/** A Raspberry Pi 3 with its own U-Boot, without a network: QEMU has no chip of it. `more`: further words for QEMU. */
export function raspberryPi(
  card: Card,
  say?: (line: string, seconds: number) => void,
  more: readonly string[] = [],
): Machine {
  const uBoot = card.extract(FIRMWARE, 'u-boot.bin');
  const tree = card.extract(FIRMWARE, 'bcm2837-rpi-3-b.dtb');
  const args = ['-M', 'raspi3b', '-serial', 'null', '-serial', 'stdio', '-kernel', uBoot, '-dtb', tree];
  return new Machine([...args, '-drive', `file=${card.path},if=sd,format=raw`, ...more], say);
}
