/** Today's versions of all packages, by the archive's own signed lists. */
import { writeFileSync } from 'node:fs';
import { aptOf, mirror } from './apt.ts';
import { type Package, serializeLock } from './lock.ts';
import { ROLES, type Role, WANTED } from './packages.ts';
import { LOCK } from './places.ts';
import { step } from './step.ts';

type Apt = Awaited<ReturnType<typeof aptOf>>;

/** `Inst NAME (VERSION SUITE [ARCHITECTURE])` of a simulated installation, as `NAME=VERSION`. */
async function closureOf(apt: Apt, names: readonly string[]): Promise<readonly string[]> {
  if (names.length === 0) return [];
  const said = await apt('apt-get', 'install', '--simulate', '-qq', '--no-install-recommends', ...names);
  return [...said.matchAll(/^Inst (\S+) \((\S+) /gm)].map(([, name, version]) => `${name}=${version}`);
}

/** `'URI' FILE SIZE SHA256:HASH` of what would be downloaded. */
async function located(
  apt: Apt,
  role: Role,
  address: string,
  names: readonly string[],
): Promise<readonly Package[]> {
  const said = await apt('apt-get', 'download', '--print-uris', '-qq', ...names);
  return [...said.matchAll(/^'([^']+)' (\S+) \d+ SHA256:([0-9a-f]{64})$/gm)].map(
    ([, uri = '', file = '', sha256 = '']) => {
      const [name = '', version = '', rest = ''] = file.split('_');
      const architecture = rest.replace(/\.deb$/, '');
      if (!uri.startsWith(address)) throw new Error(`${uri} is not below ${address}`);
      return {
        role,
        name,
        version: decodeURIComponent(version),
        architecture,
        sha256,
        path: uri.slice(address.length),
      };
    },
  );
}

async function resolved(apt: Apt, role: Role, address: string): Promise<readonly Package[]> {
  const { installed, alone, through } = WANTED[role];
  const names = [...(await closureOf(apt, installed)), ...alone];
  if (through)
    names.push(...(await closureOf(apt, [through.name])).filter((name) => through.only.test(name)));
  const found = await located(apt, role, address, names);
  if (found.length !== names.length)
    throw new Error(`${role}: ${names.length} packages wanted, ${found.length} in the archive's lists`);
  return found;
}

/** Writes packages.lock anew. */
export async function relock(): Promise<void> {
  const address = await mirror();
  const packages: Package[] = [];
  for (const role of ROLES)
    packages.push(
      ...(await step(`resolve ${role}`, async () =>
        resolved(await aptOf(WANTED[role].architecture, address), role, address),
      )),
    );
  const day = 86_400;
  writeFileSync(LOCK, serializeLock({ epoch: Math.floor(Date.now() / 1000 / day) * day, packages }));
}
