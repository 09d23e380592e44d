/**
 * The root file system of the card, as far as it is ours: image/files with image/device over it, the units of this machine's
 * systemd below, and programs that do nothing where theirs will be.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const DEVICE = fileURLToPath(new URL('../../image/device', import.meta.url));
const FILES = fileURLToPath(new URL('../../image/files', import.meta.url));
const UNITS = 'usr/lib/systemd/system';
/** What our units start, and packages bring. */
const PROGRAMS = [
  'usr/bin/install',
  'usr/bin/mount',
  'usr/bin/rm',
  'usr/bin/sh',
  'usr/bin/systemctl',
  'usr/sbin/dropbear',
  'usr/sbin/iw',
  'usr/sbin/nft',
  'usr/sbin/wpa_supplicant',
];

/** Its path; removed when `after` is called. */
export function staged(): { readonly root: string; readonly after: () => void } {
  const root = mkdtempSync(join(tmpdir(), 'dualtone-card-'));
  mkdirSync(join(root, UNITS), { recursive: true });
  const own = { recursive: true, verbatimSymlinks: true };
  cpSync('/lib/systemd/system', join(root, UNITS), own);
  cpSync(FILES, root, own);
  cpSync(DEVICE, root, { ...own, force: true });
  mkdirSync(join(root, 'usr/sbin'), { recursive: true });
  for (const program of PROGRAMS) writeFileSync(join(root, program), '#!/bin/sh\n', { mode: 0o755 });
  for (const name of ['bin', 'sbin', 'lib']) symlinkSync(`usr/${name}`, join(root, name));
  return { root, after: () => rmSync(root, { recursive: true, force: true }) };
}
