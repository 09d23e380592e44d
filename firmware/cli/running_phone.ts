/** Verbs that take the lines of a board look first whether a phone has them: two drivers at one bell do harm. */
import type { Status } from '#phone/types.ts';
import { isListening } from './control_probe.ts';
import { controlSocket, dataDir, SYSTEM_DATA } from './data_dir.ts';
import { CommandError, type Given, type Terminal } from './verb.ts';

/** ms that a phone may take to say which hardware it has. */
const PATIENCE = 2000;

/**
 * Rejects with a CommandError when a phone runs that has hardware: that of `--data`, or the one of the system. The
 * states of its parts are shown, for they are what was asked about.
 *
 * @param board simulated ones take no lines
 */
export async function mindRunningPhone(given: Given, board: string, terminal: Terminal): Promise<void> {
  if (board === 'sim') return;
  for (const data of new Set([dataDir(given.text('data')), SYSTEM_DATA])) {
    if (!(await isListening(controlSocket(data)))) continue;
    const { ControlClient } = await import('./control_client.ts');
    const { hardware } = await new ControlClient(data, PATIENCE).get<Status>('/status');
    if (hardware.every(({ driver }) => driver === 'sim')) continue;
    terminal.out(`the phone with ${data} says of its parts`);
    for (const { part, state, driver, note } of hardware)
      terminal.out(`  ${state.padEnd(7)} ${part.padEnd(18)} ${note || driver}`);
    throw new CommandError(
      'a phone runs on this board: stop it first ("systemctl stop dualtone"), or use the self-test of its page',
    );
  }
}
