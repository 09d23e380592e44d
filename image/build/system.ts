/** The system's tree: Debian's userland, the kernel's modules, the runtime, and what of the image goes into its places. */
import {
  appendFileSync,
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  globSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { addAccounts } from './accounts.ts';
import type { Builder } from './builder.ts';
import type { Extracted } from './extracted.ts';
import { addModules } from './kernel.ts';
import type { Certificate } from './keys.ts';
import { addLicences } from './licences.ts';
import type { Lock } from './lock.ts';
import { IMAGE } from './places.ts';
import { prune } from './prune.ts';
import { run } from './run.ts';
import { addRuntime, type Runtime } from './runtime.ts';

export interface SystemParts {
  readonly lock: Lock;
  /** tar archive */
  readonly userland: string;
  readonly extracted: Extracted;
  readonly runtime: Runtime;
  readonly version: string;
  readonly certificate: Certificate;
  /** A folder that is laid over all the rest. */
  readonly variant?: string | undefined;
}

/** Wi-Fi of Pi 3, Zero 2 W and 4; files of other boards with these chips are left out. */
const RADIOS = [/^cypress\/cyfmac(?:43430|43455)-sdio/, /^brcm\/brcmfmac(?:43430|43436s?|43455)-sdio/];
const BOARDS = /raspberrypi,(?:3-|4-model|model-zero-2)/;
function addFirmware(system: string, { root }: Extracted): void {
  for (const name of globSync('{brcm,cypress}/*', { cwd: join(root, 'usr/lib/firmware') })) {
    const plain = /\.(?:bin|clm_blob)$/.test(name);
    if (!RADIOS.some((radio) => radio.test(name)) || !(plain || BOARDS.test(name))) continue;
    cpSync(join(root, 'usr/lib/firmware', name), join(system, 'usr/lib/firmware', name), {
      verbatimSymlinks: true,
    });
  }
}

/** The authorities whose certificates the system believes, in the file where OpenSSL and GnuTLS look for them. */
function addAuthorities(system: string, { root }: Extracted): void {
  const folder = join(root, 'usr/share/ca-certificates');
  const files = globSync('**/*.crt', { cwd: folder }).toSorted();
  const certificates = files.map((name) => `${readFileSync(join(folder, name), 'utf8').trimEnd()}\n`);
  mkdirSync(join(system, 'etc/ssl/certs'), { recursive: true });
  writeFileSync(join(system, 'etc/ssl/certs/ca-certificates.crt'), certificates.join(''));
  mkdirSync(join(system, 'usr/lib/ssl'), { recursive: true });
  symlinkSync('/etc/ssl/certs/ca-certificates.crt', join(system, 'usr/lib/ssl/cert.pem'));
}

function addFacts(system: string, { lock, version, certificate }: SystemParts): void {
  const folder = join(system, 'usr/share/dualtone');
  mkdirSync(folder, { recursive: true });
  const packages = lock.packages.filter(({ role }) => role === 'device' || role === 'extracted');
  const lines = packages.map(({ name, version, architecture }) => `${name} ${version} ${architecture}\n`);
  writeFileSync(join(folder, 'packages.txt'), [...new Set(lines)].toSorted().join(''));
  // os-release(5). The link in etc/ leads here.
  appendFileSync(join(system, 'usr/lib/os-release'), `IMAGE_ID=dualtone\nIMAGE_VERSION=${version}\n`);
  cpSync(certificate.file, join(folder, 'update.crt'));
  // systemd sets a clock that is behind this file's date forward to it.
  writeFileSync(join(system, 'usr/lib/clock-epoch'), '');
}

/** Lays a folder over the tree; what was there under the same name goes, be it file or link. All belongs to root. */
function lay(over: string, system: string): void {
  for (const entry of readdirSync(over, { recursive: true, withFileTypes: true })) {
    const from = join(entry.parentPath, entry.name);
    const to = join(system, from.slice(over.length + 1));
    const there = lstatSync(to, { throwIfNoEntry: false });
    if (entry.isDirectory() && there?.isDirectory()) continue;
    rmSync(to, { recursive: true, force: true });
    mkdirSync(dirname(to), { recursive: true });
    if (entry.isDirectory()) mkdirSync(to);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(from), to);
    else copyFileSync(from, to);
  }
}

/** Modes and owners that do not hang on who checked out or built, and with which umask: what may be run stays so. */
function plainModes(system: string, names: readonly string[]): void {
  for (const name of names) {
    const path = join(system, name);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (!stat || stat.isSymbolicLink()) continue;
    chmodSync(path, stat.mode & 0o100 ? 0o755 : 0o644);
    chownSync(path, 0, 0);
  }
}

const below = (folder: string): readonly string[] =>
  existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];

/** Where `@VERSION@` stands for the version. */
function nameVersion(system: string, version: string): void {
  const file = join(system, 'etc/rauc/system.conf');
  if (existsSync(file)) writeFileSync(file, readFileSync(file, 'utf8').replaceAll('@VERSION@', version));
}

export async function makeSystem(system: string, parts: SystemParts, builder: Builder): Promise<void> {
  rmSync(system, { recursive: true, force: true });
  mkdirSync(system, { recursive: true });
  const words = ['--extract', '--numeric-owner', '--preserve-permissions'];
  await run('tar', [...words, '--file', parts.userland, '--directory', system]);
  prune(system);
  await addModules(system, parts.extracted, builder);
  addFirmware(system, parts.extracted);
  addAuthorities(system, parts.extracted);
  addRuntime(system, parts.runtime);
  addLicences(system, parts.extracted, parts.runtime);
  const device = join(IMAGE, 'device');
  lay(device, system);
  addFacts(system, parts);
  nameVersion(system, parts.version);
  for (const folder of ['data', 'boot/firmware']) mkdirSync(join(system, folder), { recursive: true });
  const runtime = below(join(system, 'usr/lib/dualtone')).map((name) => join('usr/lib/dualtone', name));
  plainModes(system, [...runtime, ...below(join(IMAGE, 'files')), ...below(device), 'data', 'boot/firmware']);
  await addAccounts(system, builder, parts.lock.epoch);
  if (parts.variant) {
    lay(parts.variant, system);
    plainModes(system, below(parts.variant));
  }
}
