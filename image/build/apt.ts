/** An apt of its own for one architecture: it knows Debian's archive, and nothing of the host's packages. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMPONENTS, FROM_LATER, LATER, SUITES } from './packages.ts';
import { cached } from './places.ts';
import { run } from './run.ts';

export const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** The archive's address, ending with `/`: what the host's own apt uses, or DUALTONE_MIRROR. */
export async function mirror(): Promise<string> {
  const given = process.env.DUALTONE_MIRROR;
  if (given) return `${given.replace(/\/+$/, '')}/`;
  const said = await run('apt-get', [
    'indextargets',
    '--format',
    '$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(REPO_URI)',
  ]);
  const [, , , address] =
    said
      .split('\n')
      .map((line) => line.split('|'))
      .find(isDebian) ?? [];
  if (!address) throw new Error("the host's apt knows no Debian archive: name one in DUALTONE_MIRROR");
  return `${address.replace(/\/+$/, '')}/`;
}

const isDebian = ([origin, label, component]: readonly string[]): boolean =>
  origin === 'Debian' && label === 'Debian' && component === 'main';

/** apt_preferences(5). */
const PREFERENCES = `Package: ${FROM_LATER.join(' ')}
Pin: release n=${LATER}
Pin-Priority: 600

Package: *
Pin: release n=${LATER}
Pin-Priority: -1
`;

const CONFIGURATION = (root: string, architecture: string): string => `
Dir "${root}";
Dir::State::status "${root}/var/lib/dpkg/status";
APT::Architecture "${architecture}";
APT::Architectures { "${architecture}"; };
APT::Install-Recommends "false";
APT::Sandbox::User "root";
Acquire::Languages "none";
`;

/** Runs apt's programs for `architecture`, with fresh lists of the archive at `address`. */
export async function aptOf(architecture: string, address: string) {
  const root = cached('apt', architecture);
  for (const folder of [
    'etc/apt',
    'var/lib/apt/lists/partial',
    'var/cache/apt/archives/partial',
    'var/lib/dpkg',
  ])
    mkdirSync(join(root, folder), { recursive: true });
  const file = join(root, 'apt.conf');
  writeFileSync(file, CONFIGURATION(root, architecture));
  writeFileSync(join(root, 'var/lib/dpkg/status'), '');
  // Lists of a suite that is not released are good for a week; a mirror may be behind, and the lock list names hashes anyway.
  const options = (suite: string) => `signed-by=${KEYRING}${suite === LATER ? ' check-valid-until=no' : ''}`;
  const source = (suite: string) => `deb [${options(suite)}] ${address} ${suite} ${COMPONENTS.join(' ')}\n`;
  writeFileSync(join(root, 'etc/apt/sources.list'), SUITES.map(source).join(''));
  writeFileSync(join(root, 'etc/apt/preferences'), PREFERENCES);
  const env = { ...process.env, APT_CONFIG: file };
  const apt = (program: string, ...args: string[]): Promise<string> => run(program, args, { env });
  await apt('apt-get', 'update');
  return apt;
}
