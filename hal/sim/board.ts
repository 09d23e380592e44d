/** The board profile of the simulated handset, boards/sim.json. */
import profile from '../boards/sim.json' with { type: 'json' };

export interface BoardProfile {
  /** What `--board` calls it. */
  readonly name: string;
  readonly description: string;
  /** The directory of hal that drives it. */
  readonly driver: string;
  readonly parts: readonly string[];
  readonly display: { readonly columns: number; readonly lines: number };
}

export const SIMULATED_BOARD: BoardProfile = profile;
