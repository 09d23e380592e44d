/** What is handed out: the packed card, its block map, and what all of it weighs. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Builder } from './builder.ts';
import { times } from './step.ts';

/** Octets that may not be exceeded: what people wait for, and what is streamed at night. */
export const LIMITS: Readonly<Record<string, number>> = {
  'dualtone.img.xz': 200_000_000,
  'dualtone.raucb': 120_000_000,
};

/**
 * Both slots hold the same octets: with a dictionary that reaches from one to the other, the second weighs nothing. What is
 * in them is packed already, so that nothing more than this is to be found.
 */
const FILTER = '--lzma2=preset=0,dict=512MiB';

export async function pack(card: string, builder: Builder): Promise<void> {
  await builder(['xz', '--keep', '--force', '--threads=1', '--check=crc32', FILTER, card]);
}

export async function mapBlocks(card: string, builder: Builder): Promise<void> {
  await builder(['bmaptool', 'create', '--output', card.replace(/\.img$/, '.bmap'), card]);
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(file)) hash.update(part);
  return hash.digest('hex');
}

/** Names of what is larger than it may be. */
export const tooLarge = (sizes: Readonly<Record<string, number>>): readonly string[] =>
  Object.entries(LIMITS)
    .filter(([name, limit]) => (sizes[name] ?? 0) > limit)
    .map(([name, limit]) => `${name}: ${sizes[name]} octets, more than ${limit}`);

/** Writes sizes.json and says what there is. `more`: sizes of the parts. Throws an Error where something is too large. */
export async function account(
  { version, out }: { readonly version: string; readonly out: string },
  files: readonly string[],
  more: Readonly<Record<string, number>>,
) {
  const present = files.filter((file) => existsSync(file));
  const sizes = Object.fromEntries(present.map((file) => [basename(file), statSync(file).size]));
  const sums: Record<string, string> = {};
  for (const file of present) sums[basename(file)] = await sha256(file);
  const report = { version, sizes: { ...sizes, ...more }, sha256: sums, seconds: times() };
  writeFileSync(join(out, 'sizes.json'), `${JSON.stringify(report, null, 2)}\n`);
  const mib = (octets: number) => `${(octets / 1e6).toFixed(1).padStart(8)} MB`;
  for (const [name, size] of Object.entries(report.sizes)) console.log(`${mib(size)}  ${name}`);
  for (const [name, sum] of Object.entries(sums)) console.log(`${sum}  ${name}`);
  const excess = tooLarge(sizes);
  if (excess.length > 0) throw new Error(excess.join('\n'));
}
