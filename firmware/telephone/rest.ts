/** Rest, for when a telephone was killed, is a matter of a second: nothing else is loaded for it. */
import type { HardwareDeeds } from '#cli/verb.ts';
import { loadBoard } from '#hal/boards/load.ts';

/** Outputs of a board that could do harm, as a killed phone left them, go to rest. */
export async function rest(name: string): ReturnType<HardwareDeeds['rest']> {
  const board = await loadBoard(name);
  if (board.driver === 'sim') return [];
  const [{ putToRest }, { harmfulOutputs }] = await Promise.all([
    import('#hal/linux/outputs_at_rest.ts'),
    import('#hal/boards/harmful.ts'),
  ]);
  return putToRest(harmfulOutputs(board));
}
