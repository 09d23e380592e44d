/** What the host must have: few programs, since all that makes octets of the card comes from the lock list. */
import { existsSync, readdirSync } from 'node:fs';
import { run } from './run.ts';
import { step } from './step.ts';

/** Program or file, and the package that brings it. */
const NEEDED = [
  ['/usr/bin/mmdebstrap', 'mmdebstrap'],
  ['/usr/bin/qemu-aarch64-static', 'qemu-user-static'],
  ['/usr/sbin/update-binfmts', 'binfmt-support'],
  ['/usr/bin/arch-test', 'arch-test'],
  ['/usr/lib/apt/apt-helper', 'apt'],
  ['/usr/share/keyrings/debian-archive-keyring.gpg', 'debian-archive-keyring'],
  ['/usr/bin/unshare', 'util-linux'],
  ['/usr/bin/xz', 'xz-utils'],
] as const;
const BINFMT = '/proc/sys/fs/binfmt_misc';

const emulated = (): boolean => process.arch !== 'arm64';
const missing = (): string[] =>
  NEEDED.filter(
    ([file, name]) => !existsSync(file) && (emulated() || !/^(?:qemu|binfmt|arch)/.test(name)),
  ).map(([, name]) => name);

function refuseForeign(): void {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/apt-get'))
    throw new Error('the card is built on Debian (amd64 or arm64): its apt and dpkg are needed');
  if (process.getuid?.() !== 0)
    throw new Error('building the card takes root, for files that belong to it: sudo npm run image');
}

async function emulate(): Promise<void> {
  if (readdirSync(BINFMT).length === 0) await run('mount', ['-t', 'binfmt_misc', 'binfmt_misc', BINFMT]);
  if (!existsSync(`${BINFMT}/qemu-aarch64`)) await run('update-binfmts', ['--enable', 'qemu-aarch64']);
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
