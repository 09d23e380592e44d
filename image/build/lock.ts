/**
 * `packages.lock`: one line a package, `ROLE NAME VERSION ARCHITECTURE SHA256 PATH`; the path is relative to the
 * archive's root, so that any mirror serves. `date YYYY-MM-DD` is the day of the list, and the date of every file of the
 * card: no clock of a telephone that trusts it is behind that. Lines of `#` say something to the reader.
 */
import { createHash } from 'node:crypto';
import { builderOf, ROLES, type Role } from './packages.ts';

export interface Package {
  readonly role: Role;
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** 64 digits, lower case. */
  readonly sha256: string;
  readonly path: string;
}

export interface Lock {
  /** Seconds since 1970, midnight UTC. */
  readonly epoch: number;
  readonly packages: readonly Package[];
}

const HEAD = `# Every Debian package of the card and of its builder. "npm run image -- --relock" writes it anew.
# role name version architecture sha256 path
`;

const isRole = (word: string | undefined): word is Role => ROLES.some((role) => role === word);

function packageOf(line: string, number: number): Package {
  const [role, name, version, architecture, sha256, path, ...more] = line.split(' ');
  const whole = isRole(role) && name && version && architecture && sha256 && path && more.length === 0;
  if (!whole)
    throw new Error(`packages.lock, line ${number}: wants ROLE NAME VERSION ARCHITECTURE SHA256 PATH`);
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error(`packages.lock, line ${number}: no SHA-256: ${sha256}`);
  // What stands here becomes part of an address and of file names.
  if (!/^pool\/[\w.+~%/-]+\.deb$/.test(path) || path.includes('..'))
    throw new Error(`packages.lock, line ${number}: no path of an archive: ${path}`);
  return { role, name, version, architecture, sha256, path };
}

/** Throws an Error that names the line. */
export function parseLock(text: string): Lock {
  const packages: Package[] = [];
  let epoch = Number.NaN;
  for (const [index, line] of text.split('\n').entries()) {
    const [, day] = /^date (\d{4}-\d\d-\d\d)$/.exec(line) ?? [];
    if (day) epoch = Date.parse(`${day}T00:00:00Z`) / 1000;
    else if (line && !line.startsWith('#')) packages.push(packageOf(line, index + 1));
  }
  if (!Number.isFinite(epoch)) throw new Error('packages.lock: no line "date YYYY-MM-DD"');
  return { epoch, packages };
}

const lineOf = (one: Package): string =>
  [one.role, one.name, one.version, one.architecture, one.sha256, one.path].join(' ');

const rank = (role: Role): number => ROLES.indexOf(role);
const order = (a: Package, b: Package): number =>
  rank(a.role) - rank(b.role) || (a.name < b.name ? -1 : Number(a.name > b.name));

export function serializeLock({ epoch, packages }: Lock): string {
  const day = new Date(epoch * 1000).toISOString().slice(0, 10);
  return `${HEAD}date ${day}\n${packages.toSorted(order).map(lineOf).join('\n')}\n`;
}

export const ofRole = (packages: readonly Package[], role: Role): readonly Package[] =>
  packages.filter((one) => one.role === role);

/** Of the builder on this machine. */
export const ofBuilder = (packages: readonly Package[]): readonly Package[] =>
  ofRole(packages, builderOf(process.arch));

/** Changes when a package of these does, or the recipe. */
export const keyOf = (packages: readonly Package[], recipe: string): string =>
  createHash('sha256')
    .update(packages.map(lineOf).join('\n'))
    .update('\0')
    .update(recipe)
    .digest('hex')
    .slice(0, 16);
