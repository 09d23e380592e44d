import { mindRunningPhone } from './running_phone.ts';
import { boardOfService } from './service_files.ts';
import { CommandError, type HardwareDeeds, type Terminal, type Verb } from './verb.ts';

interface Needs {
  readonly terminal: Terminal;
  readonly hardware: Pick<HardwareDeeds, 'rest'>;
}

export const verb: Verb<Needs> = {
  usage: 'rest [--board NAME|FILE]',
  summary: 'puts bells, ring generators and amplifiers of a board to rest, for when its phone was killed',
  options: { board: { type: 'string' } },
  async act(given, { terminal, hardware }) {
    const board = given.text('board') ?? boardOfService() ?? 'sim';
    await mindRunningPhone(given, board, terminal);
    const rested = await hardware.rest(board);
    for (const { name, note } of rested) terminal.out(`${name}: ${note}`);
    const failed = rested.filter(({ ok }) => !ok).map(({ name }) => name);
    if (failed.length > 0) {
      throw new CommandError(`not at rest: ${failed.join(', ')}; dualtone selftest says what is missing`);
    }
  },
};
