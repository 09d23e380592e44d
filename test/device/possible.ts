/** Whether this machine can build and start guests. */
import { existsSync } from 'node:fs';
import { SYSTEM_PATH } from '../lab/command.ts';

/** Debian package of each program that building the kernel takes; the guest itself runs perl, kmod and iproute2. */
const PACKAGE = {
  gcc: 'gcc libc6-dev',
  make: 'make',
  flex: 'flex',
  bison: 'bison',
  bc: 'bc',
  xz: 'xz-utils',
  curl: 'curl',
  modprobe: 'kmod',
  ip: 'iproute2',
  perl: 'perl-base',
} as const;

/** Why no guest can run here; undefined: it can. */
export function noGuestBecause(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'needs Linux on x86-64';
  if (process.getuid?.() !== 0) return 'needs root, whose files the guest reads';
  const missing = Object.entries(PACKAGE).filter(([program]) => !isInstalled(program));
  if (missing.length === 0) return undefined;
  const packages = missing.map(([, debian]) => debian).join(' ');
  return `needs ${missing.map(([program]) => program).join(', ')}: apt-get install ${packages}`;
}

function isInstalled(program: string): boolean {
  return SYSTEM_PATH.split(':').some((folder) => existsSync(`${folder}/${program}`));
}
