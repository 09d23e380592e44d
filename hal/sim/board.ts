/** The board profile of the simulated handset, boards/sim.json. */
import profile from '../boards/sim.json' with { type: 'json' };

export const SIMULATED_BOARD = profile;
