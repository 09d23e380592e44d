/** Programs of the system that tests talk to: where they are, and what brings them. */
import { accessSync, constants } from 'node:fs';
import { delimiter } from 'node:path';

/** Debian package of each. */
export const PACKAGE = {
  sipp: 'sip-tester',
  baresip: 'baresip-core',
  kamailio: 'kamailio',
  chromium: 'chromium',
  minimodem: 'minimodem',
  strace: 'strace',
  openssl: 'openssl',
  nginx: 'nginx-light',
  tshark: 'tshark',
  dash: 'dash',
  dropbearkey: 'dropbear-bin',
  shellcheck: 'shellcheck',
  dtc: 'device-tree-compiler',
  fdtoverlay: 'device-tree-compiler',
  sfdisk: 'fdisk',
  resize2fs: 'e2fsprogs',
  'qemu-system-aarch64': 'qemu-system-arm',
  mkimage: 'u-boot-tools',
  mkenvimage: 'u-boot-tools',
  mcopy: 'mtools',
  'mkfs.vfat': 'dosfstools',
  unshare: 'util-linux',
  wpa_supplicant: 'wpasupplicant',
  'systemd-notify': 'systemd',
  'systemd-analyze': 'systemd',
} as const;

export type Program = keyof typeof PACKAGE;

/** Its path, in PATH or where Debian puts servers; undefined: not installed. */
export function whereIs(program: Program): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((folder) => `${folder}/${program}`).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
