/** The power goes three times while the card is written; `npm run soak -- power` does it more often. */
import { cutPower } from '../power.ts';

/** So that it can be done again. */
const SEED = 7;

export function story(say: (text: string) => void): Promise<readonly string[]> {
  return cutPower(3, SEED, say);
}
