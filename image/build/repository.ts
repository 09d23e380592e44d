/** Locked packages as an archive of their own on this machine, from which mmdebstrap installs and nothing else. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { debOf } from './archive.ts';
import { keyOf, type Package } from './lock.ts';
import { SUITE } from './packages.ts';
import { cached } from './places.ts';
import { run } from './run.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A paragraph of the index `Packages`: what the package says of itself, and where it is. */
async function paragraph(one: Package): Promise<string> {
  const control = await run('dpkg-deb', ['--field', debOf(one)]);
  const { size } = statSync(debOf(one));
  return `${control.trimEnd()}\nFilename: ./${one.sha256}.deb\nSize: ${size}\nSHA256: ${one.sha256}\n`;
}

/** The line of sources.list for a folder with these packages. */
export async function repositoryOf(packages: readonly Package[], epoch: number): Promise<string> {
  const folder = join(cached('repositories'), keyOf(packages, ''));
  if (!existsSync(join(folder, 'Packages'))) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const paragraphs: string[] = [];
    for (const one of packages) {
      symlinkSync(debOf(one), join(folder, `${one.sha256}.deb`));
      paragraphs.push(await paragraph(one));
    }
    const index = paragraphs.join('\n');
    // By the name of the suite mmdebstrap finds what is essential.
    writeFileSync(
      join(folder, 'Release'),
      `Suite: ${SUITE}\nCodename: ${SUITE}\nDate: ${new Date(epoch * 1000).toUTCString()}\nSHA256:\n ${sha256(index)} ${Buffer.byteLength(index)} Packages\n`,
    );
    writeFileSync(join(folder, 'Packages'), index);
  }
  return `deb [trusted=yes] copy:${folder} ./`;
}

/** Words of mmdebstrap that both the builder and the device's userland are made with. */
export async function bootstrap(
  packages: readonly Package[],
  architecture: string,
  target: string,
  epoch: number,
) {
  const words = [
    '--mode=root',
    '--variant=essential',
    `--architectures=${architecture}`,
    `--include=${packages.map(({ name }) => name).join(',')}`,
    '--dpkgopt=force-unsafe-io',
    // The licences stay, the rest of the documentation does not.
    '--dpkgopt=path-exclude=/usr/share/man/*',
    '--dpkgopt=path-exclude=/usr/share/info/*',
    '--dpkgopt=path-exclude=/usr/share/locale/*/LC_MESSAGES/*',
    '--dpkgopt=path-exclude=/usr/share/doc/*',
    '--dpkgopt=path-include=/usr/share/doc/*/copyright',
    // Names of hardware, which udev would compile for half a minute under emulation.
    '--dpkgopt=path-exclude=/usr/lib/udev/hwdb.d/*',
  ];
  const env = { ...process.env, SOURCE_DATE_EPOCH: String(epoch), DEBIAN_FRONTEND: 'noninteractive' };
  await run('mmdebstrap', [...words, SUITE, target, await repositoryOf(packages, epoch)], { env });
}
