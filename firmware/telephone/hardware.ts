/** What is done at the hardware: its handset, and its selftest. */
import { loadConfig } from '#cli/config_file.ts';
import type { SelftestOutcome, SelftestRequest, Terminal } from '#cli/verb.ts';
import { loadBoard } from '#hal/boards/load.ts';
import type { BoardProfile } from '#hal/boards/schema.ts';
import { SimulatedHandset } from '#hal/sim/simulated_handset.ts';
import type { Hardware } from '#hal/types.ts';
import type { AudioDevices } from '#media/types.ts';
import type { Config } from '#provisioning/schema.ts';
import type { Log } from './log.ts';

/** By default the sound card of the board, and without a board the handset in the page. */
export function devicesOf({ input, output }: Config['audio'], board: BoardProfile): AudioDevices {
  const own = board.driver === 'linux' ? board.sound : undefined;
  const device = (name: string, ofBoard = 'web') => (name === 'default' ? ofBoard : name);
  const devices = { input: device(input, own?.input), output: device(output, own?.output) };
  if (own === undefined) return devices;
  const { period, sidetone, mixer } = own;
  return {
    ...devices,
    sound: {
      ...(period !== undefined && { period }),
      ...(sidetone !== undefined && { sidetone }),
      ...(mixer !== undefined && { mixer }),
    },
  };
}

export async function handset(board: BoardProfile, country: string, log: Log): Promise<Hardware> {
  if (board.driver === 'sim') return new SimulatedHandset(board);
  const [{ LinuxHandset }, { missingPackages }] = await Promise.all([
    import('#hal/linux/handset.ts'),
    import('#hal/selftest/packages.ts'),
  ]);
  const missing = await missingPackages(board);
  if (missing !== undefined) log('warn', missing);
  return new LinuxHandset({ board, country });
}

/** Tries the parts of a board. */
export async function selftest(request: SelftestRequest, { out }: Terminal): Promise<SelftestOutcome> {
  const { config } = await loadConfig(request.config);
  const board = await loadBoard(request.board);
  const { describeMachine } = await import('#hal/selftest/machine.ts');
  for (const line of await describeMachine()) out(line);
  if (request.learnDial) {
    return { failures: await learnDialOf(board, config.country, out), left: [], quit: false };
  }
  const [{ runSelftest }, { selftestSound }] = await Promise.all([
    import('#hal/selftest/run.ts'),
    import('#engine/selftest_sound.ts'),
  ]);
  const { lines } = request;
  return runSelftest({
    board,
    hardware: await handset(board, config.country, (_, text) => out(text)),
    ...(board.driver === 'linux' && board.sound && { sound: selftestSound(devicesOf(config.audio, board)) }),
    out,
    ...(lines !== undefined && { lines }),
  });
}

async function learnDialOf(board: BoardProfile, country: string, out: Terminal['out']) {
  const dial = board.driver === 'linux' ? board.parts.find((part) => part.kind === 'dial') : undefined;
  if (board.driver !== 'linux' || dial === undefined) return [`${board.name} has no dial`];
  const [{ learnDial }, { systemDrivers }] = await Promise.all([
    import('#hal/selftest/learn_dial.ts'),
    import('#hal/linux/drivers.ts'),
  ]);
  const { pulse, offNormal, coding } = await learnDial(dial, systemDrivers(board, country), out);
  out(`in the profile: "pulse": {… "contact": "${pulse}"}, "coding": "${coding}"`);
  out(
    offNormal === undefined
      ? 'and no "offNormal": its contact did not move'
      : `and "offNormal": {… "contact": "${offNormal}"}`,
  );
  return [];
}
