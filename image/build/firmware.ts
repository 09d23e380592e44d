/** The first partition: what the boards' firmware reads, U-Boot, its script, and the device trees. Never written in service. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Builder } from './builder.ts';
import type { Extracted } from './extracted.ts';
import { makeFat, type Placed } from './filesystems.ts';
import { partition } from './mbr.ts';
import { IMAGE } from './places.ts';

/** Below usr/lib/raspi-firmware. The ones with `cd` are what the firmware takes where the GPU gets its least memory. */
const BLOBS = [
  'bootcode.bin',
  'fixup.dat',
  'fixup4.dat',
  'fixup4cd.dat',
  'fixup_cd.dat',
  'start.elf',
  'start4.elf',
  'start4cd.elf',
  'start_cd.elf',
];
export const TREES = [
  'bcm2711-rpi-4-b.dtb',
  'bcm2837-rpi-3-a-plus.dtb',
  'bcm2837-rpi-3-b-plus.dtb',
  'bcm2837-rpi-3-b.dtb',
  'bcm2837-rpi-zero-2-w.dtb',
];
/** U-Boot's environment file, octets: what its build for these boards has as CONFIG_ENV_SIZE. */
const ENVIRONMENT = '0x4000';

export async function makeFirmware(
  work: string,
  { root, modules }: Extracted,
  builder: Builder,
): Promise<string> {
  const at = (name: string) => join(work, name);
  const boot = (name: string) => join(IMAGE, 'boot', name);
  const script = ['-A', 'arm64', '-O', 'linux', '-T', 'script', '-C', 'none', '-n', 'dualtone'];
  await builder(['mkimage', ...script, '-d', boot('boot.cmd'), at('boot.scr')]);
  const files: Placed[] = [
    ...BLOBS.map((name) => ({ name, from: join(root, 'usr/lib/raspi-firmware', name) })),
    ...TREES.map((name) => ({ name, from: join(modules, 'dtb/broadcom', name) })),
    { name: 'u-boot.bin', from: join(root, 'usr/lib/u-boot/rpi_arm64/u-boot.bin') },
    { name: 'boot.scr', from: at('boot.scr') },
    { name: 'config.txt', from: boot('config.txt') },
    { name: 'LICENCE.firmware', from: join(root, 'usr/share/doc/raspi-firmware/copyright') },
    { name: 'LICENCE.u-boot', from: join(root, 'usr/share/doc/u-boot-rpi/copyright') },
  ];
  await builder(['mkenvimage', '-s', ENVIRONMENT, '-o', at('uboot.env'), boot('uboot.env.txt')]);
  files.push({ name: 'uboot.env', from: at('uboot.env') });
  const target = at('firmware.vfat');
  await makeFat(
    target,
    { label: 'DUALTONE', bits: 32, id: 'd0a17e01', size: partition(1).size },
    files,
    builder,
  );
  return target;
}

/** The second partition: the boot state of a new card. */
export async function makeBootstate(work: string, state: Buffer, builder: Builder): Promise<string> {
  writeFileSync(join(work, 'state_a'), state);
  const target = join(work, 'bootstate.vfat');
  const files = [{ name: 'state_a', from: join(work, 'state_a') }];
  await makeFat(
    target,
    { label: 'BOOTSTATE', bits: 16, id: 'd0a17e02', size: partition(2).size },
    files,
    builder,
  );
  return target;
}
