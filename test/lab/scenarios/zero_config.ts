/**
 * Plug it in and it works: telephones out of their boxes on LANs of every kind, each path to a configuration alone, what
 * they do when servers die, and whom they do not believe.
 */

import type { Finding } from './zero_config_house.ts';
import { LANS, lan, tell } from './zero_config_lans.ts';
import { PATHS, paths } from './zero_config_paths.ts';
import { trust } from './zero_config_trust.ts';

export const PARTS = ['lans', 'paths', 'trust'] as const;
export type Part = (typeof PARTS)[number];

/** ms from the network being up to a call, or to an account, where nobody else uses the processors. */
export const GOAL = 10_000;

export interface Wish {
  /** Of everything something. */
  readonly short?: boolean;
  readonly goal?: number;
}

export async function zeroConfig(
  parts: readonly Part[],
  { short = false, goal = GOAL }: Wish = {},
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const find = (what: string, good: boolean, seen: string) => void findings.push({ what, good, seen });
  if (parts.includes('lans'))
    for (const each of short ? LANS.slice(0, 3) : LANS) tell(await lan(each), find, goal);
  if (parts.includes('paths'))
    await paths(
      PATHS.filter(({ isShort }) => !short || isShort),
      find,
      goal,
    );
  if (parts.includes('trust')) await trust(find);
  return findings;
}
