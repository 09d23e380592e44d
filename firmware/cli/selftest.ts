import { mindRunningPhone } from './running_phone.ts';
import { typedLines } from './typed_lines.ts';
import { CommandError, type SelftestOutcome, type Verb } from './verb.ts';

export const verb: Verb = {
  usage: 'selftest [--board NAME|FILE] [--config FILE] [--learn-dial]',
  summary: 'tries every part of a board; asks for your hands where stdin is a terminal, else ends by itself',
  options: {
    board: { type: 'string' },
    config: { type: 'string' },
    'learn-dial': { type: 'boolean' },
  },
  async act(given, { terminal, hardware }) {
    const config = given.text('config');
    const board = given.text('board') ?? 'sim';
    await mindRunningPhone(given, board, terminal);
    // Ctrl-C while a bell rings must not leave it ringing.
    const typed = process.stdin.isTTY ? typedLines(process.stdin) : undefined;
    try {
      const outcome = await hardware.selftest(
        {
          board,
          ...(config !== undefined && { config }),
          ...(typed !== undefined && { lines: typed }),
          learnDial: given.is('learn-dial'),
        },
        terminal,
      );
      terminal.out(verdict(outcome));
    } finally {
      typed?.close();
    }
  },
};

/** The last line; a CommandError when something failed, or nobody can say. */
function verdict({ failures, left, quit }: SelftestOutcome): string {
  const parts = new Set(failures.map((failure) => failure.split(':')[0]));
  const untried = left.length > 0 ? `left out: ${left.join(', ')}` : '';
  if (parts.size > 0) {
    const failed = `failed: ${[...parts].join(', ')}; why is said above`;
    throw new CommandError(untried === '' ? failed : `${failed}; ${untried}`);
  }
  if (quit) throw new CommandError(`ended before all was tried; ${untried}`);
  return untried === '' ? 'all is well' : `what was tried is well; ${untried}`;
}
