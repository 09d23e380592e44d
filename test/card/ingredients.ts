/**
 * What the card is made of beside most of the firmware's own code, which changes daily and is tested without a card: image/, what
 * speaks to RAUC (only on the card there is a real one), the packages that the bundle carries, how it is built and
 * installed, and the stories that are told of it.
 */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

export interface Ingredient {
  /** Path in the checkout, or what it is. */
  readonly name: string;
  readonly octets: Buffer;
}

export const PLACES: readonly string[] = [
  'firmware/telephone/rauc.ts',
  'firmware/telephone/update_folder.ts',
  'firmware/telephone/updates.ts',
  'firmware/update',
  'image',
  'test/card',
  'test/soak/image.ts',
  'tools/build.ts',
  'tools/install.ts',
  'tools/installation.ts',
];
/** What is made of them. */
const MADE = /^image\/out(?:\/|$)/;

/** In order of their names. */
export function ingredients(checkout: string): readonly Ingredient[] {
  const files = PLACES.flatMap((place) => filesIn(checkout, place)).toSorted();
  const read = (name: string): Ingredient => ({ name, octets: octetsOf(join(checkout, name)) });
  const lock = JSON.parse(readFileSync(join(checkout, 'package-lock.json'), 'utf8')) as Lock;
  return [...files.map(read), { name: 'packages', octets: Buffer.from(carried(lock)) }];
}

/** With what may be run marked so. Links of the card lead to what is there only on the card: they are where they lead to. */
function octetsOf(path: string): Buffer {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return Buffer.from(`-> ${readlinkSync(path)}`);
  const octets = readFileSync(path);
  return stat.mode & 0o100 ? Buffer.concat([Buffer.from('+x\n'), octets]) : octets;
}

interface Lock {
  readonly packages: Readonly<Record<string, Package>>;
}

interface Package {
  readonly version?: string;
  readonly integrity?: string;
  /** For building and testing alone. */
  readonly dev?: boolean;
}

/** A line each of what the bundle carries, native packages and Node among it. */
function carried({ packages }: Lock): string {
  const lines = Object.entries(packages).flatMap(([path, { version, integrity, dev }]) =>
    path === '' || dev ? [] : [`${path} ${version} ${integrity}`],
  );
  return lines.toSorted().join('\n');
}

function filesIn(checkout: string, place: string): readonly string[] {
  if (MADE.test(place)) return [];
  if (!lstatSync(join(checkout, place)).isDirectory()) return [place];
  return readdirSync(join(checkout, place)).flatMap((name) => filesIn(checkout, `${place}/${name}`));
}
