/** Whether this host can emulate the machines. */
import { existsSync } from 'node:fs';

const PACKAGE = {
  '/usr/bin/qemu-system-aarch64': 'qemu-system-arm',
  '/usr/bin/mcopy': 'mtools',
  '/usr/sbin/sfdisk': 'fdisk',
  '/usr/sbin/debugfs': 'e2fsprogs',
} as const;

/** Packages that are missing. */
export function missingForQemu(): readonly string[] {
  return Object.entries(PACKAGE).flatMap(([file, name]) => (existsSync(file) ? [] : [name]));
}
