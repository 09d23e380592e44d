/** Bundles for stories: the card's own system with something laid over it, signed by the key of this machine or another. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { selfSigned } from '../../image/build/keys.ts';
import { CHECKOUT, OUT } from '../../image/build/places.ts';
import { IMAGE_FILE } from './stand.ts';

const BUILD = join(CHECKOUT, 'image/build/main.ts');
const FOLDER = join(OUT, 'lab');

export interface Wished {
  readonly version: string;
  /** Files that are laid over the system, by their paths there. */
  readonly files?: Readonly<Record<string, string>>;
  /** Made once, for a bundle that this card does not believe. */
  readonly foreign?: boolean;
}

/** Its path; made where it is not there yet, or older than the card. */
export function bundle(
  { version, files = {}, foreign = false }: Wished,
  say: (text: string) => void,
): string {
  const path = join(FOLDER, foreign ? 'foreign' : 'own', `dualtone-${version}.raucb`);
  if (existsSync(path) && statSync(path).mtimeMs > statSync(IMAGE_FILE).mtimeMs) return path;
  say(`making the bundle of ${version}${foreign ? ', signed by a stranger' : ''}`);
  const variant = mkdtempSync(join(tmpdir(), 'dualtone-variant-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(variant, name)), { recursive: true });
      writeFileSync(join(variant, name), text);
    }
    const signed = foreign ? strangersKeys() : [];
    const words = [BUILD, '--variant', variant, '--version', version, '--out', dirname(path), ...signed];
    const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8', maxBuffer: 2 ** 26 });
    if (status !== 0) throw new Error(`the bundle of ${version} could not be made: ${stderr.slice(-2000)}`);
  } finally {
    rmSync(variant, { recursive: true });
  }
  return path;
}

function strangersKeys(): readonly string[] {
  mkdirSync(FOLDER, { recursive: true });
  const [key, cert] = [join(FOLDER, 'stranger.key'), join(FOLDER, 'stranger.crt')];
  if (!existsSync(cert)) spawnSync('openssl', selfSigned(key, cert, '/CN=stranger'));
  return ['--key', key, '--cert', cert];
}
