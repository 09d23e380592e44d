/** Debian's U-Boot for Raspberry Pi 3 in QEMU, on a card: what comes down the serial line until its kernel has run. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { debOf } from '../../image/build/archive.ts';
import { parseLock } from '../../image/build/lock.ts';
import { LOCK } from '../../image/build/places.ts';
import type { Card } from './card.ts';

/** The packages of the card that these tests take something of. */
const NEEDED = ['u-boot-rpi', 'linux-base-'] as const;

/** Of the lock list, where they lie in the cache; undefined: one is not there. */
function packages(): readonly string[] | undefined {
  const { packages: all } = parseLock(readFileSync(LOCK, 'utf8'));
  const debs = NEEDED.flatMap((name) => all.filter((one) => one.name.startsWith(name)).slice(0, 1)).map(
    debOf,
  );
  return debs.length === NEEDED.length && debs.every((deb) => existsSync(deb)) ? debs : undefined;
}

export interface Machine {
  readonly uBoot: string;
  readonly tree: string;
}

/** undefined: `npm run image` has not fetched its packages on this machine. */
export function machine(board: 'rpi_3' | 'rpi_arm64'): (Machine & Disposable) | undefined {
  const [uBootDeb, treeDeb] = packages() ?? [];
  if (uBootDeb === undefined || treeDeb === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'dualtone-u-boot-'));
  const taken = (deb: string, pattern: string, name: string): string => {
    const file = join(folder, name);
    const archive = execFileSync('dpkg', ['--fsys-tarfile', deb], { maxBuffer: 2 ** 30 });
    const octets = execFileSync('tar', ['-xO', '--wildcards', pattern], {
      input: archive,
      maxBuffer: 2 ** 26,
    });
    writeFileSync(file, octets);
    return file;
  };
  return {
    uBoot: taken(uBootDeb, `*/${board}/u-boot.bin`, 'u-boot.bin'),
    tree: taken(treeDeb, '*/bcm2837-rpi-3-b.dtb', 'pi.dtb'),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const LIMIT = 90_000;

/** What was said until now, one character an octet: has it come to the end? */
type Ends = (said: string) => boolean;

/**
 * Starts the card until `ends`, by what the second serial port says, which is U-Boot's console. Throws an Error with all
 * that was said when that takes longer than 90 s.
 */
export function boot(card: Card, { uBoot, tree }: Machine, ends: Ends = hasRun): Promise<string> {
  const drive = `file=${card.path},if=sd,format=raw`;
  const words = ['-M', 'raspi3b', '-display', 'none', '-serial', 'null', '-serial', 'stdio'];
  const qemu = spawn('qemu-system-aarch64', [...words, '-kernel', uBoot, '-dtb', tree, '-drive', drive], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let said = '';
  return new Promise((done, fail) => {
    const timer = setTimeout(() => qemu.kill('SIGKILL'), LIMIT);
    qemu.stdout.setEncoding('latin1').on('data', (text: string) => {
      said += text;
      if (ends(said)) qemu.kill('SIGTERM');
    });
    qemu.on('error', fail);
    qemu.on('close', () => {
      clearTimeout(timer);
      if (ends(said)) done(said);
      else fail(new Error(`U-Boot did not come so far:\n${said}`));
    });
  });
}

/** The flattened device tree that the "kernel" was given; undefined: not all of it has come. */
export function treeOf(said: string): Buffer | undefined {
  const start = said.indexOf('\xd0\x0d\xfe\xed', said.indexOf('Starting kernel'));
  if (start < 0) return undefined;
  const octets = Buffer.from(said.slice(start), 'latin1');
  return octets.length >= 8 && octets.length >= octets.readUInt32BE(4) ? octets : undefined;
}

const hasRun: Ends = (said) => said.includes('Starting kernel') && treeOf(said) !== undefined;

/** The kernel's words. */
export function bootargs(said: string): string {
  return /root=PARTUUID[^\0]*/.exec(treeOf(said)?.toString('latin1') ?? '')?.[0] ?? '';
}

/** What the boot script said. */
export function lines(said: string): readonly string[] {
  return said.split(/[\r\n]+/).flatMap((line) => /^dualtone: (.*)/.exec(line)?.[1] ?? []);
}
