/** Power cuts of the card, as many as one likes. */
import { existsSync } from 'node:fs';
import { missingForQemu } from '../../image/qemu/possible.ts';
import { cutPower } from '../card/power.ts';
import { IMAGE_FILE } from '../card/stand.ts';

/** Why it cannot be done here; undefined: it can. */
export function noCardBecause(): string | undefined {
  const missing = missingForQemu();
  if (missing.length > 0) return `an emulated machine is needed: apt-get install ${missing.join(' ')}`;
  return existsSync(IMAGE_FILE) ? undefined : `${IMAGE_FILE} is not there: "npm run image" builds it`;
}

/** @param seed chooses the moments */
export async function soakPower(times: number, seed: number): Promise<boolean> {
  const begin = performance.now();
  const minutes = () => ((performance.now() - begin) / 60_000).toFixed(1).padStart(6);
  console.log(`${times} power cuts with seed ${seed}`);
  try {
    const findings = await cutPower(times, seed, (text) => console.error(`${minutes()} min  ${text}`));
    for (const finding of findings) console.log(`✔ ${finding}`);
    return true;
  } catch (error) {
    console.log(`✖ ${error instanceof Error ? error.message : error} (seed ${seed})`);
    return false;
  }
}
