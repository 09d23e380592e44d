/** Licences of what is on the card beside Debian's packages, which bring theirs: usr/share/doc/NAME/copyright. */
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Extracted } from './extracted.ts';
import { CHECKOUT } from './places.ts';
import type { Runtime } from './runtime.ts';

const EXTRACTED = ['busybox-static', 'ca-certificates', 'firmware-brcm80211', 'raspi-firmware', 'u-boot-rpi'];
const MODULES = join(CHECKOUT, 'node_modules');

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly license?: string;
}

const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

/** What the bundle is made of: packages of npm with all that they depend on. */
function bundled(folder: string, found = new Set<string>()): ReadonlySet<string> {
  for (const name of Object.keys(manifestOf(folder).dependencies ?? {})) {
    if (found.has(name) || !existsSync(join(MODULES, name))) continue;
    found.add(name);
    bundled(join(MODULES, name), found);
  }
  return found;
}

function textOf(name: string): string {
  const folder = join(MODULES, name);
  const [file] = globSync('{LICEN[CS]E,licen[cs]e,COPYING}*', { cwd: folder }).toSorted();
  const text = file ? readFileSync(join(folder, file), 'utf8').trim() : manifestOf(folder).license;
  return `${'='.repeat(78)}\n${name}\n\n${text}\n`;
}

export function addLicences(system: string, { root, kernel }: Extracted, { pack }: Runtime): void {
  const doc = (name: string) => join(system, 'usr/share/doc', name);
  for (const name of [...EXTRACTED, `linux-binary-${kernel}`]) {
    const from = join(root, 'usr/share/doc', name, 'copyright');
    if (existsSync(from)) cpSync(from, join(doc(name), 'copyright'), { dereference: true });
  }
  for (const name of ['dualtone', 'nodejs']) mkdirSync(doc(name), { recursive: true });
  const own = readFileSync(join(CHECKOUT, 'LICENSE'), 'utf8');
  const others = [...bundled(CHECKOUT)].toSorted().map(textOf);
  writeFileSync(join(doc('dualtone'), 'copyright'), [own, ...others].join('\n'));
  cpSync(join(pack, 'LICENSE'), join(doc('nodejs'), 'copyright'));
}
