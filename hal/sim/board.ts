/** The board profile of the simulated handset, boards/sim.json. */
import profile from '../boards/sim.json' with { type: 'json' };

/** A part of a telephone, as `status` names it. */
export type Part = string;

export interface BoardProfile {
  /** What `--board` calls it. */
  readonly name: string;
  readonly description: string;
  /** The directory of hal that drives it. */
  readonly driver: string;
  readonly parts: readonly Part[];
  readonly display: { readonly columns: number; readonly lines: number };
}

export const SIMULATED_BOARD: BoardProfile = profile;
