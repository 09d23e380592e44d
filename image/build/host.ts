/** What the host must have: few programs, since all that makes octets of the card comes from the lock list. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { run } from './run.ts';
import { step } from './step.ts';

/** Program or file, and the package that brings it. */
const NEEDED = [
  ['/usr/bin/mmdebstrap', 'mmdebstrap'],
  ['/usr/bin/qemu-aarch64-static', 'qemu-user-static'],
  ['/usr/bin/arch-test', 'arch-test'],
  ['/usr/lib/apt/apt-helper', 'apt'],
  ['/usr/share/keyrings/debian-archive-keyring.gpg', 'debian-archive-keyring'],
  ['/usr/bin/unshare', 'util-linux'],
  ['/usr/bin/xz', 'xz-utils'],
] as const;
const BINFMT = '/proc/sys/fs/binfmt_misc';
/** binfmt.d(5), of Debian's qemu-user-static and what has taken its place: which programs are given to the emulator. */
const REGISTRATION = '/usr/lib/binfmt.d/qemu-aarch64.conf';

const emulated = (): boolean => process.arch !== 'arm64';
const missing = (): string[] =>
  NEEDED.filter(([file, name]) => !existsSync(file) && (emulated() || !/^(?:qemu|arch)/.test(name))).map(
    ([, name]) => name,
  );

function refuseForeign(): void {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/apt-get'))
    throw new Error('the card is built on Debian (amd64 or arm64): its apt and dpkg are needed');
  if (process.getuid?.() !== 0)
    throw new Error('building the card takes root, for files that belong to it: sudo npm run image');
}

/** Where systemd runs it has been done; a container has no systemd. */
async function emulate(): Promise<void> {
  if (existsSync(`${BINFMT}/qemu-aarch64`)) return;
  try {
    if (!existsSync(`${BINFMT}/register`)) await run('mount', ['-t', 'binfmt_misc', 'binfmt_misc', BINFMT]);
    if (existsSync(`${BINFMT}/qemu-aarch64`)) return;
    const lines = readFileSync(REGISTRATION, 'utf8').split('\n');
    writeFileSync(`${BINFMT}/register`, lines.find((line) => line.startsWith(':')) ?? '');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `programs of arm64 cannot run here (${why}): a container needs --privileged, or the host "apt-get install qemu-user-static"`,
    );
  }
}

/** Installs what is missing, and lets programs of arm64 run. Throws where this host cannot build. */
export async function prepareHost(): Promise<void> {
  refuseForeign();
  const names = missing();
  const apt = (...args: string[]) =>
    run('apt-get', ['-o', 'DPkg::Lock::Timeout=300', '-q', '-y', ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  if (names.length > 0)
    await step(`install ${names.join(' ')}`, async () => {
      await apt('update');
      await apt('install', '--no-install-recommends', ...names);
    });
  if (emulated()) await emulate();
}
